/// Reads a model's bytes out of the base64 that stands in the source.
struct ModelReader {
    private var bytes: [UInt8] = []
    private var place = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    init(base64 text: StaticString) {
        bytes.reserveCapacity(text.utf8CodeUnitCount / 4 * 3)
        var bits: UInt32 = 0
        var count = 0
        text.withUTF8Buffer { text in
            for character in text {
                let value: UInt8
                switch character {
                case 0x41...0x5A: value = character - 0x41
                case 0x61...0x7A: value = character - 0x61 + 26
                case 0x30...0x39: value = character - 0x30 + 52
                case 0x2B: value = 62
                case 0x2F: value = 63
                default: continue
                }
                bits = bits << 6 | UInt32(value)
                count += 6
                if count >= 8 {
                    count -= 8
                    bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                }
            }
        }
    }

    private mutating func take(_ count: Int) -> UInt32? {
        guard place + count <= bytes.count else { return nil }
        var value: UInt32 = 0
        for index in 0..<count { value |= UInt32(bytes[place + index]) << UInt32(8 * index) }
        place += count
        return value
    }

    /// 16 bits, low byte first.
    mutating func number() -> Int? { take(2).map(Int.init) }
    /// 16 bits in two's complement.
    mutating func signed() -> Int? { take(2).map { Int(Int16(truncatingIfNeeded: $0)) } }
    /// 32 bits of IEEE 754.
    mutating func float() -> Float? { take(4).map(Float.init(bitPattern:)) }
}
