/// Recognises the words that by-lines begin with.
enum Byline {
    private static let words: [StaticString] = [
        "by", "by:", "written by", "posted by", "author", "author:", "authors", "von", "par", "por", "door", "autor",
        "autor:", "auteur",
        "story by", "words by", "article by", "started by", "published by", "created by", "submitted by",
        "topic author", "medically reviewed by", "text by", "作者", "автор",
    ]

    /// Whether a text begins with such a word, and a space or its end behind it.
    static func begins(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        guard start < bytes.count else { return false }
        switch bytes[start] | 0x20 {
        case UInt8(ascii: "b"), UInt8(ascii: "w"), UInt8(ascii: "p"), UInt8(ascii: "a"), UInt8(ascii: "v"),
            UInt8(ascii: "d"),
            UInt8(ascii: "s"), UInt8(ascii: "c"), UInt8(ascii: "t"), UInt8(ascii: "m"), 0xE4, 0xF0:
            break
        default: return false
        }
        return words.contains { starts(bytes, start, $0) }
    }

    private static func starts(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.count - start >= count else { return false }
        for index in 0..<count {
            let own = bytes[start + index]
            let folded = own &- 0x41 < 26 ? own | 0x20 : own
            if folded != word.utf8Start[index] { return false }
        }
        guard start + count < bytes.count else { return true }
        let next = bytes[start + count]
        return next <= 0x20 || next == UInt8(ascii: ":") || next == 0xC2 || next == 0xEF
    }
}
