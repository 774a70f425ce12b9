import Document
import JSON
import LogRecords
import WriteAheadLog

/// Reads a range of a log and hands it out as lines of JSON; needs no daemon, and none is in its way.
public struct LogExport: Sendable {
    /// What was handed out and passed over.
    public struct Outcome: Sendable {
        /// Lines.
        public var lines = 0
        /// The position behind the last one that was looked at.
        public var next: UInt64 = 1
        /// Damage that was passed over.
        public var faults: [RecoveryReport.Fault] = []
    }

    /// Which records.
    public var range: LogRange
    /// Which kinds, by name; documents where nothing else is said.
    public var kinds: Set<String>
    /// The most lines.
    public var limit: Int

    /// The names of kinds that there are.
    public static let kindNames = ["document", "receipt", "dead-letter", "cursor", "source-control", "lost"]

    /// An export of documents in `range`.
    public init(range: LogRange, kinds: Set<String> = ["document"], limit: Int = .max) {
        self.range = range
        self.kinds = kinds
        self.limit = limit
    }

    /// Calls `write` with whole lines, some at a time.
    ///
    /// A document is as a sink gets it. Any other record is an object with `position`, `kind`, `time` and what it holds.
    public func run(
        directory: String, progress: (Int, Int) -> Void = { _, _ in }, write: ([UInt8]) throws -> Void
    ) throws -> Outcome {
        var walk = try LogWalk(directory: directory, besideWriter: LogLock.isHeld(directory: directory))
        range.begin(&walk)
        var outcome = Outcome(next: range.first)
        var lines: [UInt8] = []
        walking: while outcome.lines < limit {
            switch try walk.next() {
            case .batch(let batch):
                if range.isBehind(batch) { break walking }
                batch.forEachRecord { record in
                    guard outcome.lines < limit, kinds.contains(LoggedRecord.name(ofKind: record.kind)),
                        range.contains(record)
                    else { return }
                    Self.append(record, to: &lines)
                    outcome.lines += 1
                }
                outcome.next = batch.lastPosition + 1
                if lines.count >= 256 << 10 {
                    try write(lines)
                    lines.removeAll(keepingCapacity: true)
                }
                progress(walk.bytesRead + batch.offset, walk.bytesTotal)
            case .fault(let fault, _): outcome.faults.append(fault)
            case .end: break walking
            }
        }
        if !lines.isEmpty { try write(lines) }
        return outcome
    }

    private static func append(_ record: LogRecord, to lines: inout [UInt8]) {
        if record.kind == RecordKind.document.rawValue {
            return DocumentRecord.appendLine(of: record.bytes, position: record.position, to: &lines)
        }
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.member("position", record.position)
        writer.member("kind", LoggedRecord.name(ofKind: record.kind))
        writer.member("time", Timestamp(milliseconds: record.milliseconds).description)
        for (name, value) in (LoggedRecord.json(record)?.object ?? [:]).sorted(by: { $0.key < $1.key })
        where !["position", "kind", "time"].contains(name) {
            writer.key(any: name)
            writer.value(value)
        }
        writer.endObject()
        lines += writer.bytes
        lines.append(UInt8(ascii: "\n"))
    }
}
