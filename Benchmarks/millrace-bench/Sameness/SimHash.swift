/// Charikar's fingerprint: texts that share most of their word triples differ in few of the 64 bits.
struct SimHash {
    // One counter a bit, kept as bit planes: plane k holds bit k of all 64 counters, so that adding a hash costs a few
    // operations instead of 64.
    private var planes: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0)
    private var totals: [Int32] = []
    private var inPlanes = 0
    private var count: Int32 = 0

    /// A fingerprint of nothing yet.
    init() {}

    /// The fingerprint of UTF-8 text over triples of words (letters and digits, ASCII letters without case; characters
    /// of scripts that set no spaces count as words). 0 for a text without words.
    static func of(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash = SimHash()
        var first: UInt64 = 0
        var second: UInt64 = 0
        var words = 0
        var word: UInt64 = seed
        var isInWord = false
        func finish() {
            let triple = mix(
                first &* 0x9E37_79B9_7F4A_7C15 ^ (second &* 0xC2B2_AE3D_27D4_EB4F) ^ (word &* 0x1656_67B1_9E37_79F9))
            words += 1
            if words >= 3 { hash.add(triple) }
            first = second
            second = word
            word = seed
            isInWord = false
        }
        var index = 0
        while index < text.count {
            var byte = text[index]
            if byte < 0x80 {
                if (0x41...0x5A).contains(byte) { byte |= 0x20 }
                if (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) {
                    word = (word ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
                    isInWord = true
                } else if isInWord {
                    finish()
                }
                index += 1
                continue
            }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            let end = min(index + length, text.count)
            // General punctuation and CJK punctuation end a word; so does the no-break space.
            if byte == 0xE2 && index + 1 < text.count && text[index + 1] <= 0x81
                || byte == 0xE3 && index + 1 < text.count && text[index + 1] == 0x80
                || byte == 0xC2
            {
                if isInWord { finish() }
                index = end
                continue
            }
            let isIdeographic = byte >= 0xE3 && byte <= 0xE9 || byte == 0xF0
            if isIdeographic, isInWord { finish() }
            while index < end {
                word = (word ^ UInt64(text[index])) &* 0x0000_0100_0000_01B3
                index += 1
            }
            isInWord = true
            if isIdeographic { finish() }
        }
        if isInWord { finish() }
        if words == 0 { return 0 }
        // Too short for triples: the words themselves, so that equal texts stay equal.
        if words < 3 { hash.add(mix(first ^ second &* 0x9E37_79B9_7F4A_7C15)) }
        return hash.value
    }

    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always) private static func mix(_ value: UInt64) -> UInt64 {
        var value = value
        value ^= value >> 30
        value &*= 0xBF58_476D_1CE4_E5B9
        value ^= value >> 27
        value &*= 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    @inline(__always) private mutating func add(_ hash: UInt64) {
        var carry = hash
        var next = planes.0 & carry
        planes.0 ^= carry
        carry = next
        next = planes.1 & carry
        planes.1 ^= carry
        carry = next
        if carry != 0 {
            next = planes.2 & carry
            planes.2 ^= carry
            carry = next
            next = planes.3 & carry
            planes.3 ^= carry
            carry = next
            next = planes.4 & carry
            planes.4 ^= carry
            carry = next
            next = planes.5 & carry
            planes.5 ^= carry
            carry = next
            planes.6 ^= carry
        }
        inPlanes += 1
        if inPlanes == 127 { flush() }
    }

    private mutating func flush() {
        if totals.isEmpty { totals = [Int32](repeating: 0, count: 64) }
        for bit in 0..<64 { totals[bit] &+= inPlane(bit) }
        count &+= Int32(inPlanes)
        planes = (0, 0, 0, 0, 0, 0, 0)
        inPlanes = 0
    }

    private func inPlane(_ bit: Int) -> Int32 {
        let place = UInt64(bit)
        var value = planes.0 >> place & 1
        value |= (planes.1 >> place & 1) << 1
        value |= (planes.2 >> place & 1) << 2
        value |= (planes.3 >> place & 1) << 3
        value |= (planes.4 >> place & 1) << 4
        value |= (planes.5 >> place & 1) << 5
        value |= (planes.6 >> place & 1) << 6
        return Int32(value)
    }

    private var value: UInt64 {
        var result: UInt64 = 0
        let all = count + Int32(inPlanes)
        for bit in 0..<64 {
            let ones = inPlane(bit) + (totals.isEmpty ? 0 : totals[bit])
            if ones * 2 > all { result |= 1 << UInt64(bit) }
        }
        return result
    }
}
