import HTML

/// What is counted of a whole page; the features by which its kind is decided, and a part of those of its blocks.
struct PageFacts {
    /// In the order of ``names``.
    private(set) var features: [Float] = []
    /// The facts that also go with each block: the first ones.
    static let sharedCount = 30

    let letters: Float
    let prose: Float
    let titleWordCount: Int

    /// What structured data may say a page is: types of schema.org in lower case.
    private static let types: [(name: String, types: Set<String>)] = [
        (
            "article",
            ["article", "newsarticle", "blogposting", "reportagenewsarticle", "techarticle", "scholarlyarticle"]
        ),
        ("product", ["product", "productgroup", "individualproduct", "offer", "aggregateoffer"]),
        ("forum", ["discussionforumposting", "qapage", "question", "answer", "comment"]),
        ("collection", ["collectionpage", "itemlist", "offercatalog", "searchresultspage"]),
        ("faq", ["faqpage"]),
        ("business", ["localbusiness", "service", "professionalservice", "organization", "corporation"]),
        ("breadcrumb", ["breadcrumblist"]),
        ("website", ["website"]),
        ("webpage", ["webpage"]),
        ("software", ["softwareapplication", "webapplication", "mobileapplication"]),
        ("howto", ["howto", "recipe"]),
        ("media", ["videoobject", "podcastepisode", "movie", "event", "course", "jobposting"]),
    ]
    private static let openGraphTypes = ["article", "product", "website"]
    /// Words of paths, each group with what it stands for.
    private static let paths: [(name: String, words: [String])] = [
        ("article", ["/blog", "/news", "/article", "/story", "/post", "/20"]),
        (
            "forum",
            [
                "forum", "/thread", "/topic", "viewtopic", "/discussion", "/questions/", "/t/", "communit",
                "/comments/", "/talk/",
            ]
        ),
        (
            "documentation",
            [
                "/docs", "documentation", "/reference", "/manual", "/api", "/guide", "/help", "/learn", "/wiki",
                "/en-us/", "/latest/", "/stable/",
            ]
        ),
        ("product", ["/product/", "/products/", "/p/", "/dp/", "/item/", "-p-"]),
        (
            "collection",
            ["/collection", "/category", "/categories", "/shop", "/catalog", "/c/", "/browse", "/department"]
        ),
        (
            "listing",
            ["/tag/", "/tags/", "/directory", "/list", "/search", "/jobs", "/events", "/archive", "/topics", "/best"]
        ),
        ("service", ["/service", "/solution", "/about", "/pricing", "/features", "/platform", "/contact"]),
    ]

    static let names: [String] =
        [
            "letters", "blocks", "linkDensity", "proseShare", "elements", "paragraphs", "items", "cells",
            "firstHeadings",
            "secondHeadings", "otherHeadings", "articles", "rows", "forms", "images", "links", "functionWords",
            "titleWords", "digits", "currencySigns", "sentenceEnds", "repeated.count", "repeated.share",
            "repeated.linkDensity", "repeated.letters", "meanBlock", "headShare", "time", "figures", "code",
        ]
        + types.map { "type.\($0.name)" } + openGraphTypes.map { "openGraph.\($0)" } + paths.map { "path.\($0.name)" }
        + ["path.depth", "path.length", "path.digits", "hasDate", "hasAuthor", "hasBody"]
        + ElementTraits.Structure.allCases.map { "elements.\($0)" }
        + TraitVocabulary.groups.map { "vocabulary.\($0.name)" } + WordGroups.groups.map { "words.\($0.name)" }

    init(_ outline: PageOutline, _ metadata: PageMetadata, titleWordCount: Int) {
        let root = outline.elements.first
        let letters = Float(max(root?.letters ?? 0, 1))
        self.letters = letters
        prose = Float(root?.proseLetters ?? 0)
        self.titleWordCount = titleWordCount
        features.reserveCapacity(Self.names.count)
        addTotals(outline, root)
        addDeclarations(metadata)
        addTraits(outline)
        addWords(outline)
    }

