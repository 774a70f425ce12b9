import ArgumentParser
import Glibc
import JSON

/// Records a second from a JSON Lines file through the built daemon to its synced log and on to a jsonl sink.
struct IngestBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Records a second from a JSON Lines file to the synced log and a jsonl sink.",
        discussion: """
            Ends with 1 when a record is missing in the sink, or is there twice. "steps" says for each tenth of the records \
            what one cost: whether it stays the same as log and index grow.
            """)

    @Option(help: "Records in the file.")
    var records = 100_000
    @Option(help: "Bytes of a record, about.")
    var recordBytes = 1024
    @Option(help: "Where log, sink and input are put while measuring; its disk is part of what is measured.")
    var stateDirectory = "."

    func validate() throws {
        guard records > 0, records <= 100_000_000 else { throw ValidationError("--records is 1 to 100000000") }
        guard recordBytes > 0, recordBytes <= 16 << 20 else { throw ValidationError("--record-bytes is 1 to 16777216") }
    }

    func run() throws {
        let scratch = try ScratchDirectory(in: stateDirectory)
        let input = RecordFile(records: records, recordBytes: recordBytes)
        Progress.show("ingest: writing \(records) records")
        let bytes = try input.write("\(scratch.path)/records.jsonl")
        guard mkdir("\(scratch.path)/in", 0o755) == 0 else { throw BenchmarkError("can't make \(scratch.path)/in") }
        let daemon = try MeasuredDaemon(
            """
            [[sink]]
            name = "archive"
            plugin = "jsonl"
            path = "out.jsonl"
            [source.records]
            plugin = "directory"
            path = "in"
            settle = "0s"
            fields = \(RecordFile.mapping)
            """, in: scratch.path)
        let before = try daemon.figures()
        let clock = ContinuousClock()
        let begin = clock.now
        // Moved in whole, it is taken at once.
        guard rename("\(scratch.path)/records.jsonl", "\(scratch.path)/in/records.jsonl") == 0 else {
            throw BenchmarkError("can't move the records into place")
        }
        let (logged, status, steps) = try follow(daemon, since: begin)
        let total = clock.now - begin
        let figures = try daemon.figures()
        try daemon.stop()
        Progress.show("ingest: checking the sink")
        let found = try input.check("\(scratch.path)/out.jsonl")
        Progress.clear()
        let isWhole = found.missing == 0 && found.lines == records && found.identifiers == records
        let megabytes = Double(bytes) / 1e6
        printResult([
            "benchmark": "ingest", "records": .integer(Int64(records)),
            "record_bytes": (Double(bytes) / Double(records)).rounded2, "megabytes": megabytes.rounded2,
            "to_log": rates(logged, megabytes), "to_sink": rates(total, megabytes),
            "sink": [
                "lines": .integer(Int64(found.lines)), "distinct_ids": .integer(Int64(found.identifiers)),
                "missing": .integer(Int64(found.missing)),
            ],
            "syncs": status["log"]?["syncs"] ?? 0,
            "processor_seconds": figures.reduce(0) {
                $0 + $1.value.processor - (before[$1.key]?.processor ?? 0)
            }.rounded2,
            "processes": .object(figures.mapValues(\.json)), "steps": .array(steps),
        ])
        guard isWhole else { throw ExitCode(1) }
    }

    /// Waits until every record has ended in the log and the sink has said yes to it; returns when the log had all, and what
    /// each tenth cost.
    private func follow(
        _ daemon: MeasuredDaemon, since begin: ContinuousClock.Instant
    ) throws -> (logged: Duration, status: JSONValue, steps: [JSONValue]) {
        let clock = ContinuousClock()
        var logged: Duration?
        var lastChange = begin
        var last: Int64 = -1
        var steps = IngestSteps(records: records, at: begin)
        while true {
            let status = try daemon.status()
            let counts = status["counts"]
            let ended = ["new", "revised", "unchanged", "duplicates", "dead_letters"]
                .reduce(Int64(0)) { $0 + (counts?[$1]?.integer ?? 0) }
            let now = clock.now
            try steps.note(Int(ended), at: now) { try daemon.figures().values.reduce(0) { $0 + $1.processor } }
            if ended >= Int64(records) {
                if logged == nil { logged = now - begin }
                if let logged, status["sinks"]?[0]?["lag"]?.integer == 0 { return (logged, status, steps.done) }
            }
            let sign = ended &+ (status["sinks"]?[0]?["delivered"]?.integer ?? 0)
            if sign != last { (last, lastChange) = (sign, now) }
            guard now - lastChange < .seconds(120) else {
                throw BenchmarkError(
                    "\(ended) of \(records) records in the log, and nothing moved for two minutes; the daemon said: \(daemon.lastWords)"
                )
            }
            Progress.show("ingest: \(ended) of \(records) records in the log")
            usleep(10_000)
        }
    }

    private func rates(_ time: Duration, _ megabytes: Double) -> JSONValue {
        [
            "seconds": time.seconds.rounded2, "records_per_second": (Double(records) / time.seconds).rounded2,
            "megabytes_per_second": (megabytes / time.seconds).rounded2,
        ]
    }
}
