import Glibc

/// Reads the durable records of a log in order, batch by batch, while others write.
///
/// A reader belongs to one task. It keeps the file that it reads open, so trimming takes nothing away under its feet;
/// what was trimmed before it came there is passed over. Damage is passed over, too, and named in ``faults``.
public struct LogReader {
    private let log: WriteAheadLog
    private var current: Current?
    private var decoder = BatchDecoder()
    /// The next record's position.
    public private(set) var position: UInt64
    /// Damage that was passed over.
    public private(set) var faults: [RecoveryReport.Fault] = []

    /// The segment that is being read.
    private struct Current {
        var file: any LogFile
        var header: SegmentHeader
        var scanner: SegmentScanner
        var path: String
        var first: UInt64
        var generation: Int
        /// Where the next segment begins; nil for the newest one, which is read as far as it was durable.
        var next: UInt64?
        var durable: UInt64
    }

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
            if let next = current?.next, position >= next { current = nil }
            if current.map({ $0.next == nil && position > $0.durable }) ?? true {
                guard try open() else { return false }
            }
            // Not the whole: a second copy of the scanner would make it copy its buffer.
            guard let (following, durable) = current.map({ ($0.next, $0.durable) }) else { continue }
            guard let step = try current?.scanner.next() else { return false }
            switch step {
            case .batch(let header, let offset, let stored):
                guard header.lastPosition >= position else { continue }
                if let next = following, header.firstPosition >= next {
                    // What stands behind the next segment's first position was written again there.
                    passOver(to: next, offset, nil)
                    continue
                }
                let wanted = position
                guard let records = decoder.records(stored, of: header) else {
                    passOver(to: header.lastPosition + 1, offset, "records that can't be decompressed")
                    continue
                }
                // The batches before this one are gone without a trace where positions are missing.
                if header.firstPosition > wanted { note(offset, "batches are missing") }
                try LogRecord.forEach(in: records, of: header) { record in
                    if record.position >= wanted { try body(record) }
                }
                position = header.lastPosition + 1
                return true
            case .fault(let damage, let next):
                passOver(
                    to: following.map { min($0, next.firstPosition) } ?? next.firstPosition, damage.offset, damage.what)
            case .end(let damage):
                // The rest of this segment is damaged: go on behind it.
                passOver(to: following ?? durable + 1, damage.offset, damage.what)
            }
        }
    }

    private mutating func passOver(to next: UInt64, _ offset: Int, _ what: String?) {
        guard position < next else { return }
        note(offset, what ?? "batches are missing")
        position = next
    }

    private mutating func note(_ offset: Int, _ what: String) {
        faults.append(.init(file: current?.path ?? "", offset: offset, what: what))
    }

    /// Finds the segment of ``position``; false when there is nothing there that is durable.
    private mutating func open() throws(LogError) -> Bool {
        while let found = log.segment(for: position) {
            let segment = found.segment
            position = max(position, segment.firstPosition)
            if current.map({ $0.first == segment.firstPosition && $0.generation == segment.generation }) ?? false {
                current?.scanner.extend(to: segment.end)
                current?.next = found.next
                current?.durable = found.durable
                return true
            }
            do throws(LogError) {
                let file = try log.fileSystem.open(segment.path, writable: false)
                try use(file, segment, next: found.next, durable: found.durable)
                if current != nil { return true }
            } catch {
                // It was trimmed between the look-up and the opening: the oldest segment is another one now.
                guard error.code == .system(ENOENT), log.first > segment.firstPosition else { throw error }
            }
        }
        return false
    }

    private mutating func use(
        _ file: any LogFile, _ segment: Segment, next: UInt64?, durable: UInt64
    ) throws(LogError) {
        current = nil
        let header: SegmentHeader
        switch try SegmentHeader.read(file, firstBatch: segment.firstPosition) {
        case .unknownVersion(let version): throw SegmentHeader.unknown(version, segment.path)
        case .broken:
            noteOnce(segment, 0, SegmentHeader.damage)
            position = next ?? durable + 1
            return
        case .rebuilt(let rebuilt):
            noteOnce(segment, 0, SegmentHeader.damage)
            header = rebuilt
        case .whole(let whole, let damagedCopy):
            if let damagedCopy { noteOnce(segment, damagedCopy, SegmentHeader.damageOfCopy) }
            header = whole
        }
        current = Current(
            file: file, header: header,
            scanner: SegmentScanner(file, header, from: segment.offset(before: position), limit: segment.end),
            path: segment.path, first: segment.firstPosition, generation: segment.generation, next: next,
            durable: durable)
    }

    /// A segment is opened again and again while it is the newest.
    private mutating func noteOnce(_ segment: Segment, _ offset: Int, _ what: String) {
        let fault = RecoveryReport.Fault(file: segment.path, offset: offset, what: what)
        if !faults.contains(fault) { faults.append(fault) }
    }
}

extension WriteAheadLog {
    /// The record at `position`, or nil where there is none (any more).
    public func record<Result>(at position: UInt64, _ body: (LogRecord) throws -> Result) throws -> Result? {
        var reader = LogReader(self, from: position)
        var result: Result?
        guard position >= first else { return nil }
        _ = try reader.nextBatch { record in
            if record.position == position { result = try body(record) }
        }
        return result
    }
}
