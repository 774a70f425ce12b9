import CZstd

/// Gives back a batch's records as they were appended.
struct BatchDecoder {
    private var plain: [UInt8] = []

    /// Bytes of records that a compressed batch may have: what somebody who made one can get a reader to set aside. Longer
    /// batches are not compressed.
    static let longestPlain = 64 << 20

    /// The records of a whole batch, valid until the next call and until `stored` is not any more; nil where they can't
    /// be decompressed to just the length that the header names.
    mutating func records(_ stored: UnsafeRawBufferPointer, of header: BatchHeader) -> UnsafeRawBufferPointer? {
        let length = header.plainLength
        guard length > 0 else { return stored }
        // The frame says the length as well; nothing is set aside for one that says another.
        guard ZSTD_getFrameContentSize(stored.baseAddress, stored.count) == UInt64(length),
            ZSTD_findFrameCompressedSize(stored.baseAddress, stored.count) == stored.count
        else { return nil }
        if plain.count < length || plain.count > max(length, 1 << 20) * 4 {
            plain = [UInt8](unsafeUninitializedCapacity: length) { $1 = length }
        }
        let isWhole = plain.withUnsafeMutableBytes { target in
            ZSTD_decompress(target.baseAddress, length, stored.baseAddress, stored.count) == length
        }
        guard isWhole else { return nil }
        return plain.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[..<length]) }
    }
}
