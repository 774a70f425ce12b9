/// The words at a few places of a text, by which ``FunctionWords`` names its language; used again and again.
///
/// Words are cut and hashed once: who scans the whole text for another purpose hands them on with ``take(_:)``.
struct LanguageSample {
    /// Bytes at the beginning and as many in the middle; in longer texts the same behind both, for a second look.
    static let length = 192

    /// Hashes of words, as many as a look takes.
    struct Words {
        private(set) var hashes = [UInt64](repeating: 0, count: 128)
        private(set) var count = 0

        mutating func removeAll() { count = 0 }

        /// Adds the words of `found` that begin in `place` and are no figures, and says how many of `found` begin before its
        /// end.
        mutating func add(_ found: UnsafeBufferPointer<ScannedWord>, in place: Range<Int>) -> Int {
            var count = self.count
            var index = 0
            hashes.withUnsafeMutableBufferPointer { hashes in
                while index < found.count, found[index].start < place.upperBound {
                    let word = found[index]
                    index &+= 1
                    guard word.start >= place.lowerBound, !word.isFigure, count < hashes.count else { continue }
                    hashes[count] = word.hash
                    count &+= 1
                }
            }
            self.count = count
            return index
        }
    }

    /// The words at the first two places, and at those behind them.
    private(set) var first = Words()
    private(set) var second = Words()
    /// Room for the languages of each word.
    var masks = [UInt64](repeating: 0, count: 256)
    /// Whether words are missing that were left out on the way here.
    private(set) var isComplete = false
    /// In their order in the text; those of the first look and of the second take turns.
    private var places: [Range<Int>] = []
    private var next = 0

    /// Chooses the places of `text`, which is UTF-8. Its words are to follow.
    mutating func begin(_ text: UnsafeBufferPointer<UInt8>) {
        clear()
        let middle = max(text.count / 2, Self.length)
        isComplete = add(0, text)
        if text.count >= 4 * Self.length { isComplete = add(Self.length, text) && isComplete }
        isComplete = add(middle, text) && isComplete
        if text.count >= 4 * Self.length { isComplete = add(middle + Self.length, text) && isComplete }
    }

    /// Forgets everything, for a text whose language is not asked for.
    mutating func clear() {
        first.removeAll()
        second.removeAll()
        places.removeAll(keepingCapacity: true)
        next = 0
        isComplete = false
    }

    /// Takes those of the words that stand at the places; they come in the order of the text.
    @inline(__always) mutating func take(_ words: UnsafeBufferPointer<ScannedWord>) {
        guard next < places.count, let last = words.last, last.start >= places[next].lowerBound else { return }
        takeSome(of: words)
    }

    private mutating func takeSome(of words: UnsafeBufferPointer<ScannedWord>) {
        var words = words
        while next < places.count, !words.isEmpty {
            let taken = add(words, at: next, in: places[next])
            // Words that are left stand behind the place.
            words = UnsafeBufferPointer(rebasing: words[taken...])
            if !words.isEmpty { next += 1 }
        }
    }

    private mutating func add(_ words: UnsafeBufferPointer<ScannedWord>, at number: Int, in place: Range<Int>) -> Int {
        places.count == 2 || number & 1 == 0 ? first.add(words, in: place) : second.add(words, in: place)
    }

    /// Takes the words at the places from the text itself, where nobody else scans all of it.
    mutating func scan(_ text: UnsafeBufferPointer<UInt8>) {
        if places.isEmpty { begin(text) }
        first.removeAll()
        second.removeAll()
        for (number, place) in places.enumerated() {
            let piece = UnsafeBufferPointer(rebasing: text[place])
            WordScanner.scan(piece) { words in _ = add(words, at: number, in: 0..<piece.count) }
        }
        isComplete = true
    }

    /// Adds the whole words within a place's length of `start`; false where a word may be cut, so that the place can't be
    /// taken from the words of the whole text.
    private mutating func add(_ start: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let piece = LanguageDetector.piece(of: text, from: start, count: Self.length)
        var (lower, upper) = (piece.lowerBound, piece.upperBound)
        if lower > 0 {
            while lower < upper, text[lower] != 0x20 { lower += 1 }
        }
        if upper < text.count {
            while upper > lower, text[upper - 1] != 0x20 { upper -= 1 }
        }
        let hasSpaces = lower < upper || piece.isEmpty
        places.append(hasSpaces ? lower..<upper : piece)
        return hasSpaces
    }
}
