import ArgumentParser
import Glibc
import JSON

/// Records a second from a JSON Lines file through the built daemon to its synced log and on to a jsonl sink.
struct IngestBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Records a second from a JSON Lines file to the synced log and a jsonl sink.")

    @Option(help: "Where to work; its disk is part of what is measured.")
    var directory = "."
    @Option(help: "Records in the file.")
    var records = 200_000
    @Option(help: "Bytes of a record's text, about.")
    var recordBytes = 800

    func run() throws {
        let scratch = try ScratchDirectory(in: directory)
        let bytes = try makeRecords("\(scratch.path)/records.jsonl")
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
            """, in: scratch.path)
        let clock = ContinuousClock()
        let begin = clock.now
        // Moved in whole, it is taken at once.
        rename("\(scratch.path)/records.jsonl", "\(scratch.path)/in/records.jsonl")
        var logged: Duration?
        var status = try daemon.status()
        while true {
            status = try daemon.status()
            let counts = status["counts"]
            let ended =
                (counts?["new"]?.integer ?? 0) + (counts?["duplicates"]?.integer ?? 0)
                + (counts?["dead_letters"]?.integer ?? 0)
            if ended >= Int64(records), logged == nil { logged = clock.now - begin }
            if logged != nil, status["sinks"]?[0]?["lag"]?.integer == 0 { break }
            if clock.now - begin > .seconds(1800) { throw BenchmarkError("not done after 30 minutes: \(status)") }
            usleep(10_000)
        }
        let total = clock.now - begin
        let figures = try daemon.figures()
        let lines = try countLines("\(scratch.path)/out.jsonl")
        guard lines == records else { throw BenchmarkError("\(lines) documents in the sink, \(records) were made") }
        let megabytes = Double(bytes) / 1e6
        let inLog = logged?.seconds ?? total.seconds
        printResult([
            "benchmark": "ingest", "records": .integer(Int64(records)), "megabytes": megabytes.rounded2,
            "documents_in_sink": .integer(Int64(lines)),
            "to_log": [
                "seconds": inLog.rounded2, "records_per_second": (Double(records) / inLog).rounded2,
                "megabytes_per_second": (megabytes / inLog).rounded2,
            ],
            "to_sink": [
                "seconds": total.seconds.rounded2, "records_per_second": (Double(records) / total.seconds).rounded2,
                "megabytes_per_second": (megabytes / total.seconds).rounded2,
            ],
            "syncs": status["log"]?["syncs"] ?? 0,
            "processes": .object(figures.mapValues(\.json)),
        ])
    }

    /// Distinct records of words; returns the file's bytes.
    private func makeRecords(_ path: String) throws -> Int {
        guard let file = fopen(path, "w") else { throw BenchmarkError("can't write \(path)") }
        defer { fclose(file) }
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        var bytes = 0
        var line: [UInt8] = []
        for number in 1...max(records, 1) {
            line.removeAll(keepingCapacity: true)
            line += Array(
                "{\"id\":\"r-\(number)\",\"title\":\"Record \(number)\",\"published\":\"2026-03-0\(number % 9 + 1)T08:30:00Z\",\"text\":\""
                    .utf8)
            let end = line.count + recordBytes
            while line.count < end {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                line += Self.words[Int(state >> 33) % Self.words.count]
            }
            line += Array("\"}\n".utf8)
            guard fwrite(line, 1, line.count, file) == line.count else { throw BenchmarkError("can't write \(path)") }
            bytes += line.count
        }
        return bytes
    }

    private static let words: [[UInt8]] = [
        "water ", "wheel ", "turns ", "under ", "the ", "old ", "bridge ", "and ", "mill ", "grain ", "river ", "lock ",
        "gate ",
        "of ", "stone ", "in ", "spring ", "when ", "rain ", "fills ", "channel. ", "A ", "keeper ", "writes ", "down ",
        "each ",
        "level, ", "every ", "morning ", "before ", "boats ", "pass. ",
    ].map { Array($0.utf8) }

    private func countLines(_ path: String) throws -> Int {
        guard let file = fopen(path, "r") else { throw BenchmarkError("the sink has made no \(path)") }
        defer { fclose(file) }
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var lines = 0
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return lines }
            for byte in chunk[..<count] where byte == UInt8(ascii: "\n") { lines += 1 }
        }
    }
}
