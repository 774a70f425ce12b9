import Document
import JSON
import LogRecords
import WriteAheadLog

/// Shows how a log is laid out: its segments, batches and records, with the damage between them.
public struct LogDump: Sendable {
    /// One line of a dump.
    public enum Line: Sendable {
        /// A segment begins.
        case segment(LogWalk.SegmentFile)
        /// A batch: where, its positions, its bytes, when it was appended, and up to where the log was durable then.
        case batch(offset: Int, positions: ClosedRange<UInt64>, bytes: Int, time: Timestamp, durable: UInt64)
        /// A record: its kind, its bytes and what it says in a few words.
        case record(position: UInt64, kind: String, bytes: Int, summary: String)
        /// Bytes that are no batch.
        case fault(RecoveryReport.Fault)
    }

    /// Calls `show` with the lines of what is in `range`, until `limit` records were shown.
    ///
    /// - Returns: whether there is more.
    public static func run(
        directory: String, range: LogRange, limit: Int, show: (Line) -> Void
    ) throws(LogError) -> Bool {
        var walk = try LogWalk(directory: directory, besideWriter: LogLock.isHeld(directory: directory))
        range.begin(&walk)
        var shown = 0
        var segment: Int?
        while true {
            switch try walk.next() {
            case .batch(let batch):
                if range.isBehind(batch) { return false }
                var lines: [Line] = []
                batch.forEachRecord { record in
                    guard range.contains(record) else { return }
                    lines.append(
                        .record(
                            position: record.position, kind: LoggedRecord.name(ofKind: record.kind),
                            bytes: record.bytes.count, summary: summary(record)))
                }
                guard !lines.isEmpty else { continue }
                if shown >= limit { return true }
                if segment != batch.segment { show(.segment(walk.segments[batch.segment])) }
                segment = batch.segment
                show(
                    .batch(
                        offset: batch.offset, positions: batch.firstPosition...batch.lastPosition, bytes: batch.stride,
                        time: Timestamp(milliseconds: batch.milliseconds), durable: batch.durable))
                for line in lines.prefix(limit - shown) { show(line) }
                if lines.count > limit - shown { return true }
                shown += lines.count
            case .fault(let fault, _): show(.fault(fault))
            case .end: return false
            }
        }
    }

    private static func summary(_ record: LogRecord) -> String {
        switch RecordKind(rawValue: record.kind) {
        case .document:
            guard let document = DocumentRecord(record.bytes) else { return "its header is not understood" }
            let start = DocumentRecord.documentOffset(in: record.bytes)
            let json = UnsafeRawBufferPointer(rebasing: record.bytes[start...]).bindMemory(to: UInt8.self)
            let title = (try? JSONValue.parse(json))?["title"]?.string ?? ""
            let repeated = document.envelope.duplicateOf.map { " repeats \($0)" } ?? ""
            return "\(document.source) \(document.id) revision \(document.envelope.revision)\(repeated) \(title)"
        case .receipt:
            guard let receipt = Receipt(record.bytes) else { return "it is not understood" }
            let counts = receipt.counts
            let keys = receipt.state.isEmpty ? "" : ", state \(receipt.state.keys.sorted().joined(separator: " "))"
            return "\(receipt.source) items \(counts.items), new \(counts.new), revised \(counts.revised), unchanged "
                + "\(counts.unchanged), duplicates \(counts.duplicates), dead letters \(counts.deadLetters)\(keys)"
        case .deadLetter:
            guard let letter = DeadLetter(record.bytes) else { return "it is not understood" }
            return "\(letter.source) \(letter.uri): \(letter.reason)"
        case .cursor, .sourceControl: return LoggedRecord.json(record)?.description ?? "it is not understood"
        case nil: return record.kind == LogRepair.lostKind ? "lost; its place was kept by a repair" : ""
        }
    }
}
