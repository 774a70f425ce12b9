import Glibc

/// Walks through all whole batches of a log's directory, and names what is none; opens no log, takes no lock, writes nothing.
///
/// A log that a daemon writes to meanwhile may be walked as well: what is being written is its end. A segment that is removed
/// on the way is passed over. What is torn and what is damaged is decided as by a daemon that opens the log.
public struct LogWalk {
    /// A file of the log.
    public struct SegmentFile: Sendable {
        /// Its path.
        public let path: String
        /// The position in its name, which is that of its first record.
        public let firstPosition: UInt64
        /// Bytes, with what is set aside for more.
        public let size: Int
        /// When it was begun, milliseconds since 1970; nil where its header is not whole.
        public var begun: Int64? { header?.milliseconds }
        let header: SegmentHeader?
        /// What is wrong with the header, and where.
        let damage: (offset: Int, what: String)?
        /// The byte behind what is read of it.
        let end: Int
    }

    /// A whole batch.
    public struct Batch {
        /// The file, as its place in ``LogWalk/segments``.
        public let segment: Int
        /// Where it begins in the file.
        public let offset: Int
        /// Bytes from there to the next batch's place.
        public let stride: Int
        /// Position of its first record.
        public var firstPosition: UInt64 { header.firstPosition }
        /// Position of its last record.
        public var lastPosition: UInt64 { header.lastPosition }
        /// Number of records.
        public var count: Int { header.count }
        /// When it was appended, milliseconds since 1970.
        public var milliseconds: Int64 { header.milliseconds }
        /// Up to this position everything was durable when it was written.
        public var durable: UInt64 { header.durable }
        let header: BatchHeader
        let records: UnsafeRawBufferPointer

        /// Calls `body` with each record; valid until the walk's next step.
        public func forEachRecord(_ body: (LogRecord) throws -> Void) rethrows {
            try LogRecord.forEach(in: records, of: header, body)
        }
    }

    /// What stands next in the log.
    public enum Step {
        /// A whole batch.
        case batch(Batch)
        /// Bytes that are no batch, or positions that are missing, in the segment of that place.
        case fault(RecoveryReport.Fault, segment: Int)
        /// The end of the newest segment; bytes behind it that were never acknowledged.
        case end(tornBytes: Int)
    }

    /// All segments, by position.
    public let segments: [SegmentFile]
    /// Bytes of segments that are behind.
    public private(set) var bytesRead = 0
    /// Bytes of all segments that are walked through.
    public private(set) var bytesTotal = 0
    private let fileSystem: any LogFileSystem
    /// The position behind the newest segment.
    private let nextPosition: UInt64
    private let tornBytes: Int
    private var index = 0
    private var scanner: SegmentScanner?
    private var decoder = BatchDecoder()
    /// The next batch's position; nil where nothing was said of it yet.
    private var expected: UInt64?
    private var pending: [Step] = []

    /// Lists the log in `directory`; the walk begins at its beginning.
    ///
    /// - Parameter besideWriter: a daemon has the log open, so what is not whole at its end is being written.
    public init(
        directory: String, besideWriter: Bool = false, fileSystem: any LogFileSystem = SystemFileSystem()
    ) throws(LogError) {
        self.fileSystem = fileSystem
        let recovered = try RecoveredLog(
            directory: directory, fileSystem: fileSystem, for: besideWriter ? .readingBesideWriter : .reading)
        (nextPosition, tornBytes) = (recovered.nextPosition, recovered.report.tornBytes)
        var found: [SegmentFile] = []
        for segment in recovered.segments {
            do throws(LogError) {
                found.append(try Self.look(at: segment, fileSystem))
            } catch {
                guard besideWriter, Self.isGone(error) else { throw error }
            }
        }
        segments = found
        bytesTotal = found.reduce(0) { $0 + $1.end }
    }

    /// Begins with the segment that holds `position`.
    public mutating func seek(to position: UInt64) {
        index = max((segments.firstIndex { $0.firstPosition > position } ?? segments.count) - 1, 0)
        bytesTotal = segments.dropFirst(index).reduce(0) { $0 + $1.end }
        (bytesRead, scanner, expected, pending) = (0, nil, nil, [])
    }

