/// What a block's words are like; counted in one pass over its bytes.
struct BlockWords {
    var words: Int32 = 0
    /// Words that begin with a capital letter of ASCII.
    var capitals: Int32 = 0
    /// Words of one to three letters, and function words of common languages: what sentences have and labels lack.
    var functionWords: Int32 = 0
    /// Words that the page's title has too.
    var titleWords: Int32 = 0
    var digits: Int32 = 0
    var commas: Int32 = 0
    /// Full stops, question and exclamation marks behind a letter.
    var sentenceEnds: Int32 = 0
    var currencySigns: Int32 = 0
    /// Bars, bullets and arrows, which part links.
    var separators: Int32 = 0
    /// Whether it ends as a sentence does.
    var endsSentence = false
    /// Words by ``WordGroups``, at most 255 of a group.
    var groups = WordGroups.Counts()
    /// The same for equal texts.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    init() {}

    init(_ bytes: UnsafeBufferPointer<UInt8>, title: TitleWords) {
        WordGroups.table.withUnsafeBufferPointer { count(bytes, title, $0) }
        if let last = bytes.last {
            // Also the full stop and the marks of Asian scripts, and closing quotes.
            endsSentence =
                last == 0x2E || last == 0x21 || last == 0x3F || last == 0x22 || last == 0x3A
                || bytes.count > 2
                    && (bytes[bytes.count - 3] == 0xE3 && last == 0x82 || bytes[bytes.count - 3] == 0xE2 && last == 0x9D
                        || bytes[bytes.count - 3] == 0xEF && (last == 0x81 || last == 0x9F))
        }
    }
}

extension BlockWords {
    private mutating func count(_ bytes: UnsafeBufferPointer<UInt8>, _ title: TitleWords, _ table: WordGroups.Table) {
        var word: UInt32 = 2_166_136_261
        var length = 0
        var begin: UInt8 = 0
        var previous: UInt8 = 0
        var index = 0
        // The end is what a separator would be.
        while index <= bytes.count {
            let byte = index < bytes.count ? bytes[index] : 0
            if index < bytes.count { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            index += 1
            let isLetter = byte | 0x20 &- 0x61 < 26
            let isDigit = byte &- 0x30 < 10
            if isLetter || isDigit || byte >= 0x80 || byte == 0x27 && length > 0 {
                if length == 0 { begin = byte }
                if isDigit { digits += 1 }
                word = (word ^ UInt32(isLetter ? byte | 0x20 : byte)) &* 16_777_619
                length += 1
                if byte >= 0x80 { countSign(byte, previous) }
            } else {
                switch byte {
                case 0x2C, 0x3B: commas += 1
                case 0x2E, 0x21, 0x3F: if length > 1 { sentenceEnds += 1 }
                case 0x24: currencySigns += 1
                case 0x7C, 0x3E, 0x2F: separators += 1
                default: break
                }
                if length > 0 {
                    words += 1
                    if begin &- 0x41 < 26 { capitals += 1 }
                    if title.contains(word) { titleWords += 1 }
                    let group = WordGroups.group(of: word, in: table)
                    if group == WordGroups.function { functionWords += 1 } else if group > 0 { groups.add(group) }
                    word = 2_166_136_261
                    length = 0
                }
            }
            previous = byte
        }
    }

    /// Signs beyond ASCII, by their last bytes: pound, euro, copyright, comma, bullet.
    private mutating func countSign(_ byte: UInt8, _ previous: UInt8) {
        if byte == 0xA3 && previous == 0xC2 || byte == 0xAC && previous == 0x82 { currencySigns += 1 }
        if byte == 0xA9 && previous == 0xC2 { groups.add(WordGroups.legal) }
        if byte == 0x82 && previous == 0x80 || byte == 0x81 && previous == 0x80 { commas += 1 }
    }
}

/// The words of a title, by their hashes.
struct TitleWords {
    private var hashes: [UInt32] = []
    private var filter: UInt64 = 0

    init(_ title: String?) {
        guard let title else { return }
        var hash: UInt32 = 2_166_136_261
        var length = 0
        func end(_ hashes: inout [UInt32], _ filter: inout UInt64) {
            if length > 2, hashes.count < 32 {
                hashes.append(hash)
                filter |= 1 << UInt64(hash & 63)
            }
            hash = 2_166_136_261
            length = 0
        }
        for byte in title.utf8 {
            let isLetter = byte | 0x20 &- 0x61 < 26
            if isLetter || byte &- 0x30 < 10 || byte >= 0x80 || byte == 0x27 && length > 0 {
                hash = (hash ^ UInt32(isLetter ? byte | 0x20 : byte)) &* 16_777_619
                length += 1
            } else {
                end(&hashes, &filter)
            }
        }
        end(&hashes, &filter)
    }

    /// How many there are, at most 32.
    var count: Int { hashes.count }

    @inline(__always) func contains(_ hash: UInt32) -> Bool {
        filter & 1 << UInt64(hash & 63) != 0 && hashes.contains(hash)
    }
}
