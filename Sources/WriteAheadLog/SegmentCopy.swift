/// A segment that is written anew from the whole batches of an old one, whose positions they keep.
struct SegmentCopy {
    /// The next batch's position.
    private(set) var expected: UInt64
    /// Records that were copied.
    private(set) var kept = 0
    /// Positions that had none.
    private(set) var lost = 0
    private let target: any LogFile
    private let firstPosition: UInt64
    private let begun: Int64
    private let salt = UInt32.random(in: 1 ... .max)
    private var milliseconds: Int64
    private var durable: UInt64 = 0
    private var end = SegmentFormat.headerLength

    /// Records in one batch of those that stand for lost ones.
    private static let fillerRecords: UInt64 = 1 << 20
    private static let longestGap: UInt64 = 1 << 32

    init(target: any LogFile, firstPosition: UInt64, milliseconds: Int64) {
        self.target = target
        self.firstPosition = firstPosition
        expected = firstPosition
        begun = milliseconds
        self.milliseconds = milliseconds
    }

    /// Appends a batch as it stands, but for the salt.
    mutating func append(_ header: BatchHeader, _ stored: UnsafeRawBufferPointer) throws(LogError) {
        try write(header, stored)
        kept += header.count
        (milliseconds, durable) = (header.milliseconds, max(durable, header.durable))
    }

    /// Appends records that stand for those up to `position`.
    mutating func fill(upTo position: UInt64) throws(LogError) {
        guard expected >= position || position - expected <= Self.longestGap else {
            throw LogError(
                .unknownFormat,
                "positions \(expected) to \(position - 1) are missing: more than one log can have lost",
                remedy: "see whether all files in the directory are of this log")
        }
        while expected < position {
            let count = Int(min(position - expected, Self.fillerRecords))
            var batch = LogBatch(capacity: count * SegmentFormat.recordHeaderLength)
            for _ in 0..<count { batch.append(kind: LogRepair.lostKind, []) }
            let filler = batch.finished()
            var header = filler.header
            (header.firstPosition, header.milliseconds, header.durable) = (expected, milliseconds, durable)
            let result = filler.bytes.withUnsafeBytes { bytes -> Result<Void, LogError> in
                let start = SegmentFormat.batchHeaderLength
                let records = UnsafeRawBufferPointer(rebasing: bytes[start..<start + header.length])
                do throws(LogError) { return .success(try write(header, records)) } catch { return .failure(error) }
            }
            try result.get()
            lost += count
        }
    }

    private mutating func write(_ header: BatchHeader, _ stored: UnsafeRawBufferPointer) throws(LogError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(header.stride)
        bytes.append(contentsOf: repeatElement(0, count: SegmentFormat.batchHeaderLength))
        bytes.append(contentsOf: stored)
        bytes.append(contentsOf: repeatElement(0, count: header.stride - bytes.count))
        let salt = salt
        bytes.withUnsafeMutableBytes { header.store(in: $0, salt: salt) }
        try target.write(bytes, at: end)
        end += bytes.count
        expected = header.lastPosition + 1
    }

    /// Writes the header and makes the segment durable.
    ///
    /// - Parameter allocated: the bytes that had been set aside for the old one. The copy is shorter than what its header names,
    ///   as is every segment whose content is all durable.
    consuming func finish(allocated: Int) throws(LogError) {
        let header = SegmentHeader(
            firstPosition: firstPosition, milliseconds: begun, salt: salt,
            allocated: max(allocated, end + SegmentFormat.alignment))
        try target.write(header.encoded, at: 0)
        try target.sync()
    }
}
