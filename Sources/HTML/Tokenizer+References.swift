/// Character references (sections 13.2.5.72 to 80).
extension Tokenizer {
    /// Appends what the reference at `start` stands for to `scratch`, or the ampersand where it is none, and returns the
    /// place behind it.
    mutating func appendReference(at start: Int, inAttribute: Bool, limit: Int) -> Int {
        guard start + 1 < limit else {
            scratch.append(UInt8(ascii: "&"))
            return start + 1
        }
        if bytes[start + 1] == UInt8(ascii: "#") { return appendNumeric(at: start, limit: limit) }
        guard let match = Entities.longestMatch(bytes[(start + 1)..<limit]) else {
            scratch.append(UInt8(ascii: "&"))
            return start + 1
        }
        let end = start + 1 + match.length
        if inAttribute, !match.endsInSemicolon, end < limit {
            let next = bytes[end]
            // In an attribute, `&copy=` and `&copyright` are what they look like: parts of an address.
            if next == UInt8(ascii: "=") || Self.isLetter(next) || (next >= 0x30 && next <= 0x39) {
                scratch.append(UInt8(ascii: "&"))
                return start + 1
            }
        }
        Entities.append(match.value, to: &scratch)
        return end
    }

    private mutating func appendNumeric(at start: Int, limit: Int) -> Int {
        var place = start + 2
        var isHexadecimal = false
        if place < limit, bytes[place] | 0x20 == UInt8(ascii: "x") {
            isHexadecimal = true
            place += 1
        }
        let firstDigit = place
        var value: UInt32 = 0
        while place < limit {
            let byte = bytes[place]
            let digit: UInt32
            if byte >= 0x30, byte <= 0x39 {
                digit = UInt32(byte - 0x30)
            } else if isHexadecimal, byte | 0x20 >= 0x61, byte | 0x20 <= 0x66 {
                digit = UInt32((byte | 0x20) - 0x61 + 10)
            } else {
                break
            }
            // Beyond Unicode it stays beyond.
            if value <= 0x10FFFF { value = value * (isHexadecimal ? 16 : 10) + digit }
            place += 1
        }
        guard place > firstDigit else {
            scratch.append(contentsOf: bytes[start..<place])
            return place
        }
        if place < limit, bytes[place] == UInt8(ascii: ";") { place += 1 }
        if value >= 0x80, value <= 0x9F { value = Entities.windows1252[Int(value - 0x80)] }
        let scalar = value == 0 ? nil : Unicode.Scalar(value)
        scratch.append(contentsOf: String(scalar ?? "\u{FFFD}").utf8)
        return place
    }
}
