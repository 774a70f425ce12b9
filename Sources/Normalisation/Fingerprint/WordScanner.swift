import CByteScan
import Glibc

/// A word of a text.
struct ScannedWord {
    /// A hash of its bytes, ASCII letters without case.
    var hash: UInt64
    /// Where it begins in the text.
    var start: UInt32
    /// Whether it holds a digit.
    var isFigure: Bool
}

/// Cuts text into words.
///
/// A word is a run of letters and digits; a character of a script that sets no spaces is a word. Punctuation and white
/// space only separate, so typography does not count. Text is looked at 64 bytes at a time up to a character that is not
/// known by its first byte alone.
enum WordScanner {
    /// Words that are handed over at once; as many as fit on the stack, which Swift takes for no more than 1,024 bytes.
    private static let batch = 1024 / MemoryLayout<ScannedWord>.stride

    /// Hands the words of `text`, which is well-formed UTF-8, to `take`, many at a time, so that both sides stay short loops.
    static func scan(_ text: UnsafeBufferPointer<UInt8>, _ take: (UnsafeBufferPointer<ScannedWord>) -> Void) {
        withUnsafeTemporaryAllocation(of: ScannedWord.self, capacity: batch) { buffer in
            guard let base = UnsafeRawPointer(text.baseAddress), let words = buffer.baseAddress else { return }
            let count = text.count
            var found = 0
            // Where the word that has begun starts. Offsets can't overflow: they are within the text.
            var start = -1
            var index = 0
            while index < count {
                // 64 bytes, and the rest of a character behind them, hold no more than 35 words.
                if found > batch - 40 {
                    take(UnsafeBufferPointer(start: words, count: found))
                    found = 0
                }
                let block = block(base, index, count)
                var length = min(64, count &- index)
                if block.wide != 0 { length = min(length, block.wide.trailingZeroBitCount) }
                guard length > 0 else {
                    scanWide(text, &index, &start, words, &found)
                    continue
                }
                // A bit where a word begins or ends, but for an end behind the last byte: such a word may go on.
                var edges = block.letters ^ (block.letters &<< 1 | (start >= 0 ? 1 : 0))
                if length < 64 { edges &= (1 &<< UInt64(truncatingIfNeeded: length)) &- 1 }
                if start >= 0, edges != 0 {
                    let end = edges.trailingZeroBitCount
                    edges &= edges &- 1
                    words[found] = word(text, base, start, index &+ end)
                    found &+= 1
                    start = -1
                }
                while edges != 0 {
                    let first = edges.trailingZeroBitCount
                    edges &= edges &- 1
                    guard edges != 0 else {
                        start = index &+ first
                        break
                    }
                    let end = edges.trailingZeroBitCount
                    edges &= edges &- 1
                    let isFigure = block.digits != 0 && block.digits & bits(first, end) != 0
                    words[found] = ScannedWord(
                        hash: hash(base, index &+ first, index &+ end, count),
                        start: UInt32(truncatingIfNeeded: index &+ first), isFigure: isFigure)
                    found &+= 1
                }
                index &+= length
            }
            if start >= 0 {
                words[found] = word(text, base, start, count)
                found &+= 1
            }
            if found > 0 { take(UnsafeBufferPointer(start: words, count: found)) }
        }
    }

    /// The hash that ``scan(_:_:)`` gives a word of ASCII, for tables.
    static func hash(_ word: String) -> UInt64 {
        var hash: UInt64 = 0
        var word = word
        word.withUTF8 { scan($0) { hash = $0.last?.hash ?? hash } }
        return hash
    }

    // MARK: Blocks

    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// What the next bytes are, at most 64; bits beyond the text say nothing.
    @inline(__always)
    private static func block(_ base: UnsafeRawPointer, _ index: Int, _ count: Int) -> millrace_word_bytes {
        // In bounds: 64 bytes are left, or there are as many before the end.
        if index &+ 64 <= count { return millrace_word_bytes64(base + index) }
        if count >= 64 {
            let block = millrace_word_bytes64(base + (count &- 64))
            let beyond = UInt64(truncatingIfNeeded: 64 &- (count &- index))
            return millrace_word_bytes(
                letters: block.letters &>> beyond, digits: block.digits &>> beyond, wide: block.wide &>> beyond)
        }
        return shortBlock(base, index, count)
    }

