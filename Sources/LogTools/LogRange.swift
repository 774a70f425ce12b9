import Document
import JSON
import LogRecords
import WriteAheadLog

/// Which records of a log are meant.
public struct LogRange: Sendable {
    /// The first position.
    public var first: UInt64 = 1
    /// The last position.
    public var last: UInt64 = .max
    /// Only what was appended at this moment or later.
    public var since: Timestamp?
    /// Only what was appended before this moment.
    public var until: Timestamp?
    /// Only what came from this source.
    public var source: String?

    /// The whole log.
    public init() {}

    /// Brings a walk to the first segment that may hold something of the range.
    func begin(_ walk: inout LogWalk) {
        if let since { walk.seek(since: since.milliseconds) }
        let start = walk
        walk.seek(to: first)
        // The later beginning of the two counts.
        if walk.bytesTotal > start.bytesTotal { walk = start }
    }

    /// Whether the log holds nothing of the range from this batch on.
    func isBehind(_ batch: LogWalk.Batch) -> Bool { batch.firstPosition > last }

    func contains(_ record: LogRecord) -> Bool {
        guard record.position >= first, record.position <= last else { return false }
        if let since, record.milliseconds < since.milliseconds { return false }
        if let until, record.milliseconds >= until.milliseconds { return false }
        return source == nil || LoggedRecord.source(of: record) == source
    }
}

/// What a record says, whatever its kind.
enum LoggedRecord {
    /// The source that it belongs to; nil for cursors and kinds that are not known.
    static func source(of record: LogRecord) -> String? {
        switch RecordKind(rawValue: record.kind) {
        case .document: DocumentRecord(record.bytes)?.source
        case .receipt, .sourceControl, .deadLetter: json(record)?["source"]?.string
        case .cursor, nil: nil
        }
    }

    /// The record's JSON; of a dead letter its first line.
    static func json(_ record: LogRecord) -> JSONValue? {
        let bytes = record.bytes.bindMemory(to: UInt8.self)
        let end = record.kind == RecordKind.deadLetter.rawValue ? bytes.firstIndex(of: UInt8(ascii: "\n")) : nil
        return try? JSONValue.parse(UnsafeBufferPointer(rebasing: bytes[..<(end ?? bytes.endIndex)]))
    }

    /// What the kind is called.
    static func name(ofKind kind: UInt8) -> String {
        if kind == LogRepair.lostKind { return "lost" }
        return RecordKind(rawValue: kind)?.name ?? "kind-\(kind)"
    }
}

extension RecordKind {
    var name: String {
        switch self {
        case .document: "document"
        case .receipt: "receipt"
        case .deadLetter: "dead-letter"
        case .cursor: "cursor"
        case .sourceControl: "source-control"
        }
    }
}
