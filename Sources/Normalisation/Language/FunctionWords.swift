/// Names the language of a text by its function words, where they leave no doubt.
///
/// A word that stands in the list of one language only speaks for it; one that several share only does not speak against
/// them. The text must hold several words of the first kind, next to none that speak for another language, and as many of
/// both kinds as running text has. Texts in languages that are not in the lists, mixed ones and most short ones are left to
/// a detector that knows more. It costs a tenth of one.
enum FunctionWords {
    /// The BCP 47 tag of the language that the words are in; nil where there is a doubt.
    ///
    /// - Parameters:
    ///   - sample: words of `text`.
    ///   - expected: what the source says of the language; a text that says the same in fewer words is believed.
    static func language(
        of text: UnsafeBufferPointer<UInt8>, _ sample: inout LanguageSample, expected: String?
    ) -> String? {
        var words = 0
        var known = 0
        func look() -> (language: String?, isHopeless: Bool) {
            let sampled = sample.words
            return sample.masks.withUnsafeMutableBufferPointer { masks in
                var votes = Votes(masks: masks, words: words, known: known)
                votes.add(sampled)
                (words, known) = (votes.words, votes.known)
                return votes.answer(expected: expected)
            }
        }
        let (answer, isHopeless) = look()
        if answer != nil || isHopeless || !sample.lookBehind(text) { return answer }
        return look().language
    }

    private struct Votes {
        /// The languages of each word that is in a list, a bit for each list.
        let masks: UnsafeMutableBufferPointer<UInt64>
        private(set) var words: Int
        private(set) var known: Int

        init(masks: UnsafeMutableBufferPointer<UInt64>, words: Int, known: Int) {
            self.masks = masks
            self.words = words
            self.known = known
        }

        mutating func add(_ sample: LanguageSample.Words) {
            let table = FunctionWords.table
            let count = min(sample.count, masks.count - words)
            var known = known
            sample.hashes.withUnsafeBufferPointer { hashes in
                table.find(UnsafeBufferPointer(rebasing: hashes[..<count])) { mask in
                    masks[known] = mask
                    known &+= 1
                }
            }
            self.known = known
            words &+= count
        }

        /// The language, and whether more words of the text would be of no use.
        func answer(expected: String?) -> (language: String?, isHopeless: Bool) {
            withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 64) { own in
                own.initialize(repeating: 0)
                let masks = UnsafeBufferPointer(rebasing: masks[..<known])
                // Words of one language alone, by its bit.
                var all = 0
                var rest: UInt64 = 0
                for mask in masks where mask & (mask &- 1) == 0 {
                    own[mask.trailingZeroBitCount] &+= 1
                    all += 1
                    rest |= mask
                }
                var first = 0
                while rest != 0 {
                    let language = rest.trailingZeroBitCount
                    if own[language] > own[first] { first = language }
                    rest &= rest &- 1
                }
                // Where no word is of one language alone, what the source says is what is asked.
                if all == 0 {
                    guard let declared = FunctionWordLists.place(of: expected) else { return (nil, true) }
                    first = declared
                }
                let hits = Int(own[first])
                let others = all - hits
                var known = 0
                for mask in masks { known += Int(truncatingIfNeeded: mask &>> UInt64(first) & 1) }
                let list = FunctionWordLists.all[first]
                guard list.isAnswer, others * 2 <= hits else { return (nil, true) }
                let isClear: Bool
                if words < 20 {
                    // A few words must all agree.
                    isClear = hits >= 2 && others == 0 && known >= 3 && known * 3 >= words
                } else if let expected, expected.hasPrefix(list.language) {
                    isClear = others * 3 <= hits && known * 8 >= words
                } else {
                    // Many may hold a name or a quotation.
                    isClear = hits >= 3 && others * 5 <= hits && known * 7 >= words
                }
                return (isClear ? list.language : nil, false)
            }
        }
    }

    /// The languages of a word, a bit for each list that has it.
    private static let table = WordTable(
        FunctionWordLists.all.prefix(64).enumerated().flatMap { number, list in
            list.words.map { (hash: WordScanner.hash($0), value: UInt64(1) << UInt64(number)) }
        }, absent: 0, merge: { $0 | $1 })
}
