/// Looks for the first byte of a kind, eight at a time.
public enum ByteScan {
    @usableFromInline static let ones: UInt64 = 0x0101_0101_0101_0101
    @usableFromInline static let tops: UInt64 = 0x8080_8080_8080_8080

    /// The first byte at or after `start` that a JSON string can't hold as it is (a control, a quotation mark or a
    /// backslash), or the end.
    @inlinable public static func endOfPlain(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        if let base = UnsafeRawPointer(bytes.baseAddress) {
            // In bounds: eight bytes are left.
            while index + 8 <= bytes.count {
                let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                // The top bit of each ASCII byte that is below 0x20, or equal; above the first hit it may be set wrongly.
                let controls = word &- (ones &* 0x20)
                let quotes = (word ^ (ones &* 0x22)) &- ones
                let backslashes = (word ^ (ones &* 0x5C)) &- ones
                let hits = (controls | quotes | backslashes) & ~word
                if hits & tops != 0 { return index + (hits & tops).trailingZeroBitCount >> 3 }
                index += 8
            }
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return index }
            index += 1
        }
        return index
    }

    /// The first byte at or after `start` that is not ASCII, or the end.
    @inlinable public static func endOfASCII(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        if let base = UnsafeRawPointer(bytes.baseAddress) {
            // In bounds: eight bytes are left.
            while index + 8 <= bytes.count {
                let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self)) & tops
                if word != 0 { return index + word.trailingZeroBitCount >> 3 }
                index += 8
            }
        }
        while index < bytes.count, bytes[index] < 0x80 { index += 1 }
        return index
    }
}
