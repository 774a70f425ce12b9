import Document
import JSON
import LogRecords
import WriteAheadLog

/// How much of what a log holds.
public struct LogSummary: Sendable {
    /// Records and bytes of one kind.
    public struct Amount: Sendable, Equatable {
        /// Records.
        public var records = 0
        /// Their bytes.
        public var bytes = 0
    }

    /// What came from one source.
    public struct Source: Sendable, Equatable {
        /// Items that ended.
        public var items = 0
        /// Document records: new ones, revisions and duplicates.
        public var documents = 0
        /// Those of them that are revisions.
        public var revisions = 0
        /// Those of them that repeat another one.
        public var duplicates = 0
        /// Dead letters.
        public var deadLetters = 0
        /// Bytes of all its records.
        public var bytes = 0
    }

    /// The log's files.
    public private(set) var segments: [LogWalk.SegmentFile] = []
    /// Whole batches.
    public private(set) var batches = 0
    /// The first and the last position of whole batches.
    public private(set) var positions: ClosedRange<UInt64>?
    /// When the first and the last batch were appended.
    public private(set) var times: ClosedRange<Timestamp>?
    /// By the name of the kind.
    public private(set) var kinds: [String: Amount] = [:]
    /// By the name of the source.
    public private(set) var sources: [String: Source] = [:]
    /// The snapshot, where there is one.
    public private(set) var snapshot: SnapshotVerification?
    /// Places where the log is damaged.
    public private(set) var faults: [RecoveryReport.Fault] = []
    /// Bytes at the end that were never acknowledged.
    public private(set) var tornBytes = 0

    /// Reads the whole log in `directory`, also while a daemon writes to it.
    ///
    /// - Parameter progress: called for each batch with the bytes that are behind and those that there are.
    public init(directory: String, progress: (Int, Int) -> Void = { _, _ in }) throws {
        var walk = try LogWalk(directory: directory, besideWriter: LogLock.isHeld(directory: directory))
        segments = walk.segments
        while true {
            switch try walk.next() {
            case .batch(let batch):
                add(batch)
                progress(walk.bytesRead + batch.offset, walk.bytesTotal)
            case .fault(let fault, _): faults.append(fault)
            case .end(let torn):
                tornBytes = torn
                snapshot = try SnapshotVerification(directory: directory)
                faults += snapshot?.faults ?? []
                return
            }
        }
    }

    private mutating func add(_ batch: LogWalk.Batch) {
        batches += 1
        positions = (positions?.lowerBound ?? batch.firstPosition)...max(positions?.upperBound ?? 0, batch.lastPosition)
        let time = Timestamp(milliseconds: batch.milliseconds)
        // A clock that was set back must not turn the range around.
        times = min(times?.lowerBound ?? time, time)...max(times?.upperBound ?? time, time)
        batch.forEachRecord { record in
            kinds[LoggedRecord.name(ofKind: record.kind), default: Amount()].records += 1
            kinds[LoggedRecord.name(ofKind: record.kind), default: Amount()].bytes += record.bytes.count
            add(record)
        }
    }

    private mutating func add(_ record: LogRecord) {
        switch RecordKind(rawValue: record.kind) {
        case .document:
            guard let document = DocumentRecord(record.bytes) else { return }
            change(document.source, record) { source in
                source.documents += 1
                if document.envelope.revision > 1 { source.revisions += 1 }
                if document.envelope.duplicateOf != nil { source.duplicates += 1 }
            }
        case .receipt:
            guard let receipt = Receipt(record.bytes) else { return }
            change(receipt.source, record) { $0.items += receipt.counts.items }
        case .deadLetter:
            guard let name = LoggedRecord.source(of: record) else { return }
            change(name, record) { $0.deadLetters += 1 }
        case .cursor, .sourceControl, nil: return
        }
    }

    private mutating func change(_ name: String, _ record: LogRecord, _ body: (inout Source) -> Void) {
        var source = sources[name] ?? Source()
        source.bytes += record.bytes.count
        body(&source)
        sources[name] = source
    }

    /// As one JSON object.
    public var encoded: [UInt8] {
        var writer = JSONWriter(capacity: 4096)
        writer.beginObject()
        writer.member("segments", segments.count)
        writer.member("bytes", segments.reduce(0) { $0 + $1.size })
        writer.member("batches", batches)
        writer.member("first", positions?.lowerBound)
        writer.member("last", positions?.upperBound)
        writer.member("begun", times?.lowerBound.description)
        writer.member("ended", times?.upperBound.description)
        writer.member("torn_bytes", tornBytes)
        writer.member("faults", faults.count)
        if let snapshot {
            writer.key("snapshot")
            writer.beginObject()
            writer.member("file", snapshot.path)
            writer.member("position", snapshot.position)
            writer.member("bytes", snapshot.bytes)
            writer.member("records", snapshot.records.values.reduce(0, +))
            writer.endObject()
        }
        writer.key("kinds")
        writer.beginObject()
        for (name, amount) in kinds.sorted(by: { $0.key < $1.key }) {
            writer.key(any: name)
            writer.beginObject()
            writer.member("records", amount.records)
            writer.member("bytes", amount.bytes)
            writer.endObject()
        }
        writer.endObject()
        writer.key("sources")
        writer.beginObject()
        for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
            writer.key(any: name)
            writer.beginObject()
            writer.member("items", source.items)
            writer.member("documents", source.documents)
            writer.member("revisions", source.revisions)
            writer.member("duplicates", source.duplicates)
            writer.member("dead_letters", source.deadLetters)
            writer.member("bytes", source.bytes)
            writer.endObject()
        }
        writer.endObject()
        writer.key("files")
        writer.beginArray()
        for segment in segments {
            writer.beginObject()
            writer.member("file", segment.path)
            writer.member("first", segment.firstPosition)
            writer.member("bytes", segment.size)
            writer.member("begun", segment.begun.map { Timestamp(milliseconds: $0).description })
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}
