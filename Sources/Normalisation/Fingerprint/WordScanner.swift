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
/// space only separate, so typography does not count. Text is looked at up to 64 bytes at a time while it is ASCII.
enum WordScanner {
    /// Words that are handed over at once; as many as fit on the stack.
    private static let batch = 1024 / MemoryLayout<ScannedWord>.stride

    /// Hands the words of `text`, which is UTF-8, to `take`, many at a time, so that both sides stay short loops.
    static func scan(_ text: UnsafeBufferPointer<UInt8>, _ take: (UnsafeBufferPointer<ScannedWord>) -> Void) {
        withUnsafeTemporaryAllocation(of: ScannedWord.self, capacity: batch) { buffer in
            guard let base = UnsafeRawPointer(text.baseAddress), let words = buffer.baseAddress else { return }
            let count = text.count
            var found = 0
            // Where the word that has begun starts. Offsets can't overflow: they are within the text.
            var start = -1
            var index = 0
            while index < count {
                // 64 bytes hold no more than 33 words.
                if found > batch - 40 {
                    take(UnsafeBufferPointer(start: words, count: found))
                    found = 0
                }
                var (letters, length) = asciiLetters(base, index, count)
                guard length > 0 else {
                    // Eight bytes that are not all ASCII, or the last ones.
                    let stop = min(index &+ 8, count)
                    while index < stop {
                        let (role, end) = character(text, at: index)
                        if role == .letter {
                            if start < 0 { start = index }
                        } else {
                            if start >= 0 {
                                words[found] = word(base, start, index, count)
                                found &+= 1
                                start = -1
                            }
                            if role == .word {
                                words[found] = word(base, index, end, count)
                                found &+= 1
                            }
                        }
                        index = end
                    }
                    continue
                }
                if start >= 0 {
                    // The word that has begun goes on to the first byte that is no letter.
                    let end = (~letters).trailingZeroBitCount
                    if end < length {
                        words[found] = word(base, start, index &+ end, count)
                        found &+= 1
                        start = -1
                        letters &= UInt64.max &<< UInt64(truncatingIfNeeded: end)
                    } else {
                        letters = 0
                    }
                }
                while letters != 0 {
                    let first = letters.trailingZeroBitCount
                    let end = first &+ (~(letters &>> UInt64(truncatingIfNeeded: first))).trailingZeroBitCount
                    // A word that touches the end may go on.
                    guard end < length else {
                        start = index &+ first
                        break
                    }
                    words[found] = word(base, index &+ first, index &+ end, count)
                    found &+= 1
                    letters &= UInt64.max &<< UInt64(truncatingIfNeeded: end)
                }
                index &+= length
            }
            if start >= 0 {
                words[found] = word(base, start, count, count)
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

    // MARK: Eight bytes

    private static let tops: UInt64 = 0x8080_8080_8080_8080
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// A bit for each letter and digit of the next bytes, at most 64, and how many bytes these are: all that come in eights
    /// of nothing but ASCII.
    @inline(__always)
    private static func asciiLetters(
        _ base: UnsafeRawPointer, _ index: Int, _ count: Int
    ) -> (letters: UInt64, length: Int) {
        var letters: UInt64 = 0
        var length = 0
        while length < 64, index &+ length &+ 8 <= count {
            // In bounds: eight bytes are left.
            let block = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index &+ length, as: UInt64.self))
            guard block & tops == 0 else { break }
            // Gathers the eighth bits in the highest byte.
            let bits = ((alphanumerics(block) &>> 7) &* 0x0102_0408_1020_4080) &>> 56
            letters |= bits &<< UInt64(truncatingIfNeeded: length)
            length &+= 8
        }
        return (letters, length)
    }

    /// The top bit of each byte that is an ASCII letter or digit; `block` is ASCII.
    @inline(__always) private static func alphanumerics(_ block: UInt64) -> UInt64 {
        // Adding carries into the top bit from a bound on, and never beyond the byte.
        let lower = block | ones &* 0x20
        let letters = (lower &+ ones &* (0x80 - 0x61)) & ~(lower &+ ones &* (0x80 - 0x7B))
        let digits = (block &+ ones &* (0x80 - 0x30)) & ~(block &+ ones &* (0x80 - 0x3A))
        return (letters | digits) & tops
    }

    /// Whether one of the bytes is an ASCII digit; others may be anything.
    @inline(__always) private static func hasDigit(_ block: UInt64) -> Bool {
        let ascii = block & ~tops
        return (ascii &+ ones &* (0x80 - 0x30)) & ~(ascii &+ ones &* (0x80 - 0x3A)) & ~block & tops != 0
    }

    /// Whether an ASCII digit stands in the text.
    static func hasDigit(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = UnsafeRawPointer(text.baseAddress) else { return false }
        var index = 0
        while index &+ 8 <= text.count {
            // In bounds: eight bytes are left.
            if hasDigit(base.loadUnaligned(fromByteOffset: index, as: UInt64.self)) { return true }
            index &+= 8
        }
        return text[index...].contains { $0 &- 0x30 < 10 }
    }

    /// The word between `start` and `end`, which is behind it and not beyond `count`.
    @inline(__always)
    private static func word(_ base: UnsafeRawPointer, _ start: Int, _ end: Int, _ count: Int) -> ScannedWord {
        guard end &- start <= 8, start &+ 8 <= count else { return longWord(base, start, end) }
        // In bounds by the condition; what stands behind the word is shifted out.
        let block = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        let word = block & (UInt64.max &>> UInt64(truncatingIfNeeded: (8 &- (end &- start)) &* 8))
        return ScannedWord(
            hash: add(word, to: seed), start: UInt32(truncatingIfNeeded: start), isFigure: hasDigit(word))
    }

    /// The same for a word of more than eight bytes, or at the end of the text.
    @inline(never)
    private static func longWord(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> ScannedWord {
        var hash = seed
        var isFigure = false
        var index = start
        while index < end {
            let length = min(8, end &- index)
            var block: UInt64 = 0
            if length == 8 {
                // In bounds: eight bytes are left of the word.
                block = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            } else {
                for place in 0..<length {
                    block |= UInt64(base.load(fromByteOffset: index &+ place, as: UInt8.self)) &<< UInt64(place &* 8)
                }
            }
            isFigure = isFigure || hasDigit(block)
            hash = add(block, to: hash)
            index &+= 8
        }
        return ScannedWord(hash: hash, start: UInt32(truncatingIfNeeded: start), isFigure: isFigure)
    }

    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always) private static func add(_ block: UInt64, to hash: UInt64) -> UInt64 {
        // ASCII without case: digits have this bit already.
        let product = (hash ^ (block | (~block & tops) &>> 2)) &* 0x9E37_79B9_7F4A_7C15
        return product ^ product &>> 32
    }

    // MARK: Other characters

    /// What the character at `index` does, and where it ends.
    @inline(never)
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
