import Document
import Glibc
import JSON
import LogRecords
import LogTools
import TestSupport
import Testing
import WriteAheadLog

/// What the tools say of a log, and what they make of a damaged one.
@Suite struct LogToolsTests {
    let directory = LogDirectory()

    /// 300 documents from two sources, each with its receipt, in small segments.
    private func fill() async throws {
        var options = LogOptions()
        options.segmentSize = 16 << 10
        let log = try WriteAheadLog(directory: directory.path, options: options)
        for number in 1...300 {
            let source = number % 3 == 0 ? "b" : "a"
            let hash = ContentHash(words: (UInt64(number), 0, 0, 0))
            let record = DocumentRecord(
                id: DocumentID(high: 7, low: UInt64(number)), hash: hash, fingerprint: nil,
                envelope: DocumentEnvelope(revision: 1), source: source)
            let json = Array(#"{"id":"\#(number)","title":"Number \#(number)"}"#.utf8)
            var outcomes = Outcomes()
            (outcomes.items, outcomes.new) = (1, 1)
            var batch = LogBatch()
            batch.append(kind: RecordKind.document.rawValue) { bytes in
                json.withUnsafeBufferPointer { record.append(document: $0, to: &bytes) }
            }
            batch.append(
                kind: RecordKind.receipt.rawValue, Receipt(source: source, counts: outcomes, state: [:]).encoded)
            try await log.append(batch)
        }
        log.close()
    }

    private func export(_ range: LogRange = LogRange(), kinds: Set<String> = ["document"]) throws -> (
        lines: [JSONValue], faults: Int
    ) {
        var bytes: [UInt8] = []
        let outcome = try LogExport(range: range, kinds: kinds).run(directory: directory.path) { bytes += $0 }
        let lines = try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONValue.parse(Array($0)) }
        #expect(lines.count == outcome.lines)
        return (lines, outcome.faults.count)
    }

    private func change(_ name: String, at offset: Int, to byte: UInt8) {
        let descriptor = open("\(directory.path)/\(name)", O_RDWR)
        var byte = byte
        #expect(pwrite(descriptor, &byte, 1, off_t(offset)) == 1)
        close(descriptor)
    }

    @Test func aSummaryCountsWhatIsThere() async throws {
        try await fill()
        let summary = try LogSummary(directory: directory.path)
        #expect(summary.batches == 300 && summary.positions == 1...600)
        #expect(summary.segments.count > 3 && summary.faults.isEmpty && summary.tornBytes == 0)
        #expect(summary.kinds["document"]?.records == 300 && summary.kinds["receipt"]?.records == 300)
        #expect(summary.sources["a"]?.items == 200 && summary.sources["b"]?.documents == 100)
    }

    @Test func rangesAreByPositionTimeAndSource() async throws {
        try await fill()
        var range = LogRange()
        #expect(try export().lines.count == 300)
        (range.first, range.last) = (401, 420)
        #expect(try export(range).lines.compactMap { $0["position"]?.integer } == (0..<10).map { 401 + 2 * $0 })
        #expect(try export(range, kinds: ["document", "receipt"]).lines.count == 20)
        range.source = "b"
        #expect(try export(range).lines.allSatisfy { ($0["id"]?.string.flatMap { Int($0) } ?? 1) % 3 == 0 })
        range = LogRange()
        range.since = Timestamp(seconds: Timestamp.now.seconds + 3600)
        #expect(try export(range).lines.isEmpty)
        range.since = Timestamp(seconds: Timestamp.now.seconds - 3600)
        #expect(try export(range).lines.count == 300)
        range.until = range.since
        #expect(try export(range).lines.isEmpty)
    }

    @Test func aDumpEndsAtItsLimit() async throws {
        try await fill()
        var records = 0
        let hasMore = try LogDump.run(directory: directory.path, range: LogRange(), limit: 7) { line in
            if case .record = line { records += 1 }
        }
        #expect(hasMore && records == 7)
    }

