/// Names the language of a text by its function words, where they leave no doubt.
///
/// A word that stands in the list of one language only speaks for it; one that several share only does not speak against
/// them. The text must hold several words of the first kind, next to none that speak for another language, and as many of
/// both kinds as running text has. Texts in languages that are not in the lists, mixed ones and most short ones are left to
/// a detector that knows more. It costs a tenth of one.
enum FunctionWords {
    /// Words that are looked at.
    private static let limit = 256

    /// The BCP 47 tag of the language that two pieces of a text are in; nil where there is a doubt.
    static func language(of head: UnsafeBufferPointer<UInt8>, _ middle: UnsafeBufferPointer<UInt8>) -> String? {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: limit) { masks in
            var votes = Votes(masks: masks, table: table)
            WordScanner.scan(head, into: &votes)
            WordScanner.scan(middle, into: &votes)
            return votes.answer
        }
    }

    private struct Votes: WordTaker {
        /// The languages of each word, a bit for each list.
        let masks: UnsafeMutableBufferPointer<UInt64>
        let table: WordTable<UInt64>
        var words = 0

        @inline(__always) mutating func take(word: UInt64, isFigure: Bool) {
            guard !isFigure, words < masks.count else { return }
            masks[words] = table[word]
            words &+= 1
        }

        var answer: String? {
            let masks = masks[..<words]
            // Words of one language alone, by its bit.
            var own = SIMD64<UInt16>.zero
            var all = 0
            for mask in masks where mask != 0 && mask & (mask &- 1) == 0 {
                own[mask.trailingZeroBitCount] &+= 1
                all += 1
            }
            guard all > 0 else { return nil }
            var first = 0
            for language in FunctionWordLists.all.indices where own[language] > own[first] { first = language }
            let hits = Int(own[first])
            let others = all - hits
            let known = masks.count { $0 & (1 &<< UInt64(first)) != 0 }
            // A few words must all agree; many may hold a name or a quotation.
            let isClear =
                words < 20
                ? hits >= 2 && others == 0 && known >= 3 && known * 3 >= words
                : hits >= 3 && others * 5 <= hits && known * 7 >= words
            let list = FunctionWordLists.all[first]
            return isClear && list.isAnswer ? list.language : nil
        }
    }

    /// The languages of a word, a bit for each list that has it.
    private static let table = WordTable(
        FunctionWordLists.all.prefix(64).enumerated().flatMap { number, list in
            list.words.map { (hash: WordScanner.hash($0), value: UInt64(1) << UInt64(number)) }
        }, absent: 0, merge: { $0 | $1 })
}
