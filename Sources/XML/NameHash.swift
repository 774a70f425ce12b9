/// A hash by which names of elements are looked up without making strings of them; ASCII letters without case.
public enum NameHash {
    /// The hash of the name in `bytes[range]`.
    public static func of(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var hash = seed
        for index in range { add(bytes[index], to: &hash) }
        return hash
    }

    /// The hash of a name, for tables.
    public static func of(_ name: String) -> UInt64 {
        var hash = seed
        for byte in name.utf8 { add(byte, to: &hash) }
        return hash
    }

    // FNV-1a. Names that were made to have the same hash are taken for each other, which harms only their own text.
    @inlinable package static var seed: UInt64 { 0xCBF2_9CE4_8422_2325 }

    @inline(__always) private static func add(_ byte: UInt8, to hash: inout UInt64) {
        hash = next(hash, byte &- 0x41 < 26 ? byte | 0x20 : byte)
    }

    /// The hash with one more byte, which is no capital letter.
    @inlinable @inline(__always) package static func next(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
}
