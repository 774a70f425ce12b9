import ArgumentParser
import Glibc
import JSON
import Normalisation

/// Documents and megabytes a second of one worker, from bytes to finished documents: the worker process over its pipes,
/// and the same code called in this process.
struct NormaliseBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "normalise", abstract: "Documents and MB a second, one worker.")

    @Argument(help: "A directory of pages, feeds and texts, .gz or not; read and unpacked before the clock starts.")
    var directory: String
    @Option(help: "At most so many files.")
    var limit = Int.max
    @Option(name: .customLong("repeat"), help: "Rounds over all files; the best one counts.")
    var rounds = 3

    func run() throws {
        let files = try Files.read(directory, limit: limit)
        guard !files.isEmpty else { throw BenchmarkError("\(directory) holds no files") }
        let megabytes = Double(files.reduce(0) { $0 + $1.bytes.count }) / 1e6
        let worker = try measureWorker(files, megabytes)
        let direct = try measureInProcess(files, megabytes)
        Progress.clear()
        printResult([
            "benchmark": "normalise", "inputs": .integer(Int64(files.count)), "megabytes": megabytes.rounded2,
            "rounds": .integer(Int64(max(rounds, 1))), "worker": worker, "in_process": direct,
        ])
    }

    private func measureWorker(_ files: [Files.Input], _ megabytes: Double) throws -> JSONValue {
        let worker = try MeasuredNormaliser()
        let begin = worker.figures
        var runs: [Run] = []
        var afterFirst = begin
        for round in 1...max(rounds, 1) {
            runs.append(try measure(files, "worker, round \(round)") { try worker.normalise($0) })
            if round == 1 { afterFirst = worker.figures }
        }
        let end = worker.figures
        return result(
            runs, megabytes,
            [
                "processor_seconds_per_round": ((end.processor - begin.processor) / Double(runs.count)).rounded2,
                "peak_mebibytes_first_round": (Double(afterFirst.peak) / 1_048_576).rounded2,
                "peak_mebibytes": (Double(end.peak) / 1_048_576).rounded2,
                "resident_mebibytes": (Double(end.resident) / 1_048_576).rounded2,
            ])
    }

    private func measureInProcess(_ files: [Files.Input], _ megabytes: Double) throws -> JSONValue {
        guard let normaliser = Normaliser() else { throw BenchmarkError("libcrypto offers no SHA-256") }
        let begin = ProcessFigures(of: getpid())
        var runs: [Run] = []
        for round in 1...max(rounds, 1) {
            runs.append(
                measure(files, "in this process, round \(round)") { file in
                    var input = NormaliserInput(bytes: file.bytes, source: "bench", uri: "file:///\(file.name)")
                    input.mediaType = file.mediaType
                    return normaliser.normalise(input).documents.count
                })
        }
        let processor = ProcessFigures(of: getpid()).processor - begin.processor
        return result(
            runs, megabytes, ["processor_seconds_per_round": (processor / Double(runs.count)).rounded2])
    }

    private struct Run {
        var total = Duration.zero
        var documents = 0
        var without = 0
        var times: [(name: String, time: Duration)] = []
    }

    private func measure(_ files: [Files.Input], _ what: String, _ body: (Files.Input) throws -> Int) rethrows -> Run {
        let clock = ContinuousClock()
        var run = Run()
        run.times.reserveCapacity(files.count)
        Progress.show("normalise: \(what), \(files.count) files")
        for file in files {
            let begin = clock.now
            let documents = try body(file)
            let time = clock.now - begin
            run.total += time
            run.documents += documents
            if documents == 0 { run.without += 1 }
            run.times.append((file.name, time))
        }
        return run
    }

    private func result(_ runs: [Run], _ megabytes: Double, _ more: [String: JSONValue]) -> JSONValue {
        guard let best = runs.min(by: { $0.total < $1.total }) else { return [:] }
        let seconds = best.total.seconds
        let times = best.times.sorted { $0.time < $1.time }
        let slowest = times.last ?? ("", .zero)
        func milliseconds(_ share: Double) -> JSONValue {
            (times[Int((Double(times.count - 1) * share).rounded())].time.seconds * 1000).rounded2
        }
        var members: [String: JSONValue] = [
            "documents": .integer(Int64(best.documents)), "without_documents": .integer(Int64(best.without)),
            "seconds": seconds.rounded2, "inputs_per_second": (Double(best.times.count) / seconds).rounded2,
            "documents_per_second": (Double(best.documents) / seconds).rounded2,
            "megabytes_per_second": (megabytes / seconds).rounded2, "milliseconds_p50": milliseconds(0.5),
            "milliseconds_p99": milliseconds(0.99),
            "slowest": [
                "name": .string(slowest.name), "milliseconds": (slowest.time.seconds * 1000).rounded2,
            ],
        ]
        members.merge(more) { $1 }
        return .object(members)
    }
}
