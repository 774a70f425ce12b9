/// The form of a segment file and of the batches in it; docs/log.md shows it byte by byte.
enum SegmentFormat {
    static let magic: UInt64 = 0x4543_4152_4C4C_494D  // "MILLRACE"
    static let version: UInt32 = 2
    /// Bytes of each of the header's two copies.
    static let headerCopyLength = 64
    /// The second copy stands where neither a lost sector nor a lost page takes both.
    static let secondCopyOffset = 4096
    static let headerLength = secondCopyOffset + headerCopyLength
    static let batchMagic: UInt32 = 0x4843_5442  // "BTCH"
    static let batchHeaderLength = 48
    static let recordHeaderLength = 5
    /// Batches begin at multiples of this, so that a search for the next one need not look at every byte.
    static let alignment = 8
    /// What a disk writes whole or not at all.
    static let sector = 512

    static let suffix = ".segment"

    static func fileName(firstPosition: UInt64, suffix: String = suffix) -> String {
        let digits = String(firstPosition)
        return String(repeating: "0", count: 20 - digits.utf8.count) + digits + suffix
    }

    static func firstPosition(ofFile name: String, suffix: String = suffix) -> UInt64? {
        guard name.hasSuffix(suffix), name.utf8.count == 20 + suffix.utf8.count else { return nil }
        return UInt64(name.prefix(20))
    }

    /// Rounds up to where the next batch may begin.
    static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
}

extension UnsafeRawBufferPointer {
    func word(_ offset: Int) -> UInt64 { UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    func half(_ offset: Int) -> UInt32 { UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
}

extension LogFile {
    /// Reads into all of `bytes`; returns how many the file had.
    func fill(_ bytes: inout [UInt8], at offset: Int) throws(LogError) -> Int {
        let result = bytes.withUnsafeMutableBytes { buffer -> Result<Int, LogError> in
            do throws(LogError) { return .success(try read(into: buffer, at: offset)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Writes an array.
    func write(_ bytes: [UInt8], at offset: Int) throws(LogError) {
        let result = bytes.withUnsafeBytes { buffer -> Result<Void, LogError> in
            do throws(LogError) { return .success(try write(buffer, at: offset)) } catch { return .failure(error) }
        }
        try result.get()
    }
}
