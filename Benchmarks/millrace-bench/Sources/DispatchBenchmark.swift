import ArgumentParser
import Glibc
import JSON

/// How late runs begin when many are due.
struct DispatchBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispatch",
        abstract: "How much later than due jobs reach a fetcher that answers at once, and what a restart costs.",
        discussion: """
            Each source has an interval and no jitter, so that a run is due one interval after the run before began; the
            fetcher measures by how much more it gets the second. The sources are spread over the interval.
            """)

    @Option(help: "Jobs a second.")
    var rate = 1000
    @Option(help: "Seconds between two runs of a source.")
    var interval = 60
    @Option(help: "Seconds to watch, once all sources have run.")
    var seconds = 60

    func validate() throws {
        guard (1...10_000).contains(rate), (1...3600).contains(interval), rate * interval <= 1_000_000 else {
            throw ValidationError("--rate is 1 to 10000, and with --interval at most 1000000 sources")
        }
        guard (1...3600).contains(seconds) else { throw ValidationError("--seconds is 1 to 3600") }
    }

    func run() throws {
        let scratch = try ScratchDirectory(in: "/tmp")
        let count = rate * interval
        let program = try ChildProgram.path(of: "millrace-bench")
        let notes = scratch.path + "/waits"
        try SourceFiles.write(count, perFile: 1000, below: scratch.path) { _ in
            """
            plugin = "at-once"
            every = "\(interval)s"
            jitter = "0s"
            """
        }
        let plugin = """
            [plugin.at-once]
            command = ["\(program)", "answer-at-once", "\(notes)"]
            """
        let daemon = try MeasuredDaemon(plugin, in: scratch.path, patience: 300)
        // New sources are spread over a minute, or over what lets no more than 500 a second begin.
        let spread = max(60, count / 500)
        watch("until all have run", spread + 2)
        let before = try processor(daemon)
        watch("measuring", max(seconds, interval + 2))
        let after = try processor(daemon)
        try daemon.stop()
        let begin = ContinuousClock.now
        let again = try MeasuredDaemon(plugin, in: scratch.path, patience: 300)
        let restart = (ContinuousClock.now - begin).seconds
        let restartProcessor = try processor(again)
        again.kill()
        let lateness = try String(decoding: Files.contents(notes), as: UTF8.self).split(separator: "\n")
            .compactMap { Double($0).map { $0 - Double(interval) * 1000 } }.sorted()
        Progress.clear()
        guard !lateness.isEmpty else { throw BenchmarkError("no source ran twice") }
        func quantile(_ share: Double) -> JSONValue { lateness[Int(Double(lateness.count - 1) * share)].rounded2 }
        printResult([
            "benchmark": "dispatch", "sources": .integer(Int64(count)), "jobs": .integer(Int64(lateness.count)),
            "jobs_a_second": .integer(Int64(rate)),
            "late_milliseconds": [
                "least": quantile(0), "p50": quantile(0.5), "p99": quantile(0.99), "p99.9": quantile(0.999),
                "most": quantile(1),
            ],
            "daemon_microseconds_a_job": ((after - before) / Double(max(seconds, interval + 2) * rate) * 1e6).rounded2,
            "restart_seconds": restart.rounded2, "restart_processor_seconds": restartProcessor.rounded2,
        ])
    }

    private func watch(_ what: String, _ seconds: Int) {
        for second in 0..<seconds {
            Progress.show("dispatch: \(what), \(seconds - second) s left")
            sleep(1)
        }
    }

    private func processor(_ daemon: MeasuredDaemon) throws -> Double {
        try daemon.figures()["millraced"]?.processor ?? 0
    }
}
