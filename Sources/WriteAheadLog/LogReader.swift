/// Reads the durable records of a log in order, batch by batch, while others write.
///
/// A reader belongs to one task. Damage is passed over and named in ``faults``.
public struct LogReader {
    private let log: WriteAheadLog
    private var scanner: SegmentScanner?
    private var segmentFirst: UInt64 = 0
    private var segmentNext: UInt64?
    private var scannedDurable: UInt64 = 0
    private var path = ""
    /// The next record's position.
    public private(set) var position: UInt64
    /// Damage that was passed over.
    public private(set) var faults: [RecoveryReport.Fault] = []

    /// Reads from `position` on.
    public init(_ log: WriteAheadLog, from position: UInt64) {
        self.log = log
        self.position = max(position, 1)
    }

    /// Calls `body` with the records of the next batch, from ``position`` on.
    ///
    /// - Returns: false when there is nothing more that is durable.
    public mutating func nextBatch(_ body: (LogRecord) throws -> Void) throws -> Bool {
        while true {
            if scanner == nil || (segmentNext == nil && position > scannedDurable) {
                guard try open() else { return false }
            }
            // An open segment is scanned only as far as it was durable; a closed one to the next one's first position.
            if let segmentNext, position >= segmentNext {
                scanner = nil
                continue
            }
            if segmentNext == nil, position > scannedDurable { return false }
            guard let step = try scanner?.next() else { return false }
            switch step {
            case .batch(let header, _, let records):
                guard header.lastPosition >= position else { continue }
                if let segmentNext, header.firstPosition >= segmentNext {
                    position = max(position, segmentNext)
                    continue
                }
                let wanted = position
                try LogRecord.forEach(in: records, of: header) { record in
                    if record.position >= wanted { try body(record) }
                }
                position = header.lastPosition + 1
                return true
            case .fault(let offset, _, let what, let next):
                faults.append(.init(file: path, offset: offset, what: what))
                position = max(position, next.firstPosition)
            case .end(let offset, let what):
                guard let segmentNext else {
                    // The rest of the newest segment is damaged: go on behind it once there is more.
                    if position <= scannedDurable {
                        faults.append(.init(file: path, offset: offset, what: what ?? "batches are missing"))
                        position = scannedDurable + 1
                    }
                    return false
                }
                if position < segmentNext {
                    faults.append(.init(file: path, offset: offset, what: what ?? "batches are missing"))
                }
                position = max(position, segmentNext)
                scanner = nil
            }
        }
    }

    private mutating func open() throws -> Bool {
        guard let found = log.segment(for: position) else { return false }
        position = max(position, found.segment.firstPosition)
        let start = found.segment.offset(before: position)
        if scanner == nil || segmentFirst != found.segment.firstPosition {
            scanner = SegmentScanner(found.segment.file, from: start, limit: found.segment.end)
        } else if let offset = scanner?.offset {
            scanner = SegmentScanner(found.segment.file, from: offset, limit: found.segment.end)
        }
        path = found.segment.path
        segmentFirst = found.segment.firstPosition
        segmentNext = found.next
        scannedDurable = found.durable
        return true
    }
}

extension WriteAheadLog {
    /// The record at `position`, or nil where there is none (any more).
    public func record<Result>(at position: UInt64, _ body: (LogRecord) throws -> Result) throws -> Result? {
        var reader = LogReader(self, from: position)
        var result: Result?
        _ = try reader.nextBatch { record in
            if record.position == position { result = try body(record) }
        }
        return result
    }
}
