import CCLD2

/// Names the language of a text, or says nothing where it can't be sure.
///
/// Function words tell the commonest languages, and scripts of one language tell that one; CLD2, which knows more than 80,
/// is asked about the rest.
public enum LanguageDetector {
    /// Bytes of text that CLD2 looks at; more does not change the answer of running text.
    public static let window = 2048
    /// The same for records, which come by the hundred thousand.
    static let recordWindow = 256
    /// Bytes at the beginning, and as many in the middle, in which function words are counted; twice where they are in doubt.
    private static let sample = 192

    /// The BCP 47 tag of a text's language.
    ///
    /// - Parameters:
    ///   - text: well-formed UTF-8 without markup.
    ///   - hint: what the source says of its language.
    ///   - window: bytes that are looked at.
    public static func detect(_ text: UnsafeBufferPointer<UInt8>, hint: String? = nil, window: Int = window) -> String?
    {
        let head = piece(of: text, from: 0, count: sample)
        let words = FunctionWords.language(
            of: (wholeWords(head), wholeWords(piece(of: text, from: max(text.count / 2, sample), count: sample))),
            then: {
                // The pieces behind, where these do not meet the others.
                guard text.count >= 4 * sample else { return nil }
                return (
                    wholeWords(piece(of: text, from: sample, count: sample)),
                    wholeWords(piece(of: text, from: text.count / 2 + sample, count: sample))
                )
            }, expected: hint)
        if let words { return words }
        if let language = ScriptLanguage.language(of: head) { return language }
        // The beginning is often enough, and costs an eighth.
        let beginning = piece(of: text, from: 0, count: recordWindow)
        if let language = byLetters(beginning, hint, leastPercent: beginning.count < text.count ? 85 : 60) {
            return language
        }
        if window > recordWindow, text.count > recordWindow,
            let language = byLetters(piece(of: text, from: 0, count: window), hint, leastPercent: 60)
        {
            return language
        }
        return ScriptLanguage.isHan(head) ? "zh" : nil
    }

    /// Whole characters of a text.
    private static func piece(
        of text: UnsafeBufferPointer<UInt8>, from start: Int, count: Int
    ) -> UnsafeBufferPointer<UInt8> {
        var start = min(start, text.count)
        var end = min(start + count, text.count)
        while start < end, text[start] & 0xC0 == 0x80 { start += 1 }
        while end > start, end < text.count, text[end] & 0xC0 == 0x80 { end -= 1 }
        return UnsafeBufferPointer(rebasing: text[start..<end])
    }

    /// A piece without the words at its ends, which may be cut.
    private static func wholeWords(_ piece: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        guard piece.count == sample, let first = piece.firstIndex(of: 0x20), let last = piece.lastIndex(of: 0x20)
        else { return piece }
        return UnsafeBufferPointer(rebasing: piece[first..<last])
    }

    /// What CLD2 is sure of, by the letters that follow each other.
    private static func byLetters(
        _ text: UnsafeBufferPointer<UInt8>, _ hint: String?, leastPercent: Int
    ) -> String? {
        guard let base = text.baseAddress, !text.isEmpty else { return nil }
        let answer = base.withMemoryRebound(to: CChar.self, capacity: text.count) { characters in
            millrace_detect_language(characters, Int32(text.count), hint)
        }
        guard let code = answer.code, answer.reliable, answer.percent >= leastPercent, answer.letters >= 16 else {
            return nil
        }
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
