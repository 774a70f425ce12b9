import ArgumentParser
import CBareLog
import Glibc
import JSON
import WriteAheadLog

/// Synced appends a second with 1, 16 and 64 writers, beside a bare log in C in the same run on the same disk; then one large
/// sequential run, and reading it back.
struct LogBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Synced appends a second, beside a bare log in C.")

    @Option(help: "Where to write; its disk is what is measured.")
    var directory = "."
    @Option(help: "Seconds for each number of writers.")
    var seconds = 3.0
    @Option(help: "Bytes of a record.")
    var recordBytes = 1024
    @Option(help: "Rounds; Millrace and the bare log take turns, and the medians count.")
    var rounds = 3
    @Option(help: "MiB of the sequential run.")
    var sequential = 1024

    func validate() throws {
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds is more than 0 and at most 3600") }
        guard recordBytes > 0, recordBytes <= 16 << 20 else { throw ValidationError("--record-bytes is 1 to 16777216") }
        guard sequential > 0, sequential <= 1 << 20 else { throw ValidationError("--sequential is 1 to 1048576") }
    }

    func run() async throws {
        let scratch = try ScratchDirectory(in: directory)
        var writers: [JSONValue] = []
        for count in [1, 16, 64] { writers.append(try await measure(writers: count, in: scratch.path)) }
        Progress.show("log: \(sequential) MiB one after the other")
        let sequential = try await measureSequential(in: scratch.path)
        Progress.clear()
        printResult([
            "benchmark": "log", "record_bytes": .integer(Int64(recordBytes)), "writers": .array(writers),
            "sequential": sequential,
        ])
    }

    private func measure(writers: Int, in directory: String) async throws -> JSONValue {
        let records = [[UInt8](repeating: UInt8(ascii: "x"), count: recordBytes)]
        var runs: [(ours: MeasuredAppends, bare: bare_log_result)] = []
        for round in 1...max(rounds, 1) {
            Progress.show("log: \(writers) writers, round \(round) of \(max(rounds, 1))")
            let ours = try await MeasuredAppends(
                of: records, writers: writers, seconds: seconds, directory: "\(directory)/log-\(writers)-\(round)")
            var bare = bare_log_result()
            let failure = bare_log_append("\(directory)/bare", Int32(writers), recordBytes, 64 << 20, seconds, &bare)
            guard failure == 0 else { throw BenchmarkError("the bare log: \(String(cString: strerror(failure)))") }
            runs.append((ours, bare))
        }
        let ours = median(runs.map(\.ours)) { $0.rate }
        let bare = median(runs.map(\.bare)) { $0.rate }
        let ratios = runs.map { $0.bare.rate > 0 ? $0.ours.rate / $0.bare.rate : 0 }
        return [
            "writers": .integer(Int64(writers)), "appends_per_second": ours.rate.rounded2,
            "appends_per_sync": (Double(ours.count) / Double(max(ours.syncs, 1))).rounded2,
            "milliseconds_p50": ours.percentile(0.5).rounded3, "milliseconds_p99": ours.percentile(0.99).rounded3,
            "bare_c_appends_per_second": bare.rate.rounded2,
            "bare_c_appends_per_sync": (Double(bare.appends) / Double(max(bare.syncs, 1))).rounded2,
            "ratio_to_bare_c": median(ratios) { $0 }.rounded2, "ratios": .array(ratios.map(\.rounded2)),
        ]
    }

    private func median<Element>(_ elements: [Element], _ key: (Element) -> Double) -> Element {
        elements.sorted { key($0) < key($1) }[elements.count / 2]
    }

    private func measureSequential(in directory: String) async throws -> JSONValue {
        let piece = 1 << 20
        let total = max(sequential, 64) * piece
        let path = "\(directory)/sequential"
        let clock = ContinuousClock()
        let record = [UInt8](repeating: UInt8(ascii: "x"), count: piece)
        var begin = clock.now
        do {
            let log = try WriteAheadLog(directory: path)
            defer { log.close() }
            var last: UInt64 = 0
            for _ in 0..<(total / piece) {
                await log.room()
                var batch = LogBatch(capacity: piece + 64)
                batch.append(kind: 1, record)
                last = try log.enqueue(batch).upperBound
            }
            try await log.durable(last)
        }
        let written = (clock.now - begin).seconds
        var bare = bare_log_result()
        let failure = bare_log_sequential("\(directory)/bare", piece, 32 << 20, total, &bare)
        guard failure == 0 else { throw BenchmarkError("the bare file: \(String(cString: strerror(failure)))") }
        begin = clock.now
        let verification = try LogVerification(directory: path)
        let verified = (clock.now - begin).seconds
        guard verification.faults.isEmpty, verification.records == total / piece else {
            throw BenchmarkError("the log that was written is not sound: \(verification.faults)")
        }
        begin = clock.now
        let reopened = try WriteAheadLog(directory: path)
        let opened = (clock.now - begin).seconds
        reopened.close()
        let megabytes = Double(total) / 1e6
        return [
            "megabytes": megabytes.rounded2, "megabytes_per_second": (megabytes / written).rounded2,
            "bare_c_megabytes_per_second": (megabytes / bare.seconds).rounded2,
            "ratio_to_bare_c": (bare.seconds / written).rounded2,
            "verify_gigabytes_per_second": (megabytes / 1000 / verified).rounded2,
            "open_milliseconds": (opened * 1000).rounded2,
        ]
    }
}

extension bare_log_result {
    /// Appends a second.
    fileprivate var rate: Double { seconds > 0 ? Double(appends) / seconds : 0 }
}
