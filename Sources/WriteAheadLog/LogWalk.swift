import Glibc

/// Walks through all whole batches of a log's directory, and names what is none; opens no log, takes no lock, writes nothing.
///
/// A log that a daemon writes to meanwhile may be walked as well: what is being written is its end. A segment that is removed
/// on the way is passed over.
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
        public let begun: Int64?
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
    private var index = 0
    private var scanner: SegmentScanner?
    /// The next batch's position; nil where nothing was said of it yet, or damage made it unknown.
    private var expected: UInt64?
    private var pending: Batch?
    private var torn: Int?

    /// Lists the log in `directory`; the walk begins at its beginning.
    public init(
        directory: String, fileSystem: any LogFileSystem = SystemFileSystem()
    ) throws(LogError) {
        self.fileSystem = fileSystem
        var found: [SegmentFile] = []
        for name in try fileSystem.list(directory).sorted() {
            guard let first = SegmentFormat.firstPosition(ofFile: name) else { continue }
            do throws(LogError) {
                found.append(try Self.look(at: "\(directory)/\(name)", first, fileSystem))
            } catch {
                guard Self.isGone(error) else { throw error }
            }
        }
        segments = found
        bytesTotal = found.reduce(0) { $0 + $1.size }
    }

    /// Begins with the segment that holds `position`.
    public mutating func seek(to position: UInt64) {
        index = max((segments.firstIndex { $0.firstPosition > position } ?? segments.count) - 1, 0)
        bytesTotal = segments.dropFirst(index).reduce(0) { $0 + $1.size }
        (bytesRead, scanner, expected, pending, torn) = (0, nil, nil, nil, nil)
    }

    /// Begins with the segment that was written to at `milliseconds` since 1970, or with the first one behind.
    public mutating func seek(since milliseconds: Int64) {
        let next = segments.firstIndex { $0.begun ?? .min > milliseconds } ?? segments.count
        seek(to: segments.indices.contains(next - 1) ? segments[next - 1].firstPosition : 0)
    }

    /// A segment may be trimmed between being listed and being opened.
    private static func isGone(_ error: LogError) -> Bool { error.code == .system(ENOENT) }

    private static func look(
        at path: String, _ firstPosition: UInt64, _ fileSystem: any LogFileSystem
    ) throws(LogError) -> SegmentFile {
        let file = try fileSystem.open(path, writable: false)
        let size = try file.size()
        var header = [UInt8](repeating: 0, count: SegmentFormat.headerLength)
        var count = 0
        var failure: LogError?
        header.withUnsafeMutableBytes { buffer in
            do throws(LogError) { count = try file.read(into: buffer, at: 0) } catch { failure = error }
        }
        if let failure { throw failure }
        let begun = header.withUnsafeBytes { bytes in
            count == bytes.count && SegmentFormat.readHeader(bytes) == firstPosition
                ? Int64(bitPattern: bytes.word(24)) : nil
        }
        return SegmentFile(path: path, firstPosition: firstPosition, size: size, begun: begun)
    }

    /// The next step; ``Step/end(tornBytes:)`` again and again in the end.
    public mutating func next() throws(LogError) -> Step {
        if let batch = pending {
            pending = nil
            return .batch(batch)
        }
        while torn == nil, index < segments.count {
            let segment = segments[index]
            let following = index + 1 < segments.count ? segments[index + 1].firstPosition : nil
            if scanner == nil {
                do throws(LogError) {
                    scanner = SegmentScanner(try fileSystem.open(segment.path, writable: false), limit: segment.size)
                } catch {
                    guard Self.isGone(error) else { throw error }
                    leave(segment, for: nil)
                    continue
                }
                if expected == nil { expected = segment.firstPosition }
                if segment.begun == nil { return fault(at: 0, "a segment header with a wrong checksum") }
            }
            guard let step = try scanner?.next() else { continue }
            switch step {
            case .batch(let header, let offset, let records):
                // Behind the next segment's first position stands only what was written again there.
                if let following, header.firstPosition >= following {
                    if let fault = leave(segment, for: following, at: offset) { return fault }
                    continue
                }
                let batch = Batch(
                    segment: index, offset: offset, stride: min(header.stride, segment.size - offset), header: header,
                    records: records)
                let wanted = expected
                expected = header.lastPosition + 1
                if let wanted, wanted != header.firstPosition {
                    pending = batch
                    return fault(
                        at: offset, "a batch at position \(header.firstPosition), \(wanted) is expected")
                }
                return .batch(batch)
            case .fault(let offset, let end, let what, let header):
                // Without proof that it had been durable, it is the torn end of the newest segment.
                if following == nil, let wanted = expected, try scanner?.provenDurable() ?? 0 < wanted {
                    torn = segment.size - offset
                    continue
                }
                expected = header.firstPosition
                return fault(at: offset, "\(what), \(end - offset) bytes")
            case .end(let offset, let what):
                if following == nil { torn = what == nil ? 0 : segment.size - offset }
                if let fault = leave(segment, for: following, at: offset, what) { return fault }
            }
        }
        return .end(tornBytes: torn ?? 0)
    }

    private func fault(at offset: Int, _ what: String) -> Step {
        .fault(.init(file: segments[index].path, offset: offset, what: what), segment: index)
    }

    /// Goes on to the next segment; names what is missing at the end of this one.
    @discardableResult
    private mutating func leave(
        _ segment: SegmentFile, for following: UInt64?, at offset: Int = 0, _ what: String? = nil
    ) -> Step? {
        var missing: Step?
        if let following, let wanted = expected, wanted < following {
            missing = fault(at: offset, what ?? "positions \(wanted) to \(following - 1) are missing")
        }
        bytesRead += segment.size
        index += 1
        scanner = nil
        expected = following
        return missing
    }
}
