/// Media types (RFC 9110, section 8.3.1).
enum MediaType {
    /// Type and subtype in lower case, without parameters.
    static func essence(_ text: String) -> String {
        String(text.prefix { $0 != ";" }).split(separator: " ").joined().lowercased()
    }

    /// The value of a parameter, without quotation marks.
    static func parameter(_ name: String, of text: String) -> String? {
        for part in text.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, TextBytes.line(String(pair[0]))?.lowercased() == name else { continue }
            return TextBytes.line(String(pair[1]).utf8.filter { $0 != 0x22 && $0 != 0x27 })
        }
        return nil
    }
}
