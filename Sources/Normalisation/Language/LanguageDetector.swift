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
    /// The BCP 47 tag of a text's language.
    ///
    /// - Parameters:
    ///   - text: well-formed UTF-8 without markup.
    ///   - hint: what the source says of its language.
    ///   - window: bytes that are looked at.
    public static func detect(_ text: UnsafeBufferPointer<UInt8>, hint: String? = nil, window: Int = window) -> String?
    {
        var sample = LanguageSample()
        return detect(text, sample: &sample, hint: hint, window: window)
    }

    /// The same with the words that were taken from the text before, unless some of them are missing.
    static func detect(
        _ text: UnsafeBufferPointer<UInt8>, sample: inout LanguageSample, hint: String?, window: Int = window
    ) -> String? {
        if !sample.isComplete { sample.scan(text) }
        if let language = FunctionWords.language(of: text, &sample, expected: hint) { return language }
        let head = bytes(of: text, piece(of: text, from: 0, count: LanguageSample.length))
        if let language = ScriptLanguage.language(of: head) { return language }
        // The beginning is often enough, and costs an eighth.
        let beginning = bytes(of: text, piece(of: text, from: 0, count: recordWindow))
        if let language = byLetters(beginning, hint, leastPercent: beginning.count < text.count ? 85 : 60) {
            return language
        }
        if window > recordWindow, text.count > recordWindow,
            let language = byLetters(bytes(of: text, piece(of: text, from: 0, count: window)), hint, leastPercent: 60)
        {
            return language
        }
        return ScriptLanguage.isHan(head) ? "zh" : nil
    }

    /// Where whole characters of a text stand.
    static func piece(of text: UnsafeBufferPointer<UInt8>, from start: Int, count: Int) -> Range<Int> {
        var start = min(start, text.count)
        var end = min(start + count, text.count)
        while start < end, text[start] & 0xC0 == 0x80 { start += 1 }
        while end > start, end < text.count, text[end] & 0xC0 == 0x80 { end -= 1 }
        return start..<end
    }

    private static func bytes(
        of text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: text[range])
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
