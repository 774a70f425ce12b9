import ArgumentParser
import JSON
import WriteAheadLog

/// What a reader that follows the log costs those who write to it.
struct LogReaderBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-reader", abstract: "Synced appends a second, alone and while a sink reads.",
        discussion: """
            Writers alone, with a reader, and alone again take turns. "ratio_with_a_reader" compares a run with the mean of \
            the runs alone before and behind it; "ratio_of_equal_runs" compares these two: its quartiles say how far a \
            ratio is off by chance.
            """)

    @Option(help: "Where to write; its disk is part of what is measured.")
    var directory = "."
    @Option(help: "Numbers of writers.")
    var writers = [1, 16, 64]
    @Option(help: "Seconds of each run.")
    var seconds = 0.5
    @Option(help: "Bytes of a record.")
    var recordBytes = 1024
    @Option(help: "Rounds; the medians count.")
    var rounds = 15
    @Option(help: "Milliseconds between two looks of the reader; by default as a sink has them.")
    var pause: Double?

    func validate() throws {
        guard writers.allSatisfy({ (1...10_000).contains($0) }) else {
            throw ValidationError("--writers is 1 to 10000")
        }
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds is more than 0 and at most 3600") }
        guard recordBytes > 0, recordBytes <= 16 << 20 else { throw ValidationError("--record-bytes is 1 to 16777216") }
        guard rounds > 0, rounds <= 10_000 else { throw ValidationError("--rounds is 1 to 10000") }
        guard pause ?? 0 >= 0, pause ?? 0 <= 60_000 else { throw ValidationError("--pause is 0 to 60000") }
    }

    func run() async throws {
        let scratch = try ScratchDirectory(in: directory)
        var results: [JSONValue] = []
        for count in writers { results.append(try await measure(count, in: scratch.path)) }
        Progress.clear()
        printResult([
            "benchmark": "log-reader", "record_bytes": .integer(Int64(recordBytes)), "writers": .array(results),
        ])
    }

    private func measure(_ writers: Int, in directory: String) async throws -> JSONValue {
        let records = [[UInt8](repeating: UInt8(ascii: "x"), count: recordBytes)]
        let pause = pause.map { Duration.microseconds(Int($0 * 1000)) } ?? LogFollower.pause
        var number = 0
        func appends(followedWith pause: Duration?) async throws -> MeasuredAppends {
            number += 1
            let path = "\(directory)/\(writers)-\(number)"
            defer { ScratchDirectory.remove(path) }
            return try await MeasuredAppends(
                of: records, writers: writers, seconds: seconds, directory: path, followedWith: pause)
        }
        var alone = [try await appends(followedWith: nil)]
        var followed: [MeasuredAppends] = []
        for round in 1...rounds {
            Progress.show("log-reader: \(writers) writers, round \(round) of \(rounds)")
            followed.append(try await appends(followedWith: pause))
            alone.append(try await appends(followedWith: nil))
        }
        var (ratios, equal): ([Double], [Double]) = ([], [])
        for (round, run) in followed.enumerated() {
            let (before, behind) = (alone[round].rate, alone[round + 1].rate)
            ratios.append(run.rate / ((before + behind) / 2))
            equal.append(behind / before)
        }
        return [
            "writers": .integer(Int64(writers)),
            "appends_per_second": quartile(alone.map(\.rate), 2).rounded2,
            "with_a_reader": quartile(followed.map(\.rate), 2).rounded2,
            "ratio_with_a_reader": spread(ratios), "ratio_of_equal_runs": spread(equal),
            "processor_microseconds_per_append": quartile(alone.map(\.processorMicroseconds), 2).rounded2,
            "processor_microseconds_with_a_reader": quartile(followed.map(\.processorMicroseconds), 2).rounded2,
            "reader_microseconds_per_record": quartile(followed.map(\.readerMicroseconds), 2).rounded3,
            "milliseconds_p99": quartile(alone.map { $0.percentile(0.99) }, 2).rounded3,
            "milliseconds_p99_with_a_reader": quartile(followed.map { $0.percentile(0.99) }, 2).rounded3,
            "records_per_look": quartile(followed.map { Double($0.readMeanwhile) / Double(max($0.looks, 1)) }, 2)
                .rounded2,
        ]
    }

    private func spread(_ values: [Double]) -> JSONValue {
        [
            "median": quartile(values, 2).rounded3, "quartiles": .array([1, 3].map { quartile(values, $0).rounded3 }),
        ]
    }

    private func quartile(_ values: [Double], _ number: Int) -> Double {
        let sorted = values.sorted()
        return sorted[min(sorted.count * number / 4, sorted.count - 1)]
    }
}
