import Document
import Index

/// The pages as they are, in an index, each under its number.
struct Collection {
    let prints: [FingerprintMaker.Print]
    /// Pages of the collection that share most of their words with one before them: no mistake when they are found.
    private(set) var twins: [(Passage, Passage)] = []
    /// Pages that were called the same as one before them, twins left out.
    private(set) var others = Rate()
    private let index: Index
    /// The number of the page that a page repeats, or its own.
    private var originals: [Int] = []

    init(_ passages: [Passage], _ maker: FingerprintMaker, directory: String) throws {
        prints = try passages.map(maker.print)
        index = try Index.open(directory: "\(directory)/index", lastPosition: 0).index
        for (number, print) in prints.enumerated() {
            let found = try find(print, besides: number)
            if let found, Self.shareWords(passages[number], passages[found]) {
                twins.append((passages[found], passages[number]))
                originals.append(originals[found])
                continue
            }
            others.add(found != nil)
            originals.append(number)
            let id = Self.id(number)
            try index.apply(
                document: id, source: "bench", revision: 1, hash: print.hash, fingerprint: print.fingerprint,
                position: UInt64(number + 1))
        }
    }

    /// Whether a copy of page `number` is found to be one.
    func finds(_ number: Int, by print: FingerprintMaker.Print) throws -> Bool {
        try find(print, besides: nil) == originals[number]
    }

    private func find(_ print: FingerprintMaker.Print, besides number: Int?) throws -> Int? {
        if let same = try index.firstDocument(with: print.hash) { return Int(same.low) }
        let own = Self.id(number ?? -1)
        return try index.nearestDocument(to: print.fingerprint, besides: own).map { Int($0.id.low) }
    }

    /// Spread as real ids are.
    private static func id(_ number: Int) -> DocumentID {
        var random = SeededRandomness(seed: UInt64(bitPattern: Int64(number)))
        return DocumentID(high: random.next(), low: UInt64(bitPattern: Int64(number)))
    }

    /// Whether two thirds of the shorter text's pairs of words stand in the longer one: counted, not estimated.
    private static func shareWords(_ left: Passage, _ right: Passage) -> Bool {
        let (first, second) = (pairs(left), pairs(right))
        let common = first.intersection(second).count
        return Double(common) >= Double(min(first.count, second.count)) * 0.67
    }

    private static func pairs(_ passage: Passage) -> Set<[Substring]> {
        let words = passage.paragraphs.flatMap { Passage.words($0) }
        return Set(zip(words, words.dropFirst()).map { [$0, $1] })
    }
}
