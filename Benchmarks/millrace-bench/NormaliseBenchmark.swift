import ArgumentParser
import Glibc
import JSON
import Normalisation

/// Documents and megabytes a second of one normaliser, from bytes to finished documents.
struct NormaliseBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "normalise", abstract: "Documents and MB a second, one worker.")

    @Argument(help: "A directory of pages, feeds and texts, .gz or not.")
    var directory: String
    @Option(help: "At most so many files.")
    var limit = Int.max
    @Option(help: "Rounds over all files; the best one counts.")
    var rounds = 3

    func run() throws {
        let files = try Files.read(directory, limit: limit)
        guard !files.isEmpty else { throw BenchmarkError("\(directory) holds no files") }
        guard let normaliser = Normaliser() else { throw BenchmarkError("libcrypto offers no SHA-256") }
        let clock = ContinuousClock()
        var best = Duration.seconds(1_000_000)
        var slowest = (name: "", time: Duration.zero)
        var documents = 0
        var without = 0
        let before = ProcessFigures.own().peak
        var afterFirst = before
        for round in 1...max(rounds, 1) {
            documents = 0
            without = 0
            var total = Duration.zero
            for file in files {
                var input = NormaliserInput(bytes: file.bytes, source: "bench", uri: "file:///\(file.name)")
                input.mediaType = file.mediaType
                let begin = clock.now
                let result = normaliser.normalise(input)
                let time = clock.now - begin
                total += time
                documents += result.documents.count
                if result.documents.isEmpty { without += 1 }
                if round == 1, time > slowest.time { slowest = (file.name, time) }
            }
            best = min(best, total)
            if round == 1 { afterFirst = ProcessFigures.own().peak }
        }
        let megabytes = Double(files.reduce(0) { $0 + $1.bytes.count }) / 1e6
        printResult([
            "benchmark": "normalise", "inputs": .integer(Int64(files.count)), "documents": .integer(Int64(documents)),
            "without_documents": .integer(Int64(without)), "megabytes": megabytes.rounded2,
            "seconds": best.seconds.rounded2, "inputs_per_second": (Double(files.count) / best.seconds).rounded2,
            "documents_per_second": (Double(documents) / best.seconds).rounded2,
            "megabytes_per_second": (megabytes / best.seconds).rounded2,
            "slowest": ["name": .string(slowest.name), "milliseconds": (slowest.time.seconds * 1000).rounded2],
            "memory": [
                "inputs_read_mebibytes": (Double(before) / 1_048_576).rounded2,
                "peak_first_round_mebibytes": (Double(afterFirst) / 1_048_576).rounded2,
                "peak_mebibytes": (Double(ProcessFigures.own().peak) / 1_048_576).rounded2,
            ],
        ])
    }
}
