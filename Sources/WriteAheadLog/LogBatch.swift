import CChecksum

/// Records that are appended together: after a crash all of them are in the log, or none.
///
/// The records are laid out as they will stand in the file, so they are copied once.
public struct LogBatch: Sendable {
    /// Bytes of records that one batch may hold.
    public static let maximumLength = 512 << 20

    var bytes: [UInt8]
    /// Records in the batch.
    public private(set) var count = 0

    /// An empty batch with room for `capacity` bytes of records.
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(SegmentFormat.batchHeaderLength + capacity + SegmentFormat.alignment)
        bytes.append(contentsOf: repeatElement(0, count: SegmentFormat.batchHeaderLength))
    }

    /// Bytes of records so far.
    public var length: Int { bytes.count - SegmentFormat.batchHeaderLength }
    /// Whether no record was added.
    public var isEmpty: Bool { count == 0 }

    /// Adds a record.
    public mutating func append(kind: UInt8, _ record: some Collection<UInt8>) {
        append(kind: kind) { $0.append(contentsOf: record) }
    }

    /// Adds a record whose bytes `body` appends to the end of the array that it is given.
    public mutating func append(kind: UInt8, _ body: (inout [UInt8]) -> Void) {
        let start = bytes.count
        bytes.append(contentsOf: [0, 0, 0, 0, kind])
        body(&bytes)
        let length = UInt32(clamping: bytes.count - start - SegmentFormat.recordHeaderLength)
        bytes.withUnsafeMutableBytes { buffer in
            buffer.storeBytes(of: length.littleEndian, toByteOffset: start, as: UInt32.self)
        }
        count += 1
    }

    private func withRecords<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[SegmentFormat.batchHeaderLength...])) }
    }

    /// Closes the batch: compression, checksum and padding, the costly part that is done before any lock is taken.
    consuming func finished(_ compressor: BatchCompressor? = nil) -> FinishedBatch {
        var plainLength = 0
        if let compressed = compressor.flatMap({ compressor in withRecords { compressor.compress($0, count: count) } })
        {
            plainLength = self.length
            bytes = compressed
        }
        let length = self.length
        let checksum = withRecords { millrace_crc32c(0, $0.baseAddress, $0.count) }
        bytes.append(contentsOf: repeatElement(0, count: SegmentFormat.aligned(bytes.count) - bytes.count))
        return FinishedBatch(
            bytes: bytes,
            header: BatchHeader(
                length: length, firstPosition: 0, count: count, plainLength: plainLength, milliseconds: 0,
                durable: 0,
                bodyChecksum: checksum))
    }
}

/// A batch on its way to the disk: its bytes are laid out, its header is filled in when it is known where it will stand.
struct FinishedBatch {
    var bytes: [UInt8]
    var header: BatchHeader

    /// Bytes that it takes on the disk at the most: one that fills half a segment may get a segment of its own.
    func footprint(segmentSize: Int) -> Int {
        let header = SegmentFormat.headerLength
        let alone = header + bytes.count + SegmentFormat.alignment
        // It may end a segment that is all but empty, whose header nobody else has paid for.
        if alone > segmentSize / 2 { return alone + header }
        // A segment that such a batch ends is at least half full: each byte pays its share of the header.
        return bytes.count + bytes.count * header / (segmentSize / 2 - header) + 1
    }

    /// Fills the header in for the segment with this salt.
    mutating func seal(durable: UInt64, salt: UInt32) {
        header.durable = durable
        bytes.withUnsafeMutableBytes { header.store(in: $0, salt: salt) }
    }
}

/// A record as a reader sees it.
public struct LogRecord {
    /// Its place in the log.
    public let position: UInt64
    /// What its writer called it.
    public let kind: UInt8
    /// Milliseconds since 1970 at the append.
    public let milliseconds: Int64
    /// Its bytes; valid only during the call that hands them out.
    public let bytes: UnsafeRawBufferPointer
}

extension LogRecord {
    /// Calls `body` with each record of a batch whose checksum was right; stops where a length does not fit.
    static func forEach(
        in records: UnsafeRawBufferPointer, of header: BatchHeader, _ body: (LogRecord) throws -> Void
    ) rethrows {
        var offset = 0
        var position = header.firstPosition
        while offset + SegmentFormat.recordHeaderLength <= records.count, position <= header.lastPosition {
            let length = Int(records.half(offset))
            let start = offset + SegmentFormat.recordHeaderLength
            guard length <= records.count - start else { return }
            try body(
                LogRecord(
                    position: position, kind: records[offset + 4], milliseconds: header.milliseconds,
                    bytes: UnsafeRawBufferPointer(rebasing: records[start..<start + length])))
            offset = start + length
            position += 1
        }
    }
}