    @Test func aRepairedLogIsSoundAndHasAllThatWasWhole() async throws {
        try await fill()
        let names = directory.segments
        change(names[1], at: 5000, to: 0xEE)
        change(names[2], at: 17, to: 0xEE)
        change(names[3], at: 4160, to: 0xEE)
        let before = try export()
        #expect(before.faults == 3 && before.lines.count == 298)
        let repair = try LogRepair(directory: directory.path)
        #expect(repair.segments.count == 3)
        #expect(repair.segments.map(\.lost) == [2, 0, 2])
        let after = try export()
        #expect(after.faults == 0 && after.lines == before.lines)
        #expect(try export(kinds: ["lost"]).lines.count == 4)
        let verification = try LogVerification(directory: directory.path)
        #expect(verification.faults.isEmpty && verification.records == 600)
        // What was there before is there still, and a second repair finds nothing to do.
        let kept = try #require(repair.setAside)
        #expect(access("\(kept)/\(names[1])", F_OK) == 0)
        #expect(try LogRepair(directory: directory.path).segments.isEmpty)
        // The log goes on behind what it had.
        let log = try WriteAheadLog(directory: directory.path)
        #expect(log.recovery.faults.isEmpty && log.recovery.tornBytes == 0 && log.statistics.last == 600)
        #expect(throws: LogError.self) { try LogRepair(directory: directory.path) }
        #expect(try LogLock.isHeld(directory: directory.path))
        log.close()
        #expect(try !LogLock.isHeld(directory: directory.path))
    }

    @Test func aReplayHandsOutARangeInDeliveriesAndKnowsTheCursor() async throws {
        try await fill()
        #expect(try LogReplay.cursor(of: "archive", directory: directory.path) == 0)
        let log = try WriteAheadLog(directory: directory.path)
        for (sink, position) in [("archive", 40), ("other", 90), ("archive", 50)] {
            var batch = LogBatch()
            let record: JSONValue = ["sink": .string(sink), "position": .integer(Int64(position))]
            batch.append(kind: RecordKind.cursor.rawValue, record.encoded)
            try await log.append(batch)
        }
        log.close()
        #expect(try LogReplay.cursor(of: "archive", directory: directory.path) == 50)
        var range = LogRange()
        (range.first, range.last) = (101, 160)
        var deliveries: [LogReplay.Delivery] = []
        let outcome = try LogReplay(range: range, batchSize: 8).run(directory: directory.path) { deliveries.append($0) }
        #expect(outcome.documents == 30 && outcome.faults.isEmpty)
        #expect(deliveries.map(\.count) == [8, 8, 8, 6])
        #expect(deliveries.map(\.first) == [101, 117, 133, 149] && deliveries.last?.last == 159)
        for delivery in deliveries {
            #expect(delivery.lines.count { $0 == UInt8(ascii: "\n") } == delivery.count)
        }
        let some = try LogReplay(range: range).run(directory: directory.path, takes: { $0 == "b" }) { _ in }
        #expect(some.documents == 10)
    }

    @Test func noWalkStumblesOverAnyFlippedByte() async throws {
        try await fill()
        var random = SystemRandomNumberGenerator()
        for _ in 0..<40 {
            let name = try #require(directory.segments.randomElement(using: &random))
            change(name, at: Int.random(in: 0..<15_000, using: &random), to: UInt8.random(in: 0...255, using: &random))
        }
        let before = try export()
        _ = try LogRepair(directory: directory.path)
        let after = try export()
        #expect(after.faults == 0 && after.lines == before.lines)
        #expect(try LogVerification(directory: directory.path).faults.isEmpty)
    }
}

/// A directory that goes with the test.
final class LogDirectory: Sendable {
    private let directory = TemporaryDirectory()
    var path: String { directory.path }

    var segments: [String] { ((try? SystemFileSystem().list(path)) ?? []).filter { $0.hasSuffix(".segment") }.sorted() }
}
