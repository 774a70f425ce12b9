import Document

/// Makes a ``Fingerprint`` of a text that comes in pieces; used again and again. Words are those of ``WordScanner``.
struct Fingerprinter {
    /// The least hash of each bin of the sketch, then of the figures.
    private var bins = [UInt64](repeating: .max, count: Fingerprint.sketchBins + Fingerprint.figureBins)
    private var shingles = Shingles()

    /// Starts a new text.
    mutating func begin() {
        for index in bins.indices { bins[index] = .max }
        shingles = Shingles()
    }

    /// Adds a piece of the text; it ends the word before it.
    ///
    /// - Parameter sample: takes its words on the way, where the piece is the whole text.
    mutating func add(_ text: UnsafeBufferPointer<UInt8>, _ sample: inout LanguageSample) {
        bins.withUnsafeMutableBufferPointer { bins in
            WordScanner.scan(text) { words in
                shingles.add(words, to: bins)
                sample.take(words)
            }
        }
    }

    /// Adds only the figures of a piece, as those of a title.
    mutating func addFigures(_ text: UnsafeBufferPointer<UInt8>) {
        guard WordScanner.hasDigit(text) else { return }
        bins.withUnsafeMutableBufferPointer { bins in
            WordScanner.scan(text) { words in
                var figures = words.figures
                shingles.figures &+= figures.nonzeroBitCount
                while figures != 0 {
                    Shingles.note(figure: words.hashes[figures.trailingZeroBitCount], after: 0, in: bins)
                    figures &= figures &- 1
                }
            }
        }
    }

    /// Adds something that tells texts apart as a figure does.
    mutating func addMark(_ text: UnsafeBufferPointer<UInt8>) {
        var word: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text { word = (word ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        bins.withUnsafeMutableBufferPointer { bins in Shingles.note(figure: word, after: 0, in: bins) }
        shingles.figures &+= 1
    }

    /// What was added since the beginning.
    func finish() -> Fingerprint {
        var print = Fingerprint(
            words: UInt32(clamping: shingles.words), figureCount: UInt16(clamping: shingles.figures))
        // Without branches, which could not be foretold.
        bins.withUnsafeBufferPointer { bins in
            func sketch(_ first: Int) -> UInt64 {
                var numbers: UInt64 = 0
                for bin in 0..<16 {
                    let least = bins[first &+ bin]
                    numbers |= (least == .max ? 0 : 1 &+ least % 15) &<< UInt64(truncatingIfNeeded: bin &* 4)
                }
                return numbers
            }
            func figures(_ first: Int) -> UInt64 {
                var numbers: UInt64 = 0
                for bin in 0..<8 {
                    let least = bins[Fingerprint.sketchBins &+ first &+ bin]
                    numbers |= (least == .max ? 0 : 1 &+ least % 255) &<< UInt64(truncatingIfNeeded: bin &* 8)
                }
                return numbers
            }
            func key(_ number: Int) -> UInt32 {
                let count = Fingerprint.sketchBins / Fingerprint.keyCount
                // The bin is the hash's highest bits, so the least of several bins is that of the first that has one;
                // with these bits turned to the lower end all bins have the same chance.
                var least = UInt64.max
                for bin in number &* count..<(number &+ 1) &* count {
                    least = min(least, bins[bin] &<< 6 | bins[bin] &>> 58)
                }
                return least == .max ? 0 : max(1, UInt32(truncatingIfNeeded: Shingles.mix(least & ~63) >> 32))
            }
            print.sketch = SIMD4(sketch(0), sketch(16), sketch(32), sketch(48))
            if shingles.figures > 0 { print.figures = SIMD2(figures(0), figures(8)) }
            print.keys = SIMD8(key(0), key(1), key(2), key(3), key(4), key(5), key(6), key(7))
        }
        return print
    }
}

/// The words of a text as far as it has come.
private struct Shingles {
    /// The last words, the oldest one first, which leaves the shingle first.
    var recent = SIMD4<UInt64>.zero
    /// The polynomial's sum over them (Karp, Rabin 1987).
    var rolling: UInt64 = 0
    var words = 0
    var figures = 0

    static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
    static let leaving = step &* step &* step &* step &* step

    @inline(__always) static func mix(_ value: UInt64) -> UInt64 {
        var value = value
        value ^= value >> 30
        value &*= 0xBF58_476D_1CE4_E5B9
        value ^= value >> 27
        value &*= 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    @inline(__always)
    static func note(figure: UInt64, after word: UInt64, in bins: UnsafeMutableBufferPointer<UInt64>) {
        let hash = mix(figure &+ word &* step)
        let bin = Fingerprint.sketchBins + Int(truncatingIfNeeded: hash >> 60)
        if hash < bins[bin] { bins[bin] = hash }
    }

    @inline(never)
    mutating func add(_ added: ScannedWords, to bins: UnsafeMutableBufferPointer<UInt64>) {
        let hashes = added.hashes
        let recent = recent
        /// A word of these, or by a negative index one of those before.
        func word(_ index: Int) -> UInt64 { index < 0 ? recent[index &+ 4] : hashes[index] }
        if added.figures != 0 {
            figures &+= added.figures.nonzeroBitCount
            var rest = added.figures
            while rest != 0 {
                let index = rest.trailingZeroBitCount
                Self.note(figure: hashes[index], after: word(index &- 1), in: bins)
                rest &= rest &- 1
            }
        }
        // A copy, which stays in a register.
        var rolling = rolling
        let first = min(4, hashes.count)
        for index in 0..<first {
            Self.roll(&rolling, hashes[index], leaving: recent[index])
            // The first words make no shingle.
            if words &+ index >= Fingerprint.shingleWords &- 1 { Self.note(shingle: rolling, in: bins) }
        }
        for index in first..<hashes.count {
            Self.roll(&rolling, hashes[index], leaving: hashes[index &- 4])
            Self.note(shingle: rolling, in: bins)
        }
        words &+= hashes.count
        self.rolling = rolling
        let end = hashes.count
        self.recent = SIMD4(word(end &- 4), word(end &- 3), word(end &- 2), word(end &- 1))
    }

    @inline(__always) private static func roll(_ rolling: inout UInt64, _ word: UInt64, leaving: UInt64) {
        rolling = (rolling &+ word) &* step &- leaving &* Self.leaving
    }

    @inline(__always)
    private static func note(shingle: UInt64, in bins: UnsafeMutableBufferPointer<UInt64>) {
        let hash = mix(shingle)
        let bin = Int(truncatingIfNeeded: hash >> 58)
        // Without a branch, which could not be foretold.
        bins[bin] = min(hash, bins[bin])
    }
}
