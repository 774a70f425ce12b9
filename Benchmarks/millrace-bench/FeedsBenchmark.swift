import ArgumentParser
import ControlClient
import Glibc
import JSON
import Normalisation

/// What one feed, or a file of records, takes again and again on one thread of this process; for
/// Benchmarks/feeds/compare.py.
struct FeedsBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feeds", abstract: "Seconds for one feed or file of records, in this process.")

    @Argument(help: "A feed, or records in JSON Lines (.jsonl); read before the clock starts.")
    var file: String
    @Option(help: "Rounds are made for so many seconds.")
    var seconds = 1.0

    func run() throws {
        guard let normaliser = Normaliser() else { throw BenchmarkError("libcrypto offers no SHA-256") }
        let inputs = try inputs(try Files.contents(file))
        var result: [String: JSONValue] = [
            "benchmark": "feeds",
            "documents": measure { inputs.reduce(0) { $0 + normaliser.normalise($1).documents.count } },
        ]
        if let input = inputs.first, input.framing == .whole {
            result["fields"] = measure { normaliser.countFeedEntries(input) }
        }
        printResult(.object(result))
    }

    /// A feed as it is, records in pieces, as the fetchers of files and of standard input and `millracectl ingest` hand them
    /// to a worker.
    private func inputs(_ bytes: [UInt8]) throws -> [NormaliserInput] {
        func input(_ bytes: [UInt8]) -> NormaliserInput {
            NormaliserInput(bytes: bytes, source: "bench", uri: "https://bench.example/in")
        }
        guard file.hasSuffix(".jsonl") else { return [input(bytes)] }
        var splitter = RecordSplitter(.json)
        var pieces: [RecordSplitter.Piece] = []
        try bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
                let part = bytes[start..<min(start + 1 << 20, bytes.count)]
                pieces += try splitter.push(UnsafeRawBufferPointer(rebasing: part))
            }
        }
        return (pieces + splitter.finish()).map { piece in
            var input = input(piece.bytes)
            input.framing = .json
            input.firstRecord = piece.firstRecord
            return input
        }
    }

    private func measure(_ body: () -> Int) -> JSONValue {
        let clock = ContinuousClock()
        // The first round fills caches and is not counted.
        var entries = body()
        var rounds = 0
        let begin = clock.now
        let processor = Self.processorSeconds
        repeat {
            entries = body()
            rounds += 1
        } while (clock.now - begin).seconds < seconds
        return [
            "entries": .integer(Int64(entries)), "seconds": .number((clock.now - begin).seconds / Double(rounds)),
            "processor_seconds": .number((Self.processorSeconds - processor) / Double(rounds)),
        ]
    }

    /// Of this process, in full resolution, as Python's `time.process_time`.
    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
