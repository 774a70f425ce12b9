/// A hash by which names of elements are looked up without making strings of them; ASCII letters without case.
public enum NameHash {
    /// The hash of the name in `bytes[range]`.
    public static func of(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var hash = seed
        var index = range.lowerBound
        while range.upperBound &- index > 8 {
            hash = next(hash, bytes.word(at: index, count: 8))
            index &+= 8
        }
        return next(hash, bytes.word(at: index, count: range.upperBound &- index))
    }

    /// The hash of a name, for tables.
    public static func of(_ name: String) -> UInt64 {
        let bytes = Array(name.utf8)
        return of(bytes.span, 0..<bytes.count)
    }

    /// The hash of a name of no more than eight bytes, the first of them the lowest, without case.
    @inlinable @inline(__always) package static func of(word: UInt64) -> UInt64 { next(seed, word) }

    @inlinable package static var seed: UInt64 { 0xCBF2_9CE4_8422_2325 }

    // Names that were made to have the same hash are taken for each other, which harms only their own text.
    @inlinable @inline(__always) static func next(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
        return product ^ product &>> 32
    }
}
