import Document

/// Makes a ``Fingerprint`` of a text that comes in pieces; used again and again.
///
/// A word is a run of letters and digits, ASCII letters without case; a character of a script that sets no spaces is a
/// word. Punctuation and white space only separate, so typography does not count.
struct Fingerprinter {
    private var sketch = [UInt64](repeating: .max, count: Fingerprint.sketchBins)
    private var figures = [UInt64](repeating: .max, count: Fingerprint.figureBins)
    /// The last words, which leave the shingle in turn.
    private var window = SIMD4<UInt64>.zero
    private var rolling: UInt64 = 0
    private var words = 0
    private var figureCount = 0

    /// Starts a new text.
    mutating func begin() {
        for index in sketch.indices { sketch[index] = .max }
        for index in figures.indices { figures[index] = .max }
        window = .zero
        rolling = 0
        words = 0
        figureCount = 0
    }

    /// Adds a piece of the text; it ends the word before it.
    mutating func add(_ text: UnsafeBufferPointer<UInt8>) {
        scan(text) { run, word, isFigure in
            if isFigure { run.note(figure: word, after: run.window[(run.words &- 1) & 3]) }
            run.take(word)
        }
    }

    /// Adds only the figures of a piece, as those of a title.
    mutating func addFigures(_ text: UnsafeBufferPointer<UInt8>) {
        scan(text) { run, word, isFigure in if isFigure { run.note(figure: word, after: 0) } }
    }

    /// Adds something that tells texts apart as a figure does.
    mutating func addMark(_ text: UnsafeBufferPointer<UInt8>) {
        var word = Self.seed
        for byte in text { word = (word ^ UInt64(byte)) &* Self.prime }
        note(figure: word, after: 0)
    }

    /// What was added since the beginning.
    func finish() -> Fingerprint {
        var print = Fingerprint(words: UInt32(clamping: words), figureCount: UInt16(clamping: figureCount))
        for (bin, least) in sketch.enumerated() where least != .max {
            print.sketch[bin / 16] |= (1 + least % 15) << UInt64(bin % 16 * 4)
        }
        for (bin, least) in figures.enumerated() where least != .max {
            print.figures[bin / 8] |= (1 + least % 255) << UInt64(bin % 8 * 8)
        }
        let binsOfKey = Fingerprint.sketchBins / Fingerprint.keyCount
        for key in 0..<Fingerprint.keyCount {
            // The bin is the hash's highest bits, so the least of several bins is that of the first that has one; taken
            // by their lower bits, all bins have the same chance.
            var least = UInt64.max
            for bin in key * binsOfKey..<(key + 1) * binsOfKey where sketch[bin] != .max {
                least = min(least, sketch[bin] << 6)
            }
            if least != .max { print.keys[key] = max(1, UInt32(truncatingIfNeeded: Self.mix(least) >> 32)) }
        }
        return print
    }

    // MARK: Words

    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let prime: UInt64 = 0x0000_0100_0000_01B3
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let leaving = step &* step &* step &* step &* step

    @inline(__always) private static func mix(_ value: UInt64) -> UInt64 {
        var value = value
        value ^= value >> 30
        value &*= 0xBF58_476D_1CE4_E5B9
        value ^= value >> 27
        value &*= 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    @inline(__always) private mutating func take(_ word: UInt64) {
        // The polynomial's sum over the last four words (Karp, Rabin 1987).
        let place = words & 3
        rolling = (rolling &+ word) &* Self.step &- window[place] &* Self.leaving
        window[place] = word
        words &+= 1
        guard words >= Fingerprint.shingleWords else { return }
        let hash = Self.mix(rolling)
        let bin = Int(truncatingIfNeeded: hash >> 58)
        if hash < sketch[bin] { sketch[bin] = hash }
    }

    @inline(__always) private mutating func note(figure: UInt64, after word: UInt64) {
        figureCount &+= 1
        let hash = Self.mix(figure &+ word &* Self.step)
        let bin = Int(truncatingIfNeeded: hash >> 60)
        if hash < figures[bin] { figures[bin] = hash }
    }

    /// Calls `found` with the hash of each word and whether it holds a digit.
    @inline(__always)
    private mutating func scan(
        _ text: UnsafeBufferPointer<UInt8>, _ found: (inout Self, UInt64, Bool) -> Void
    ) {
        var word = Self.seed
        var isInWord = false
        var isFigure = false
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte < 0x80 {
                let lower = byte | 0x20
                let isDigit = byte &- 0x30 < 10
                if lower &- 0x61 < 26 || isDigit {
                    word = (word ^ UInt64(isDigit ? byte : lower)) &* Self.prime
                    isInWord = true
                    isFigure = isFigure || isDigit
                } else if isInWord {
                    found(&self, word, isFigure)
                    (word, isInWord, isFigure) = (Self.seed, false, false)
                }
                index += 1
                continue
            }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            let end = min(index + length, text.count)
            let second = index + 1 < text.count ? text[index + 1] : 0
            let role = Self.role(byte, second)
            if role != .letter, isInWord {
                found(&self, word, isFigure)
                (word, isInWord, isFigure) = (Self.seed, false, false)
            }
            if role != .separator {
                while index < end {
                    word = (word ^ UInt64(text[index])) &* Self.prime
                    index += 1
                }
                isInWord = true
            }
            if role == .word {
                found(&self, word, false)
                (word, isInWord) = (Self.seed, false)
            }
            index = end
        }
        if isInWord { found(&self, word, isFigure) }
    }

    private enum Role { case letter, word, separator }

    /// What a character does, by its first two bytes.
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
