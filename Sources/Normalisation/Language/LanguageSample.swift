/// The words at a few places of a text, by which ``FunctionWords`` names its language; used again and again.
///
/// Words are cut and hashed once: who scans the whole text for another purpose hands them on with ``take(_:)``.
struct LanguageSample {
    /// Bytes at the beginning and as many in the middle; in longer texts the same behind both, for a second look.
    static let length = 192

    /// Hashes of words.
    struct Words {
        private(set) var hashes = [UInt64](repeating: 0, count: 128)
        private(set) var count = 0

        mutating func removeAll() { count = 0 }

        /// Adds the words of `found` that begin in `place` and are no figures, and says how many of `found` begin before its
        /// end.
        mutating func add(_ found: ScannedWords, in place: Range<Int>) -> Int {
            let end = Self.first(in: found.starts, from: place.upperBound)
            let start = min(end, Self.first(in: found.starts, from: place.lowerBound))
            var count = self.count
            hashes.withUnsafeMutableBufferPointer { hashes in
                guard let target = hashes.baseAddress, let source = found.hashes.baseAddress else { return }
                var index = start
                while index < end {
                    // In one step up to the next figure.
                    let figures = found.figures &>> UInt64(truncatingIfNeeded: index)
                    let length = min(figures.trailingZeroBitCount, end &- index, hashes.count &- count)
                    (target + count).update(from: source + index, count: length)
                    count &+= length
                    index &+= max(length, 1)
                    if count == hashes.count { break }
                }
            }
            self.count = count
            return end
        }

        /// The first of the words that begins at `start` or behind it.
        private static func first(in starts: UnsafeBufferPointer<UInt32>, from start: Int) -> Int {
            // Nearly always all of them stand on one side.
            guard let first = starts.first, first < start else { return 0 }
            guard let last = starts.last, last >= start else { return starts.count }
            var (low, high) = (0, starts.count)
            while low < high {
                let middle = (low &+ high) / 2
                if starts[middle] < start { low = middle &+ 1 } else { high = middle }
            }
            return low
        }
    }

    private(set) var words = Words()
    /// Room for the languages of each word.
    var masks = [UInt64](repeating: 0, count: 256)
    /// Whether words are missing that were left out on the way here.
    private(set) var isComplete = false
    /// In their order in the text.
    private var places = (0..<0, 0..<0)
    private var isBehindFirst = false

    /// Chooses the places of `text`, which is UTF-8 and not empty. Its words are to follow.
    mutating func begin(_ text: UnsafeBufferPointer<UInt8>) {
        clear()
        let first = Self.place(at: 0, of: text)
        let second = Self.place(at: Self.middle(of: text), of: text)
        places = (first.range, second.range)
        isComplete = first.isWhole && second.isWhole
    }

    /// Forgets everything, for a text whose language is not asked for.
    mutating func clear() {
        words.removeAll()
        places = (0..<0, 0..<0)
        isBehindFirst = false
        isComplete = false
    }

    /// Takes those of the words that stand at the places; they come in the order of the text.
    @inline(__always) mutating func take(_ found: ScannedWords) {
        guard let last = found.starts.last, !isBehindFirst || last >= places.1.lowerBound else { return }
        takeSome(of: found)
    }

    private mutating func takeSome(of found: ScannedWords) {
        if !isBehindFirst {
            guard words.add(found, in: places.0) < found.starts.count else { return }
            isBehindFirst = true
        }
        _ = words.add(found, in: places.1)
    }

    /// Takes the words at the places from the text itself, where nobody else scans all of it.
    mutating func scan(_ text: UnsafeBufferPointer<UInt8>) {
        words.removeAll()
        scan(text, at: 0)
        scan(text, at: Self.middle(of: text))
        isComplete = true
    }

    /// Takes other words instead, of the places behind; false where the text has none.
    mutating func lookBehind(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count >= 4 * Self.length else { return false }
        words.removeAll()
        scan(text, at: Self.length)
        scan(text, at: Self.middle(of: text) + Self.length)
        return words.count > 0
    }

    private mutating func scan(_ text: UnsafeBufferPointer<UInt8>, at start: Int) {
        let piece = UnsafeBufferPointer(rebasing: text[Self.place(at: start, of: text).range])
        WordScanner.scan(piece) { found in _ = words.add(found, in: 0..<piece.count) }
    }

    private static func middle(of text: UnsafeBufferPointer<UInt8>) -> Int { max(text.count / 2, length) }

    /// The whole words within a place's length of `start`; not whole where a word may be cut, so that the place can't be
    /// taken from the words of the whole text.
    private static func place(
        at start: Int, of text: UnsafeBufferPointer<UInt8>
    ) -> (range: Range<Int>, isWhole: Bool) {
        let piece = LanguageDetector.piece(of: text, from: start, count: length)
        var (lower, upper) = (piece.lowerBound, piece.upperBound)
        if lower > 0 {
            while lower < upper, text[lower] != 0x20 { lower += 1 }
        }
        if upper < text.count {
            while upper > lower, text[upper - 1] != 0x20 { upper -= 1 }
        }
        return lower < upper ? (lower..<upper, true) : (piece, piece.isEmpty)
    }
}
