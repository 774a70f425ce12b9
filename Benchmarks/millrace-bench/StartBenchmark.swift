import ArgumentParser
import Document
import Glibc
import JSON
import LogRecords
import WriteAheadLog

/// How long the daemon takes to be ready with a large log: without an index, after a clean stop, and after a crash.
struct StartBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Milliseconds from starting the daemon to its first answer, with a large log.")

    @Option(help: "Where the log is made; its disk is part of what is measured.")
    var directory = "."
    @Option(help: "MB of log.")
    var megabytes = 10_000
    @Option(help: "Bytes of a document, about.")
    var documentBytes = 8192
    @Option(help: "Records that are taken right before each crash.")
    var records = 20_000
    @Option(help: "Starts of each kind; medians count.")
    var rounds = 5

    func validate() throws {
        guard megabytes > 0, megabytes <= 1_000_000 else { throw ValidationError("--megabytes is 1 to 1000000") }
        guard documentBytes >= 256, documentBytes <= 1 << 20 else {
            throw ValidationError("--document-bytes is 256 to 1048576")
        }
        guard records > 0, records <= 1_000_000 else { throw ValidationError("--records is 1 to 1000000") }
        guard rounds > 0, rounds <= 100 else { throw ValidationError("--rounds is 1 to 100") }
    }

    private static let configurationText = """
        [source.inbox]
        plugin = "push"
        fields = \(RecordFile.mapping)
        """

    func run() async throws {
        let scratch = try ScratchDirectory(in: directory)
        guard mkdir("\(scratch.path)/state", 0o755) == 0 else { throw BenchmarkError("can't make a directory") }
        let documents = try await fill("\(scratch.path)/state/log")
        Progress.show("start: the index is made anew")
        let (rebuilt, _) = try start(in: scratch.path) { try $0.stop() }
        var clean: [Double] = []
        for round in 1...rounds {
            Progress.show("start: after a clean stop, round \(round) of \(rounds)")
            clean.append(try start(in: scratch.path) { try $0.stop() }.milliseconds)
        }
        var crashed: [Double] = []
        var replayed: [Int64] = []
        _ = try start(in: scratch.path) { try crash($0, round: 0, in: scratch.path) }
        for round in 1...rounds {
            Progress.show("start: after a crash, round \(round) of \(rounds)")
            let (milliseconds, status) = try start(in: scratch.path) { try crash($0, round: round, in: scratch.path) }
            crashed.append(milliseconds)
            replayed.append(status["index"]?["replayed"]?.integer ?? 0)
        }
        Progress.clear()
        printResult([
            "benchmark": "start", "log_megabytes": .integer(Int64(megabytes)), "documents": .integer(Int64(documents)),
            "index_made_anew_milliseconds": rebuilt.rounded2, "after_clean_stop_milliseconds": median(clean).rounded2,
            "after_crash_milliseconds": median(crashed).rounded2, "slowest_after_crash": (crashed.max() ?? 0).rounded2,
            "replayed_after_crash": .array(replayed.map { .integer($0) }),
        ])
    }

    private func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }

    /// Starts the daemon, measures until it answers, and lets `end` end it.
    private func start(
        in directory: String, end: (MeasuredDaemon) throws -> Void
    ) throws -> (milliseconds: Double, status: JSONValue) {
        let clock = ContinuousClock()
        let begin = clock.now
        let daemon = try MeasuredDaemon(Self.configurationText, in: directory, patience: 3600)
        let milliseconds = (clock.now - begin).seconds * 1000
        let status = try daemon.status()
        try end(daemon)
        return (milliseconds, status)
    }

    private func crash(_ daemon: MeasuredDaemon, round: Int, in directory: String) throws {
        let file = RecordFile(records: records, recordBytes: 1024, first: round * records)
        _ = try file.write("\(directory)/records.jsonl")
        let bytes = try Files.contents("\(directory)/records.jsonl")
        let answer = try daemon.ingest(
            bytes, source: "inbox", uri: "round:\(round)", mediaType: "application/jsonl")
        let ended = ["new", "revised", "unchanged", "duplicates"].reduce(Int64(0)) { $0 + (answer[$1]?.integer ?? 0) }
        guard ended == Int64(records) else { throw BenchmarkError("the daemon took \(answer)") }
        daemon.kill()
    }

    /// Writes the log as the daemon does, without what comes before it; returns the number of documents.
    private func fill(_ path: String) async throws -> Int {
        let log = try WriteAheadLog(directory: path)
        defer { log.close() }
        var counts = Outcomes()
        (counts.items, counts.new) = (64, 64)
        let receipt = Receipt(source: "bench", counts: counts, state: [:]).encoded
        let text = String(repeating: "The keeper writes down each level. ", count: documentBytes / 35 + 1)
        var number = 0
        var written = 0
        var last: UInt64 = 0
        while written < megabytes * 1_000_000 {
            await log.room()
            var batch = LogBatch(capacity: 64 * (documentBytes + 512))
            for _ in 0..<64 {
                number += 1
                let id = SyntheticDocument.id(number)
                let record = DocumentRecord(
                    id: id, hash: SyntheticDocument.hash(id), fingerprint: SyntheticDocument.fingerprint(number),
                    envelope: DocumentEnvelope(revision: 1), source: "bench")
                let json = Array(#"{"id":"\#(id)","title":"Number \#(number)","text":"\#(text)"}"#.utf8)
                batch.append(kind: RecordKind.document.rawValue) { bytes in
                    json.withUnsafeBufferPointer { record.append(document: $0, to: &bytes) }
                }
                written += json.count + 192
            }
            batch.append(kind: RecordKind.receipt.rawValue, receipt)
            last = try log.enqueue(batch).upperBound
            Progress.show("start: \(written / 1_000_000) of \(megabytes) MB of log")
        }
        try await log.durable(last)
        return number
    }
}
