/// What a text can be compared by without the text: 86 bytes.
///
/// Made of shingles, runs of ``shingleWords`` words. `sketch` is a one-permutation MinHash (Li, Owen, Zhang 2012): of the
/// shingles whose hash falls into a bin it keeps the least, of which 4 bits are enough to compare two texts (Li, König
/// 2010). `figures` is the same over words with digits, each with the word before it, because numbered reports differ in
/// nothing else. `keys` are the
/// least hashes of eight parts of the shingles: texts that are nearly the same have at least one of them in common with
/// near certainty, so that an index over keys finds what is worth comparing.
public struct Fingerprint: Sendable, Equatable {
    /// Words of a shingle; characters of scripts that set no spaces count as words.
    public static let shingleWords = 4
    /// Texts with fewer words are like others by chance, and equal ones still are not the same thing.
    public static let fewestWords = 24
    /// Bytes of ``bytes``.
    public static let length = 86
    /// Bins of the sketch.
    public static let sketchBins = 64
    /// Bins of the figures.
    public static let figureBins = 16
    /// Keys.
    public static let keyCount = 8

    /// Words of the text.
    public var words: UInt32
    /// Figures of the text.
    public var figureCount: UInt16
    /// 64 numbers of 4 bits; 0 where the bin got no shingle.
    public var sketch: SIMD4<UInt64>
    /// 16 numbers of 8 bits; 0 where the bin got no figure.
    public var figures: SIMD2<UInt64>
    /// 0 where that part of the shingles is empty.
    public var keys: SIMD8<UInt32>

    /// A fingerprint of these parts.
    public init(
        words: UInt32, figureCount: UInt16 = 0, sketch: SIMD4<UInt64> = .zero, figures: SIMD2<UInt64> = .zero,
        keys: SIMD8<UInt32> = .zero
    ) {
        self.words = words
        self.figureCount = figureCount
        self.sketch = sketch
        self.figures = figures
        self.keys = keys
    }

    /// Whether the text is long enough for a comparison to mean anything.
    public var isComparable: Bool { words >= Self.fewestWords }

    // MARK: Comparing

    /// Shared shingles, as a share of all (Jaccard), from which texts are called nearly the same.
    static let leastResemblance = 0.45
    /// Shared shingles, as a share of the shorter text's, from which one text may be the other with something added.
    static let leastContainment = 0.84
    /// Shared figures, as a share of those of the text with fewer.
    static let leastFigures = 0.6

    /// How alike two texts are, 0 to 1; nil where they are not nearly the same or too short to tell.
    public func similarity(to other: Fingerprint) -> Double? {
        guard isComparable, other.isComparable else { return nil }
        let resemblance = resemblance(to: other)
        guard resemblance >= Self.leastResemblance,
            containment(in: other, resemblance: resemblance) >= Self.leastContainment,
            figureAgreement(with: other) >= Self.leastFigures
        else { return nil }
        return resemblance
    }

    /// The estimated share of all shingles that both texts have.
    func resemblance(to other: Fingerprint) -> Double {
        var equal = 0
        var filled = 0
        for word in 0..<4 {
            let own = Self.filledNibbles(sketch[word])
            let others = Self.filledNibbles(other.sketch[word])
            let same = ~Self.filledNibbles(sketch[word] ^ other.sketch[word]) & Self.nibbles
            equal += (same & own & others).nonzeroBitCount
            filled += (own | others).nonzeroBitCount
        }
        guard filled > 0 else { return 0 }
        // Different shingles agree in their four bits, of which one value is taken, by chance: 1 in 15.
        return max(0, (15 * Double(equal) / Double(filled) - 1) / 14)
    }

    /// The estimated share of the shorter text's shingles that stand in the other one.
    func containment(in other: Fingerprint, resemblance: Double) -> Double {
        Self.containment(Double(words), Double(other.words), resemblance: resemblance)
    }

    /// The estimated share of figures that both have, of those of the text with fewer; 1 where one has none.
    func figureAgreement(with other: Fingerprint) -> Double {
        guard figureCount > 0, other.figureCount > 0 else { return 1 }
        var equal = 0
        var own = 0
        var others = 0
        var filled = 0
        for word in 0..<2 {
            let mine = Self.filledBytes(figures[word])
            let theirs = Self.filledBytes(other.figures[word])
            own += mine.nonzeroBitCount
            others += theirs.nonzeroBitCount
            filled += (mine | theirs).nonzeroBitCount
            equal += (mine & theirs & ~Self.filledBytes(figures[word] ^ other.figures[word])).nonzeroBitCount
        }
        // Few figures have a bin each and can be counted; of many, bins keep the least of either text, as in the sketch.
        let counted = Double(equal) / Double(max(1, min(own, others)))
        let estimated = Self.containment(
            Double(figureCount), Double(other.figureCount), resemblance: Double(equal) / Double(max(1, filled)))
        return max(counted, estimated)
    }

    /// The share of the smaller set that both have, by the sizes of both and the share of all that both have.
    private static func containment(_ own: Double, _ others: Double, resemblance: Double) -> Double {
        min(1, resemblance * (own + others) / (1 + resemblance) / max(1, min(own, others)))
    }

    private static let nibbles: UInt64 = 0x1111_1111_1111_1111

    /// The lowest bit of each group of four bits that is not zero.
    private static func filledNibbles(_ word: UInt64) -> UInt64 {
        let pairs = word | word >> 1
        return (pairs | pairs >> 2) & nibbles
    }

    /// The lowest bit of each byte that is not zero.
    private static func filledBytes(_ word: UInt64) -> UInt64 {
        let halves = filledNibbles(word)
        return (halves | halves >> 4) & 0x0101_0101_0101_0101
    }
}

extension Fingerprint {
    /// Words, count of figures, sketch, figures, keys; each number little-endian.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.length) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            raw.storeBytes(of: words.littleEndian, as: UInt32.self)
            raw.storeBytes(of: figureCount.littleEndian, toByteOffset: 4, as: UInt16.self)
            for index in 0..<4 {
                raw.storeBytes(of: sketch[index].littleEndian, toByteOffset: 6 + index * 8, as: UInt64.self)
            }
            for index in 0..<2 {
                raw.storeBytes(of: figures[index].littleEndian, toByteOffset: 38 + index * 8, as: UInt64.self)
            }
            for index in 0..<Self.keyCount {
                raw.storeBytes(of: keys[index].littleEndian, toByteOffset: 54 + index * 4, as: UInt32.self)
            }
            count = Self.length
        }
    }

    /// Reads exactly ``length`` bytes.
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.length else { return nil }
        self.init(words: 0)
        figureCount = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self))
        words = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
        for index in 0..<4 {
            sketch[index] = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 6 + index * 8, as: UInt64.self))
        }
        for index in 0..<2 {
            figures[index] = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 38 + index * 8, as: UInt64.self))
        }
        for index in 0..<Self.keyCount {
            keys[index] = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 54 + index * 4, as: UInt32.self))
        }
    }
}
