import JSON
import LogRecords
import WriteAheadLog

/// Reads a range of a log for a sink that is to have it again; needs no daemon.
public struct LogReplay: Sendable {
    /// Documents for one delivery.
    public struct Delivery: Sendable {
        /// The documents, a line of JSON each, as a sink gets them.
        public internal(set) var lines: [UInt8] = []
        /// Log position of the first one.
        public internal(set) var first: UInt64 = 0
        /// Log position of the last one.
        public internal(set) var last: UInt64 = 0
        /// How many.
        public internal(set) var count = 0
    }

    /// What was handed out and passed over.
    public struct Outcome: Sendable {
        /// Documents.
        public internal(set) var documents = 0
        /// Damage that was passed over.
        public internal(set) var faults: [RecoveryReport.Fault] = []
    }

    /// Which documents.
    public var range: LogRange
    /// The most documents of a delivery.
    public var batchSize: Int

    /// Bytes of documents in one delivery, unless a single one has more.
    private static let deliveryBytes = 4 << 20

    /// A replay of the documents in `range`.
    public init(range: LogRange, batchSize: Int = 1000) {
        self.range = range
        self.batchSize = batchSize
    }

    /// How far the log says that a sink has come: the newest cursor of its name.
    public static func cursor(
        of sink: String, directory: String, progress: (Int, Int) -> Void = { _, _ in }
    ) throws(LogError) -> UInt64 {
        var walk = try LogWalk(directory: directory)
        var position: UInt64 = 0
        while true {
            switch try walk.next() {
            case .batch(let batch):
                batch.forEachRecord { record in
                    guard record.kind == RecordKind.cursor.rawValue, let cursor = LoggedRecord.json(record),
                        cursor["sink"]?.string == sink, let reached = cursor["position"]?.integer
                    else { return }
                    position = UInt64(clamping: reached)
                }
                progress(walk.bytesRead + batch.offset, walk.bytesTotal)
            case .fault: continue
            case .end: return position
            }
        }
    }

    /// Hands out the documents in their order.
    ///
    /// - Parameter takes: whether the sink has documents of a source.
    public func run(
        directory: String, takes: (String) -> Bool = { _ in true }, progress: (Int, Int) -> Void = { _, _ in },
        deliver: (Delivery) throws -> Void
    ) throws -> Outcome {
        var walk = try LogWalk(directory: directory)
        range.begin(&walk)
        var outcome = Outcome()
        var delivery = Delivery()
        func handOver() throws {
            guard delivery.count > 0 else { return }
            try deliver(delivery)
            outcome.documents += delivery.count
            delivery = Delivery()
        }
        walking: while true {
            switch try walk.next() {
            case .batch(let batch):
                if range.isBehind(batch) { break walking }
                // A batch of the log is not cut, so a delivery may grow beyond its size by one.
                batch.forEachRecord { record in
                    guard record.kind == RecordKind.document.rawValue, range.contains(record),
                        let document = DocumentRecord(record.bytes), takes(document.source)
                    else { return }
                    if delivery.count == 0 { delivery.first = record.position }
                    DocumentRecord.appendLine(of: record.bytes, position: record.position, to: &delivery.lines)
                    delivery.last = record.position
                    delivery.count += 1
                }
                if delivery.count >= batchSize || delivery.lines.count >= Self.deliveryBytes { try handOver() }
                progress(walk.bytesRead + batch.offset, walk.bytesTotal)
            case .fault(let fault, _): outcome.faults.append(fault)
            case .end: break walking
            }
        }
        try handOver()
        return outcome
    }
}
