import CByteScan

/// Looks for the first byte of a kind, sixteen at a time, and 64 where there are none for long.
public enum ByteScan {
    /// The first byte at or after `start` that a JSON string can't hold as it is (a control, a quotation mark or a
    /// backslash), or the end.
    public static func endOfPlain(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        first(bytes, from: start, millrace_json_escapes16, millrace_json_escapes64) { byte in
            byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
        }
    }

    /// The first byte at or after `start` that is not ASCII, or the end.
    public static func endOfASCII(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        if start >= 0, bytes.count < 16, bytes.count &- start >= 8, let base = UnsafeRawPointer(bytes.baseAddress) {
            // In bounds: the first eight bytes and the last eight, which may overlap.
            let first = base.loadUnaligned(fromByteOffset: start, as: UInt64.self)
            let last = base.loadUnaligned(fromByteOffset: bytes.count &- 8, as: UInt64.self)
            if (first | last) & 0x8080_8080_8080_8080 == 0 { return bytes.count }
        }
        return first(bytes, from: start, millrace_beyond_ascii16, millrace_beyond_ascii_bits64) { $0 >= 0x80 }
    }

    /// The first byte at or after `start` that is a hit: `hits16` and `hits64` say it by a bit each, `isHit` of one.
    @inline(__always)
    private static func first(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ hits16: (UnsafeRawPointer) -> UInt32,
        _ hits64: (UnsafeRawPointer) -> UInt64, _ isHit: (UInt8) -> Bool
    ) -> Int {
        let count = bytes.count
        var index = start
        guard index >= 0, let base = UnsafeRawPointer(bytes.baseAddress) else { return count }
        // In bounds: as many bytes are left.
        while index <= count &- 16 {
            let found = hits16(base + index)
            if found != 0 { return index &+ found.trailingZeroBitCount }
            index &+= 16
            while index <= count &- 64 {
                let found = hits64(base + index)
                if found != 0 { return index &+ found.trailingZeroBitCount }
                index &+= 64
            }
        }
        if count >= 16 {
            // In bounds: the last sixteen bytes, of which those before `index` are shifted out. None is left where all are.
            guard index < count else { return count }
            let found = hits16(base + (count &- 16)) &>> UInt32(truncatingIfNeeded: index &- (count &- 16))
            return found == 0 ? count : index &+ found.trailingZeroBitCount
        }
        while index < count, !isHit(bytes[index]) { index &+= 1 }
        return index
    }
}
