import CChecksum

/// The header of a batch.
struct BatchHeader: Equatable {
    /// Bytes of the records as they stand in the file.
    var length: Int
    var firstPosition: UInt64
    var count: Int
    /// Bytes of the records before zstd made `length` of them; 0 when they stand there as they are.
    var plainLength = 0
    /// Milliseconds since 1970 at the append.
    var milliseconds: Int64
    /// When this batch was written, everything up to this position was known to be on stable storage.
    var durable: UInt64
    var bodyChecksum: UInt32

    var lastPosition: UInt64 { firstPosition &+ UInt64(count) &- 1 }

    /// Bytes from this batch to the next.
    var stride: Int { SegmentFormat.aligned(SegmentFormat.batchHeaderLength + length) }

    func store(in bytes: UnsafeMutableRawBufferPointer, salt: UInt32) {
        bytes.storeBytes(of: SegmentFormat.batchMagic.littleEndian, toByteOffset: 0, as: UInt32.self)
        bytes.storeBytes(of: UInt32(length).littleEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: firstPosition.littleEndian, toByteOffset: 8, as: UInt64.self)
        bytes.storeBytes(of: UInt32(count).littleEndian, toByteOffset: 16, as: UInt32.self)
        bytes.storeBytes(of: UInt32(plainLength).littleEndian, toByteOffset: 20, as: UInt32.self)
        bytes.storeBytes(of: milliseconds.littleEndian, toByteOffset: 24, as: Int64.self)
        bytes.storeBytes(of: durable.littleEndian, toByteOffset: 32, as: UInt64.self)
        bytes.storeBytes(of: bodyChecksum.littleEndian, toByteOffset: 40, as: UInt32.self)
        let checksum = millrace_crc32c(salt, bytes.baseAddress, 44)
        bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 44, as: UInt32.self)
    }

    /// Reads a header; nil when its magic, checksum or limits are wrong.
    init?(_ bytes: UnsafeRawBufferPointer, salt: UInt32) {
        guard bytes.count >= SegmentFormat.batchHeaderLength, bytes.half(0) == SegmentFormat.batchMagic,
            bytes.half(44) == millrace_crc32c(salt, bytes.baseAddress, 44)
        else { return nil }
        length = Int(bytes.half(4))
        firstPosition = bytes.word(8)
        count = Int(bytes.half(16))
        plainLength = Int(bytes.half(20))
        milliseconds = Int64(bitPattern: bytes.word(24))
        durable = bytes.word(32)
        bodyChecksum = bytes.half(40)
        // Compressed or not: recovery counts on it for the positions that damaged bytes can have held.
        guard count > 0, length >= count * SegmentFormat.recordHeaderLength, length <= LogBatch.maximumLength,
            plainLength <= BatchDecoder.longestPlain, firstPosition > 0, firstPosition < UInt64.max / 2
        else { return nil }
    }

    init(
        length: Int, firstPosition: UInt64, count: Int, plainLength: Int, milliseconds: Int64, durable: UInt64,
        bodyChecksum: UInt32
    ) {
        self.length = length
        self.firstPosition = firstPosition
        self.count = count
        self.plainLength = plainLength
        self.milliseconds = milliseconds
        self.durable = durable
        self.bodyChecksum = bodyChecksum
    }
}
