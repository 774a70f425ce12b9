import ArgumentParser
import Document
import Index
import JSON
import Normalisation

/// How many near duplicates are found, and how much else: pairs made from real pages, through the normaliser and the index.
struct SamenessBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sameness", abstract: "Precision and recall of near duplicates on pairs made from pages.",
        discussion: """
            Each page of the directory becomes documents that are the same to a reader (another headline, a byline, a \
            footer, …) and documents that only look alike (one template, one subject, other figures, …). Figures are \
            shares of the pairs of a kind that were called the same.
            """)

    @Argument(help: "A directory of pages, .gz or not.")
    var directory: String
    @Option(help: "At most so many files.")
    var limit = Int.max
    @Option(help: "Pages with fewer words are passed over.")
    var words = 60
    @Flag(help: "Name the pages that the collection itself has twice.")
    var listTwins = false

    func run() throws {
        let maker = try FingerprintMaker()
        let passages = try Files.read(directory, limit: limit).flatMap { file in
            try maker.passages(of: file).filter { $0.words >= words }
        }
        guard passages.count > 1 else { throw BenchmarkError("\(directory) holds fewer than two pages with text") }
        let scratch = try ScratchDirectory(in: ".")
        let collection = try Collection(passages, maker, directory: scratch.path)
        var tally = Tally()
        try measureSame(passages, collection, maker, &tally)
        try measureDifferent(passages, maker, &tally)
        tally.different["other_pages"] = collection.others
        Progress.clear()
        if listTwins {
            for (first, second) in collection.twins { print("\(first.title) ~ \(second.title)") }
        }
        printResult(
            tally.json(with: [
                "benchmark": "sameness", "pages": .integer(Int64(passages.count)),
                "twins_in_the_collection": .integer(Int64(collection.twins.count)),
            ]))
    }

    private func measureSame(
        _ passages: [Passage], _ collection: Collection, _ maker: FingerprintMaker, _ tally: inout Tally
    ) throws {
        for kind in SamePairs.allCases {
            Progress.show("sameness: \(kind.rawValue)")
            var random = SeededRandomness(seed: 17)
            var rate = Rate()
            for (number, passage) in passages.enumerated() {
                guard let copy = kind.copy(of: passage, &random) else { continue }
                let print = try maker.print(of: copy)
                rate.add(try collection.finds(number, by: print))
                tally.simhash.same.append((print.simhash ^ collection.prints[number].simhash).nonzeroBitCount)
            }
            tally.same[kind.rawValue] = rate
        }
    }

    private func measureDifferent(
        _ passages: [Passage], _ maker: FingerprintMaker, _ tally: inout Tally
    ) throws {
        for kind in DifferentPairs.allCases {
            Progress.show("sameness: \(kind.rawValue)")
            var random = SeededRandomness(seed: 23)
            var rate = Rate()
            for (number, passage) in passages.enumerated() {
                // Far apart, so that the two are seldom of one site.
                let other = passages[(number + passages.count / 2) % passages.count]
                guard let pair = kind.pair(from: passage, and: other, &random) else { continue }
                let first = try maker.print(of: pair.0)
                let second = try maker.print(of: pair.1)
                rate.add(first.hash == second.hash || first.fingerprint.similarity(to: second.fingerprint) != nil)
                tally.simhash.different.append((first.simhash ^ second.simhash).nonzeroBitCount)
            }
            tally.different[kind.rawValue] = rate
        }
    }
}

/// How many of the pairs of a kind were called the same.
struct Rate {
    var pairs = 0
    var same = 0

    mutating func add(_ isSame: Bool) {
        pairs += 1
        if isSame { same += 1 }
    }

    var share: Double { pairs == 0 ? 0 : Double(same) / Double(pairs) }

    static func sum(_ rates: some Sequence<Rate>) -> Rate {
        rates.reduce(into: Rate()) {
            $0.pairs += $1.pairs
            $0.same += $1.same
        }
    }

    var json: JSONValue {
        ["pairs": .integer(Int64(pairs)), "called_same": .number((share * 10_000).rounded() / 10_000)]
    }
}

private struct Tally {
    var same: [String: Rate] = [:]
    var different: [String: Rate] = [:]
    /// Distances of the 64-bit fingerprint that others use, for comparison.
    var simhash: (same: [Int], different: [Int]) = ([], [])

    func json(with more: [String: JSONValue]) -> JSONValue {
        let found = Rate.sum(same.values)
        let wrong = Rate.sum(different.filter { $0.key != "other_pages" }.values)
        let hits = found.same + wrong.same + (different["other_pages"]?.same ?? 0)
        let figures: [String: JSONValue] = [
            "recall": .number((found.share * 10_000).rounded() / 10_000),
            "precision": .number((Double(found.same) / Double(max(1, hits)) * 10_000).rounded() / 10_000),
            "precision_of_equal_numbers": .number(
                (found.share / max(1e-9, found.share + wrong.share) * 10_000).rounded() / 10_000),
            "same": .object(same.mapValues(\.json)), "different": .object(different.mapValues(\.json)),
            "simhash": simhashJSON,
        ]
        return .object(figures.merging(more) { $1 })
    }

    /// What a simhash would find at the largest distance that keeps its precision at 0.99, equal numbers of pairs taken.
    private var simhashJSON: JSONValue {
        func share(_ distances: [Int], within limit: Int) -> Double {
            Double(distances.count { $0 <= limit }) / Double(max(1, distances.count))
        }
        func row(_ limit: Int) -> JSONValue {
            let (hits, wrong) = (share(simhash.same, within: limit), share(simhash.different, within: limit))
            return [
                "distance": .integer(Int64(limit)), "recall": .number((hits * 10_000).rounded() / 10_000),
                "precision_of_equal_numbers": .number((hits / max(1e-9, hits + wrong) * 10_000).rounded() / 10_000),
            ]
        }
        return .array([3, 6, 10, 14].map(row))
    }
}
