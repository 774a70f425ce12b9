import Glibc

/// The input's bytes. Every access is checked, also in release mode, where the standard library's buffer pointers are not.
struct InputBytes {
    private let buffer: UnsafeRawBufferPointer
    let count: Int

    init(_ buffer: UnsafeBufferPointer<UInt8>) {
        self.buffer = UnsafeRawBufferPointer(buffer)
        count = buffer.count
    }

    @inline(__always) subscript(place: Int) -> UInt8 {
        precondition(UInt(bitPattern: place) < UInt(bitPattern: count))
        return buffer[place]
    }

    subscript(range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return UnsafeBufferPointer(rebasing: buffer.bindMemory(to: UInt8.self)[range])
    }

    /// The byte there; nil behind the end.
    @inline(__always) func at(_ place: Int) -> UInt8? { place < count ? self[place] : nil }

    /// Eight bytes, the first one lowest.
    @inline(__always) private func word(_ place: Int) -> UInt64 {
        precondition(place >= 0 && place <= count - 8)
        return UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }

    /// The place of the next byte of that value before `end`, or `end`.
    func find(_ byte: UInt8, from place: Int, to end: Int) -> Int {
        guard place < end, place >= 0, end <= count, let base = buffer.baseAddress,
            let found = memchr(base + place, Int32(byte), end - place)
        else { return end }
        return base.distance(to: UnsafeRawPointer(found))
    }

    /// The place of the next byte of that value, or the end.
    func find(_ byte: UInt8, from place: Int) -> Int { find(byte, from: place, to: count) }

    /// The place of the next byte of one of these values, or the end; eight bytes at a time.
    @inline(__always) func find(_ first: UInt8, _ second: UInt8, _ third: UInt8, from start: Int) -> Int {
        let (a, b, c) = (Self.spread(first), Self.spread(second), Self.spread(third))
        var place = start
        while place <= count - 8 {
            let word = word(place)
            let found = Self.zeros(word ^ a) | Self.zeros(word ^ b) | Self.zeros(word ^ c)
            if found != 0 { return place + found.trailingZeroBitCount >> 3 }
            place += 8
        }
        while place < count {
            let byte = self[place]
            if byte == first || byte == second || byte == third { return place }
            place += 1
        }
        return count
    }

    @inline(__always) private static func spread(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// The high bit of each byte that is zero. Bits above the lowest one may be wrong, which is never looked at.
    @inline(__always) private static func zeros(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }
}