    private mutating func addTotals(_ outline: PageOutline, _ root: PageOutline.Element?) {
        var tags = [Float](repeating: 0, count: 256)
        for element in outline.elements where element.tag.rawValue < 256 { tags[Int(element.tag.rawValue)] += 1 }
        func count(_ names: TagName...) -> Float { log(names.reduce(0) { $0 + tags[Int($1.rawValue)] }) }
        var functionWords: Float = 0
        var titleWords: Float = 0
        var words: Float = 1
        var digits: Float = 0
        var currency: Float = 0
        var sentences: Float = 0
        var headLetters: Float = 0
        for (index, block) in outline.blocks.enumerated() {
            functionWords += Float(block.words.functionWords)
            titleWords += Float(block.words.titleWords)
            words += Float(block.words.words)
            digits += Float(block.words.digits)
            currency += Float(block.words.currencySigns)
            sentences += Float(block.words.sentenceEnds)
            if index * 4 < outline.blocks.count { headLetters += Float(block.letters) }
        }
        var group: PageOutline.Element?
        for element in outline.elements
        where element.likeSiblings >= 3 && element.likeLetters > group?.likeLetters ?? 0 { group = element }
        let groupLetters = Float(group?.likeLetters ?? 0)
        let count = Float(max(outline.blocks.count, 1))
        features += [
            log(letters), log(count), Float(root?.linkLetters ?? 0) / letters, prose / letters,
            log(Float(outline.elements.count)), tagged(tags, .p), tagged(tags, .li), tagged(tags, .td),
            tagged(tags, .h1), tagged(tags, .h2), log(tags[Int(TagName.h3.rawValue)] + tags[Int(TagName.h4.rawValue)]),
            tagged(tags, .article), tagged(tags, .tr), tagged(tags, .form), log(Float(outline.images.count)),
            log(Float(outline.links.count)), functionWords / words, titleWords / words, digits / letters,
            currency / words * 100, sentences / words, log(Float(group?.likeSiblings ?? 0)), groupLetters / letters,
            Float(group?.likeLinkLetters ?? 0) / max(groupLetters, 1),
            log(groupLetters / Float(max(group?.likeSiblings ?? 1, 1))), log(letters / count), headLetters / letters,
            tagged(tags, .time), tagged(tags, .figure), tagged(tags, .pre),
        ]
    }

    private func tagged(_ counts: [Float], _ tag: TagName) -> Float { Self.log(counts[Int(tag.rawValue)]) }

    private mutating func addDeclarations(_ metadata: PageMetadata) {
        for group in Self.types { features.append(metadata.types.isDisjoint(with: group.types) ? 0 : 1) }
        for type in Self.openGraphTypes { features.append(metadata.openGraphType?.hasPrefix(type) ?? false ? 1 : 0) }
        let path = Self.path(metadata)
        for group in Self.paths { features.append(group.words.contains(where: path.contains) ? 1 : 0) }
        features += [
            Float(path.utf8.reduce(0) { $0 + ($1 == UInt8(ascii: "/") ? 1 : 0) }), Float(path.utf8.count),
            Float(path.utf8.reduce(0) { $0 + ($1 &- 0x30 < 10 ? 1 : 0) }), metadata.published == nil ? 0 : 1,
            metadata.authors == nil ? 0 : 1, metadata.body == nil ? 0 : 1,
        ]
    }

    /// The path of the page's own address, with the last label but one of its host.
    private static func path(_ metadata: PageMetadata) -> String {
        guard let address = metadata.canonical?.value ?? metadata.base, address.hasPrefix("http") else { return "" }
        let rest = address.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).last ?? ""
        return "/" + rest.lowercased()
    }

    private mutating func addTraits(_ outline: PageOutline) {
        var structure = [Float](repeating: 0, count: ElementTraits.Structure.allCases.count)
        var vocabulary = [Float](repeating: 0, count: TraitVocabulary.groups.count)
        for element in outline.elements {
            Self.forEachBit(element.traits.structure) { structure[$0] += 1 }
            Self.forEachBit(element.traits.vocabulary) { vocabulary[$0] += 1 }
        }
        features += structure.map(Self.log)
        features += vocabulary.map(Self.log)
    }

    private mutating func addWords(_ outline: PageOutline) {
        var sums = [Float](repeating: 0, count: WordGroups.groups.count)
        var words: Float = 1
        for block in outline.blocks {
            words += Float(block.words.words)
            for group in sums.indices { sums[group] += Float(block.words.groups[group + 1]) }
        }
        features += sums.map { $0 / words * 100 }
    }

    @inline(__always) static func forEachBit(_ bits: UInt64, _ body: (Int) -> Void) {
        var rest = bits
        while rest != 0 {
            body(rest.trailingZeroBitCount)
            rest &= rest - 1
        }
    }

    /// A logarithm to base two of a count, coarse and quick: the exponent, and the mantissa as it is.
    @inline(__always) static func log(_ value: Float) -> Float {
        let bits = (max(value, 0) + 1).bitPattern
        let significand = Float(bitPattern: bits & 0x7F_FFFF | 0x3F80_0000)
        return Float(Int32(bits >> 23) - 127) + significand - 1
    }
    @inline(__always) private func log(_ value: Float) -> Float { Self.log(value) }
}