    /// Begins with the segment that was written to at `milliseconds` since 1970, or with the first one behind.
    public mutating func seek(since milliseconds: Int64) {
        let next = segments.firstIndex { $0.begun ?? .min > milliseconds } ?? segments.count
        seek(to: segments.indices.contains(next - 1) ? segments[next - 1].firstPosition : 0)
    }

    /// A segment may be trimmed between being listed and being opened.
    private static func isGone(_ error: LogError) -> Bool { error.code == .system(ENOENT) }

    private static func look(
        at segment: Segment, _ fileSystem: any LogFileSystem
    ) throws(LogError) -> SegmentFile {
        let file = try fileSystem.open(segment.path, writable: false)
        let header: SegmentHeader?
        var damage: (Int, String)?
        switch try SegmentHeader.read(file, firstBatch: segment.firstPosition) {
        case .unknownVersion(let version): throw SegmentHeader.unknown(version, segment.path)
        case .whole(let whole, let copy):
            header = whole
            damage = copy.map { ($0, SegmentHeader.damageOfCopy) }
        case .rebuilt(let rebuilt): (header, damage) = (rebuilt, (0, SegmentHeader.damage))
        case .broken: (header, damage) = (nil, (0, SegmentHeader.damage))
        }
        return SegmentFile(
            path: segment.path, firstPosition: segment.firstPosition, size: try file.size(), header: header,
            damage: damage, end: segment.end)
    }

    /// The next step; ``Step/end(tornBytes:)`` again and again in the end.
    public mutating func next() throws(LogError) -> Step {
        while true {
            if !pending.isEmpty { return pending.removeFirst() }
            guard index < segments.count else { return .end(tornBytes: tornBytes) }
            if scanner == nil { try enter(segments[index]) } else { try advance(in: segments[index]) }
        }
    }

    private var following: UInt64 { firstPosition(after: index) }

    /// Where the segment behind that one begins, or will.
    func firstPosition(after place: Int) -> UInt64 {
        place + 1 < segments.count ? segments[place + 1].firstPosition : nextPosition
    }

    private mutating func enter(_ segment: SegmentFile) throws(LogError) {
        if let (offset, what) = segment.damage { name(offset, what) }
        guard let header = segment.header else {
            expected = following
            return leave()
        }
        do throws(LogError) {
            let file = try fileSystem.open(segment.path, writable: false)
            scanner = SegmentScanner(file, header, limit: segment.end)
        } catch {
            guard Self.isGone(error) else { throw error }
            expected = nil
            return leave()
        }
        if expected == nil { expected = segment.firstPosition }
        if header.firstPosition != segment.firstPosition {
            name(16, "its header says that it begins at position \(header.firstPosition)")
        }
    }

    private mutating func advance(in segment: SegmentFile) throws(LogError) {
        // What stands behind the next segment's first position was written again there.
        guard let wanted = expected, wanted < following, let step = try scanner?.next() else { return leave() }
        switch step {
        case .batch(let header, let offset, let stored):
            guard header.firstPosition < following else { return leave(at: offset) }
            if header.firstPosition != wanted {
                name(offset, "a batch at position \(header.firstPosition), \(wanted) is expected")
            }
            expected = header.lastPosition + 1
            guard let records = decoder.records(stored, of: header) else {
                return name(offset, "records that can't be decompressed")
            }
            let stride = min(header.stride, segment.end - offset)
            pending.append(
                .batch(Batch(segment: index, offset: offset, stride: stride, header: header, records: records)))
        case .fault(let damage, let header):
            name(damage.offset, damage.description)
            expected = min(header.firstPosition, following)
        case .end(let damage): leave(at: damage.offset, damage.what == nil ? nil : damage.description)
        }
    }

    private mutating func name(_ offset: Int, _ what: String) {
        pending.append(.fault(.init(file: segments[index].path, offset: offset, what: what), segment: index))
    }

    /// Goes on to the next segment; names what is missing at the end of this one.
    private mutating func leave(at offset: Int = 0, _ what: String? = nil) {
        if let wanted = expected, wanted < following {
            name(offset, what ?? "positions \(wanted) to \(following - 1) are missing")
        }
        if expected != nil { expected = following }
        bytesRead += segments[index].end
        index += 1
        scanner = nil
    }
}