    /// The same in a text of less than 64 bytes.
    @inline(never)
    private static func shortBlock(_ base: UnsafeRawPointer, _ index: Int, _ count: Int) -> millrace_word_bytes {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 16) { copy in
            guard let target = copy.baseAddress else { return millrace_word_bytes(letters: 0, digits: 0, wide: 0) }
            memset(target, 0, 64)
            memcpy(target, base + index, count &- index)
            return millrace_word_bytes64(target)
        }
    }

    /// Whether an ASCII digit stands in the text.
    static func hasDigit(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = UnsafeRawPointer(text.baseAddress) else { return false }
        var index = 0
        while index &+ 16 <= text.count {
            // In bounds: 16 bytes are left.
            if millrace_digits16(base + index) { return true }
            index &+= 16
        }
        return text[index...].contains { $0 &- 0x30 < 10 }
    }

    /// The bits from `first` up to `end`, which is less than 64.
    @inline(__always) private static func bits(_ first: Int, _ end: Int) -> UInt64 {
        (1 &<< UInt64(truncatingIfNeeded: end)) &- (1 &<< UInt64(truncatingIfNeeded: first))
    }

    // MARK: Hashes

    /// The word between `start` and `end` which spans several blocks.
    @inline(never)
    private static func word(
        _ text: UnsafeBufferPointer<UInt8>, _ base: UnsafeRawPointer, _ start: Int, _ end: Int
    ) -> ScannedWord {
        ScannedWord(
            hash: hash(base, start, end, text.count), start: UInt32(truncatingIfNeeded: start),
            isFigure: hasDigit(UnsafeBufferPointer(rebasing: text[start..<end])))
    }

    /// The hash of the word between `start` and `end`, which is behind it and not beyond `count`.
    @inline(__always)
    private static func hash(_ base: UnsafeRawPointer, _ start: Int, _ end: Int, _ count: Int) -> UInt64 {
        guard end &- start <= 8, start &+ 8 <= count else { return longHash(base, start, end) }
        // In bounds by the condition; what stands behind the word is shifted out.
        let block = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        return add(block & (UInt64.max &>> UInt64(truncatingIfNeeded: (8 &- (end &- start)) &* 8)), to: seed)
    }

    /// The same for a word of more than eight bytes, or at the end of the text.
    @inline(never)
    private static func longHash(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> UInt64 {
        var hash = seed
        var index = start
        while end &- index > 8 {
            // In bounds: more than eight bytes are left of the word.
            hash = add(UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self)), to: hash)
            index &+= 8
        }
        var block: UInt64 = 0
        if end >= 8 {
            // In bounds: the eight bytes before the word's end, of which those before the rest are shifted out.
            block = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: end &- 8, as: UInt64.self))
            block &>>= UInt64(truncatingIfNeeded: (8 &- (end &- index)) &* 8)
        } else {
            for place in index..<end {
                block |= UInt64(base.load(fromByteOffset: place, as: UInt8.self)) &<< UInt64((place &- index) &* 8)
            }
        }
        return add(block, to: hash)
    }

    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always) private static func add(_ block: UInt64, to hash: UInt64) -> UInt64 {
        // ASCII without case: digits have this bit already.
        let product = (hash ^ (block | (~block & tops) &>> 2)) &* 0x9E37_79B9_7F4A_7C15
        return product ^ product &>> 32
    }

    // MARK: Other characters

    /// Goes on character by character for eight bytes, and as long as the first byte alone does not tell what one is.
    @inline(never)
    private static func scanWide(
        _ text: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ start: inout Int,
        _ words: UnsafeMutablePointer<ScannedWord>, _ found: inout Int
    ) {
        guard let base = UnsafeRawPointer(text.baseAddress) else { return }
        let stop = min(index &+ 8, text.count)
        let last = found &+ 32
        while index < stop || index < text.count && found < last && isWide(text[index]) {
            let (role, end) = character(text, at: index)
            if role == .letter {
                if start < 0 { start = index }
            } else {
                if start >= 0 {
                    words[found] = word(text, base, start, index)
                    found &+= 1
                    start = -1
                }
                if role == .word {
                    words[found] = ScannedWord(
                        hash: hash(base, index, end, text.count), start: UInt32(truncatingIfNeeded: index),
                        isFigure: false)
                    found &+= 1
                }
            }
            index = end
        }
    }

    @inline(__always) private static func isWide(_ byte: UInt8) -> Bool { byte >= 0xE0 || byte == 0xC2 }

    /// What the character at `index` does, and where it ends.
    @inline(__always)
    private static func character(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> (role: Role, end: Int) {
        let byte = text[index]
        if byte < 0x80 {
            return ((byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 ? .letter : .separator, index + 1)
        }
        let end = min(index + (byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2), text.count)
        return (role(byte, index + 1 < text.count ? text[index + 1] : 0), end)
    }

    private enum Role { case letter, word, separator }

    /// What a character beyond ASCII does, by its first two bytes.
    @inline(__always) private static func role(_ first: UInt8, _ second: UInt8) -> Role {
        switch first {
        // Latin-1's signs, the no-break space among them.
        case 0xC2: .separator
        // Thai, Lao.
        case 0xE0: second >= 0xB8 && second <= 0xBB ? .word : .letter
        // General punctuation.
        case 0xE2: second <= 0x81 ? .separator : .letter
        // CJK punctuation, then kana.
        case 0xE3: second == 0x80 ? .separator : .word
        case 0xE4...0xE9: .word
        // Full-width signs.
        case 0xEF: second == 0xBC || second == 0xBD ? .separator : .letter
        case 0xF0: second >= 0xA0 ? .word : .letter
        default: .letter
        }
    }
}
