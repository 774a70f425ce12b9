import CCLD2

/// Names the language of a text by CLD2, which knows more than 80, or says nothing where it can't be sure.
public enum LanguageDetector {
    /// Bytes of text that are looked at; more does not change the answer of running text.
    public static let window = 2048
    /// The same for records, which come by the hundred thousand.
    static let recordWindow = 256

    /// The BCP 47 tag of a text's language.
    ///
    /// - Parameters:
    ///   - text: well-formed UTF-8 without markup.
    ///   - hint: what the source says of its language.
    ///   - window: bytes that are looked at.
    public static func detect(_ text: UnsafeBufferPointer<UInt8>, hint: String? = nil, window: Int = window) -> String?
    {
        var count = min(text.count, window)
        // Not in the middle of a character.
        while count > 0, count < text.count, text[count] & 0xC0 == 0x80 { count -= 1 }
        guard count > 0, let base = text.baseAddress else { return nil }
        let answer = base.withMemoryRebound(to: CChar.self, capacity: count) { characters in
            millrace_detect_language(characters, Int32(count), hint)
        }
        guard let code = answer.code, answer.reliable, answer.percent >= 60, answer.letters >= 16 else { return nil }
        let name = String(cString: code)
        switch name {
        case "un", "xxx": return nil
        case "iw": return "he"
        case "in": return "id"
        case "jw": return "jv"
        case "mo": return "ro"
        default: return name.hasPrefix("xx-") ? nil : name
        }
    }

    /// A declared language in the form of BCP 47: `en_us` becomes `en-US`; nil for what is no tag.
    public static func tag(_ declared: String) -> String? {
        // Of a list, as `Content-Language` may hold one, the first counts.
        guard let entry = declared.split(whereSeparator: { $0 == "," || $0 == ";" || $0 == " " }).first else {
            return nil
        }
        let parts = entry.split { $0 == "-" || $0 == "_" }
        guard let first = parts.first, (2...3).contains(first.utf8.count), first.utf8.allSatisfy(isLetter) else {
            return nil
        }
        var tag = first.lowercased()
        for part in parts.dropFirst().prefix(2) {
            guard part.utf8.allSatisfy(isLetterOrDigit) else { break }
            switch part.utf8.count {
            case 2: tag += "-" + part.uppercased()
            case 4 where part.utf8.allSatisfy(isLetter):
                tag += "-" + part.prefix(1).uppercased() + part.dropFirst().lowercased()
            case 3 where !part.utf8.contains(where: isLetter): tag += "-" + part
            default: return tag
            }
        }
        return tag
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    private static func isLetterOrDigit(_ byte: UInt8) -> Bool { isLetter(byte) || (0x30...0x39).contains(byte) }
}
