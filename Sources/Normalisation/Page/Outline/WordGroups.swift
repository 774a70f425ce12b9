/// Words of a page's text by what they are used for: those of sentences, and those that label what is around content.
///
/// As with ``TraitVocabulary``, what a group is worth is learned.
enum WordGroups {
    /// The groups after the function words, in order: names and words.
    static let groups: [(name: String, words: String)] = [
        (
            "legal",
            "copyright rights reserved privacy terms conditions policy disclaimer legal accessibility imprint impressum datenschutz agb"
        ),
        (
            "social",
            "facebook twitter instagram linkedin pinterest youtube tiktok whatsapp reddit telegram share tweet follow"
        ),
        (
            "subscribe",
            "newsletter subscribe subscribers subscription inbox unsubscribe updates email e-mail notifications signup"
        ),
        ("account", "login log sign signin register account password username member members join logout"),
        ("consent", "cookie cookies consent accept preferences gdpr tracking"),
        ("shopping", "cart checkout basket wishlist add buy shop shipping delivery returns stock quantity qty bag"),
        ("money", "price sale save off regular discount free usd eur gbp from"),
        ("navigation", "home menu search skip top toggle navigation sitemap close open back next previous main"),
        ("more", "more read view see all learn show load click continue explore discover browse here details"),
        (
            "filter",
            "filter filters sort relevance newest oldest featured clear apply refine results showing items products"
        ),
        (
            "discussion",
            "comment comments reply replies quote like likes post posted joined posts views thread report votes"
        ),
        (
            "date",
            "january february march april may june july august september october november december ago jan feb mar apr jun jul aug sep sept oct nov dec am pm"
        ),
        ("author", "by author written editor contributor staff reporter updated published min minutes"),
        ("advertising", "advertisement sponsored ad ads promoted partner affiliate"),
        (
            "related",
            "related recommended popular trending latest recent similar recently also might stories posts articles"
        ),
        ("contact", "contact call phone tel fax address hours monday friday directions location locations us quote"),
        ("review", "review reviews rating ratings stars customer customers verified helpful"),
        ("help", "help faq support careers jobs press about partners investors affiliates blog resources"),
        ("download", "download print pdf app google play store apple android ios install"),
        (
            "language",
            "english deutsch français español italiano português nederlands polski 日本語 中文 language country region"
        ),
    ]

    /// The number of function words.
    static let function: UInt8 = 255
    /// The number of the group that a copyright sign belongs to.
    static let legal: UInt8 = 1

    private static let functionWords = """
        a an the of and or in on at to for with from by as is are was were be been has have had it its this that these those \
        which who whom whose will would can could should may might must not no but if then than when while where there their \
        they them he she his her him we our you your i my me so such into over under about after before between through during \
        because what how why also only just very more most some any each other \
        der die das den dem des ein eine einer eines einem und oder mit von zu zur zum im ist sind war waren nicht auch auf für \
        aus bei nach über sich als wie dass wird werden hat haben durch sie er es wir ihr um an \
        le la les un une des du de et ou en dans sur pour par avec est sont était ne pas que qui ce cette ces il elle nous vous \
        el los las una y o del al con por para es son fue no se su sus lo más como pero \
        il lo gli dei della delle di e che per non si è sono nel nella \
        os as um uma da do dos das em no na não se mais ao \
        het een van en te dat voor niet zijn met op aan ook \
        och att det som på är av inte till i og på ikke \
        w na z do nie się jest i to że и в на не что с по как это для
        """

    /// How many words of each group a block has.
    struct Counts {
        private var low: SIMD16<UInt8> = .zero
        private var high: SIMD8<UInt8> = .zero

        mutating func add(_ group: UInt8) {
            let index = Int(group)
            if index < 16 {
                if low[index] < 255 { low[index] += 1 }
            } else if high[index - 16] < 255 {
                high[index - 16] += 1
            }
        }

        subscript(group: Int) -> UInt8 { group < 16 ? low[group] : high[group - 16] }
    }

    typealias Table = UnsafeBufferPointer<(hash: UInt32, group: UInt8)>

    private static let mask: UInt32 = 2047

    /// Open addressing by the words' hashes; a slot of group 0 is empty.
    static let table: [(hash: UInt32, group: UInt8)] = {
        var table = [(hash: UInt32, group: UInt8)](repeating: (0, 0), count: Int(mask) + 1)
        func insert(_ words: String, _ group: UInt8) {
            for word in words.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
                let hash = Array(word.utf8).withUnsafeBufferPointer { ElementTraits.hash($0) }
                var slot = Int(hash & mask)
                while table[slot].group != 0, table[slot].hash != hash { slot = (slot + 1) & Int(mask) }
                // A word of two groups counts for the first.
                if table[slot].group == 0 { table[slot] = (hash, group) }
            }
        }
        for (number, group) in groups.enumerated() { insert(group.words, UInt8(number + 1)) }
        insert(functionWords, function)
        return table
    }()

    @inline(__always) static func group(of hash: UInt32, in table: Table) -> UInt8 {
        var slot = Int(hash & mask)
        while table[slot].group != 0 {
            if table[slot].hash == hash { return table[slot].group }
            slot = (slot + 1) & Int(mask)
        }
        return 0
    }
}
