/// The characters of header fields (RFC 9110, section 5.6).
enum HeaderText {
    /// Whether a byte may stand in a token: a header's name, a method.
    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            return true
        default: return "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// Whether this is a non-empty token.
    static func isToken(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(isTokenByte) }

    /// Whether a text can be sent as a header's value: no line feed, carriage return or other control character.
    static func isValue(_ text: String) -> Bool { text.utf8.allSatisfy { $0 == 9 || ($0 >= 0x20 && $0 != 0x7F) } }

    /// The text without the white space around it.
    static func trimmed(_ text: some StringProtocol) -> String { trimmed(Array(text.utf8)) }

    /// The text without the white space around it.
    static func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 9 && byte <= 13) }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }),
            let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    /// The text without the white space around it, its ASCII letters in lower case.
    static func lowercased(_ bytes: some BidirectionalCollection<UInt8>) -> String {
        func isUpper(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5A }
        return bytes.contains(where: isUpper) ? trimmed(bytes.map { isUpper($0) ? $0 | 0x20 : $0 }) : trimmed(bytes)
    }

    /// A number of decimal digits and nothing else; what is too large becomes the largest.
    static func digits(_ text: some StringProtocol) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int64(text) ?? .max
    }
}
