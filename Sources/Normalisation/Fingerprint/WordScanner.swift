import CByteScan
import Glibc

/// Words that follow each other in a text, 64 at most.
struct ScannedWords {
    /// A hash of each one's bytes, ASCII letters without case.
    let hashes: UnsafeBufferPointer<UInt64>
    /// Where they begin in the text.
    let starts: UnsafeBufferPointer<UInt32>
    /// A bit for each one that holds a digit, the first one's lowest.
    let figures: UInt64
}

/// Cuts text into words.
///
/// A word is a run of letters and digits; a character of a script that sets no spaces is a word. Punctuation and white
/// space only separate, so typography does not count. Text is looked at 64 bytes at a time up to a character that is not
/// known by its first byte alone.
enum WordScanner {
    /// Hands the words of `text`, which is well-formed UTF-8, to `take`, many at a time, so that both sides stay short loops.
    static func scan(_ text: UnsafeBufferPointer<UInt8>, _ take: (ScannedWords) -> Void) {
        // On the stack, which Swift takes for no more than 1,024 bytes.
        withUnsafeTemporaryAllocation(byteCount: FoundWords.byteCount, alignment: 8) { room in
            guard let base = UnsafeRawPointer(text.baseAddress), var found = FoundWords(room) else { return }
            let count = text.count
            // Where the word that has begun starts. Offsets can't overflow: they are within the text.
            var start = -1
            var index = 0
            while index < count {
                // 64 bytes, and the rest of a character behind them, hold no more than 35 words.
                if found.count > FoundWords.capacity - 40 {
                    take(found.words)
                    found.removeAll()
                }
                let block = block(base, index, count)
                var length = min(64, count &- index)
                if block.wide != 0 { length = min(length, block.wide.trailingZeroBitCount) }
                guard length > 0 else {
                    scanWide(text, &index, &start, &found)
                    continue
                }
                // A bit where a word begins or ends, but for an end behind the last byte: such a word may go on.
                var edges = block.letters ^ (block.letters &<< 1 | (start >= 0 ? 1 : 0))
                if length < 64 { edges &= (1 &<< UInt64(truncatingIfNeeded: length)) &- 1 }
                if start >= 0, edges != 0 {
                    let end = edges.trailingZeroBitCount
                    edges &= edges &- 1
                    addWord(text, base, start, index &+ end, to: &found)
                    start = -1
                }
                let rest: Int?
                if block.is_ascii, block.digits == 0, index &+ 72 <= count {
                    rest = addWords(edges, at: index, to: &found) { first, end in
                        (plainHash(base, index &+ first, index &+ end), false)
                    }
                } else {
                    rest = addWords(edges, at: index, to: &found) { first, end in
                        let isFigure = block.digits != 0 && block.digits & bits(first, end) != 0
                        return (hash(base, index &+ first, index &+ end, count), isFigure)
                    }
                }
                if let rest {
                    // The next block begins with this word, so that it is rarely cut. One of 64 bytes is.
                    if rest > 0, length == 64 { length = rest } else { start = index &+ rest }
                }
                index &+= length
            }
            if start >= 0 { addWord(text, base, start, count, to: &found) }
            if found.count > 0 { take(found.words) }
        }
    }

    /// Adds the words between pairs of `edges`, and says where one begins that does not end here.
    @inline(__always)
    private static func addWords(
        _ edges: UInt64, at index: Int, to found: inout FoundWords,
        _ word: (_ first: Int, _ end: Int) -> (hash: UInt64, isFigure: Bool)
    ) -> Int? {
        var edges = edges
        while edges != 0 {
            let first = edges.trailingZeroBitCount
            edges &= edges &- 1
            guard edges != 0 else { return first }
            let end = edges.trailingZeroBitCount
            edges &= edges &- 1
            let (hash, isFigure) = word(first, end)
            found.add(hash, start: index &+ first, isFigure: isFigure)
        }
        return nil
    }

