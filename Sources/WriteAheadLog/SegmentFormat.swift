import CChecksum

/// The form of a segment file and of the batches in it; docs/log.md shows it byte by byte.
enum SegmentFormat {
    static let magic: UInt64 = 0x4543_4152_4C4C_494D  // "MILLRACE"
    static let version: UInt32 = 1
    static let headerLength = 64
    static let batchMagic: UInt32 = 0x4843_5442  // "BTCH"
    static let batchHeaderLength = 48
    static let recordHeaderLength = 5
    /// Batches begin at multiples of this, so that a search for the next one need not look at every byte.
    static let alignment = 8

    static func fileName(firstPosition: UInt64) -> String {
        let digits = String(firstPosition)
        return String(repeating: "0", count: 20 - digits.utf8.count) + digits + ".segment"
    }

    static func firstPosition(ofFile name: String) -> UInt64? {
        guard name.hasSuffix(".segment"), name.utf8.count == 28 else { return nil }
        return UInt64(name.prefix(20))
    }

    static func header(firstPosition: UInt64, milliseconds: Int64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: headerLength)
        bytes.withUnsafeMutableBytes { buffer in
            buffer.storeBytes(of: magic.littleEndian, toByteOffset: 0, as: UInt64.self)
            buffer.storeBytes(of: version.littleEndian, toByteOffset: 8, as: UInt32.self)
            buffer.storeBytes(of: UInt32(headerLength).littleEndian, toByteOffset: 12, as: UInt32.self)
            buffer.storeBytes(of: firstPosition.littleEndian, toByteOffset: 16, as: UInt64.self)
            buffer.storeBytes(of: milliseconds.littleEndian, toByteOffset: 24, as: Int64.self)
            let checksum = millrace_crc32c(0, buffer.baseAddress, 60)
            buffer.storeBytes(of: checksum.littleEndian, toByteOffset: 60, as: UInt32.self)
        }
        return bytes
    }

    /// The position of the segment's first record, or nil when this is no whole header of this version.
    static func readHeader(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
        guard bytes.count >= headerLength, bytes.word(0) == magic, bytes.half(8) == version,
            bytes.half(60) == millrace_crc32c(0, bytes.baseAddress, 60)
        else { return nil }
        return bytes.word(16)
    }
}

/// The header of a batch.
struct BatchHeader: Equatable {
    /// Bytes of the records.
    var length: Int
    var firstPosition: UInt64
    var count: Int
    /// Milliseconds since 1970 at the append.
    var milliseconds: Int64
    /// When this batch was written, everything up to this position was known to be on stable storage.
    var durable: UInt64
    var bodyChecksum: UInt32

    var lastPosition: UInt64 { firstPosition &+ UInt64(count) &- 1 }

    /// Bytes from this batch to the next.
    var stride: Int {
        let whole = SegmentFormat.batchHeaderLength + length
        return (whole + SegmentFormat.alignment - 1) / SegmentFormat.alignment * SegmentFormat.alignment
    }

    func store(in bytes: UnsafeMutableRawBufferPointer) {
        bytes.storeBytes(of: SegmentFormat.batchMagic.littleEndian, toByteOffset: 0, as: UInt32.self)
        bytes.storeBytes(of: UInt32(length).littleEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: firstPosition.littleEndian, toByteOffset: 8, as: UInt64.self)
        bytes.storeBytes(of: UInt32(count).littleEndian, toByteOffset: 16, as: UInt32.self)
        bytes.storeBytes(of: UInt32(0), toByteOffset: 20, as: UInt32.self)
        bytes.storeBytes(of: milliseconds.littleEndian, toByteOffset: 24, as: Int64.self)
        bytes.storeBytes(of: durable.littleEndian, toByteOffset: 32, as: UInt64.self)
        bytes.storeBytes(of: bodyChecksum.littleEndian, toByteOffset: 40, as: UInt32.self)
        let checksum = millrace_crc32c(0, bytes.baseAddress, 44)
        bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 44, as: UInt32.self)
    }

    /// Reads a header; nil when its magic, checksum or limits are wrong.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= SegmentFormat.batchHeaderLength, bytes.half(0) == SegmentFormat.batchMagic,
            bytes.half(44) == millrace_crc32c(0, bytes.baseAddress, 44)
        else { return nil }
        length = Int(bytes.half(4))
        firstPosition = bytes.word(8)
        count = Int(bytes.half(16))
        milliseconds = Int64(bitPattern: bytes.word(24))
        durable = bytes.word(32)
        bodyChecksum = bytes.half(40)
        guard count > 0, length >= count * SegmentFormat.recordHeaderLength, length <= LogBatch.maximumLength,
            firstPosition > 0, firstPosition < UInt64.max / 2
        else { return nil }
    }

    init(length: Int, firstPosition: UInt64, count: Int, milliseconds: Int64, durable: UInt64, bodyChecksum: UInt32) {
        self.length = length
        self.firstPosition = firstPosition
        self.count = count
        self.milliseconds = milliseconds
        self.durable = durable
        self.bodyChecksum = bodyChecksum
    }
}

extension UnsafeRawBufferPointer {
    func word(_ offset: Int) -> UInt64 { UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    func half(_ offset: Int) -> UInt32 { UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
}