    /// Words as far as they are found; callers know that there is room.
    private struct FoundWords {
        /// As many as a word has bits.
        static let capacity = 64
        static let byteCount = capacity * (MemoryLayout<UInt64>.stride + MemoryLayout<UInt32>.stride)

        private let hashes: UnsafeMutablePointer<UInt64>
        private let starts: UnsafeMutablePointer<UInt32>
        private var figures: UInt64 = 0
        private(set) var count = 0

        /// In `room`, which has ``byteCount`` bytes.
        init?(_ room: UnsafeMutableRawBufferPointer) {
            guard let base = room.baseAddress else { return nil }
            hashes = base.bindMemory(to: UInt64.self, capacity: Self.capacity)
            starts = (base + Self.capacity * MemoryLayout<UInt64>.stride)
                .bindMemory(to: UInt32.self, capacity: Self.capacity)
        }

        @inline(__always) mutating func add(_ hash: UInt64, start: Int, isFigure: Bool) {
            hashes[count] = hash
            starts[count] = UInt32(truncatingIfNeeded: start)
            if isFigure { figures |= 1 &<< UInt64(truncatingIfNeeded: count) }
            count &+= 1
        }

        mutating func removeAll() {
            count = 0
            figures = 0
        }

        var words: ScannedWords {
            ScannedWords(
                hashes: UnsafeBufferPointer(start: hashes, count: count),
                starts: UnsafeBufferPointer(start: starts, count: count), figures: figures)
        }
    }

    /// The hash that ``scan(_:_:)`` gives a word of ASCII, for tables.
    static func hash(_ word: String) -> UInt64 {
        var hash: UInt64 = 0
        var word = word
        word.withUTF8 { scan($0) { hash = $0.hashes.last ?? hash } }
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
                letters: block.letters &>> beyond, digits: block.digits &>> beyond, wide: block.wide &>> beyond,
                is_ascii: block.is_ascii)
        }
        return shortBlock(base, index, count)
    }

    /// The same in a text of less than 64 bytes.
    @inline(never)
    private static func shortBlock(_ base: UnsafeRawPointer, _ index: Int, _ count: Int) -> millrace_word_bytes {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 16) { copy in
            guard let target = copy.baseAddress else { return millrace_word_bytes() }
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

    /// Adds the word between `start` and `end`, which spans several blocks.
    @inline(never)
    private static func addWord(
        _ text: UnsafeBufferPointer<UInt8>, _ base: UnsafeRawPointer, _ start: Int, _ end: Int,
        to found: inout FoundWords
    ) {
        found.add(
            hash(base, start, end, text.count), start: start,
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

    /// The same for a word of ASCII with eight bytes of text behind its beginning.
    @inline(__always)
    private static func plainHash(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> UInt64 {
        guard end &- start <= 8 else { return longHash(base, start, end) }
        let shift = UInt64(truncatingIfNeeded: (8 &- (end &- start)) &* 8)
        let block = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        return mix((block &<< shift) &>> shift | tops &>> 2, into: seed)
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
        mix(block | (~block & tops) &>> 2, into: hash)
    }

    @inline(__always) private static func mix(_ block: UInt64, into hash: UInt64) -> UInt64 {
        let product = (hash ^ block) &* 0x9E37_79B9_7F4A_7C15
        return product ^ product &>> 32
    }

    // MARK: Other characters

    /// Goes on character by character for eight bytes, and as long as the first byte alone does not tell what one is.
    @inline(never)
    private static func scanWide(
        _ text: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ start: inout Int, _ found: inout FoundWords
    ) {
        guard let base = UnsafeRawPointer(text.baseAddress) else { return }
        let stop = min(index &+ 8, text.count)
        let last = found.count &+ 32
        while index < stop || index < text.count && found.count < last && isWide(text[index]) {
            let (role, end) = character(text, at: index)
            if role == .letter {
                if start < 0 { start = index }
            } else {
                if start >= 0 {
                    addWord(text, base, start, index, to: &found)
                    start = -1
                }
                if role == .word {
                    found.add(hash(base, index, end, text.count), start: index, isFigure: false)
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
