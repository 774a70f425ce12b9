import HTML
import JSON
import XML

/// What the JSON-LD of a page says (https://schema.org), as far as it is of use here.
///
/// Read without a tree: members that say nothing here are passed over where they stand.
struct LinkedData {
    /// A person or an organisation, as a property names it.
    struct Agent {
        var name: String?
        var id: String?
        var isOrganisation = false
    }

    /// An object of the page's data.
    struct Thing {
        var types: [String] = []
        var id: String?
        var name: String?
        var headline: String?
        var authors: [Agent] = []
        var publishers: [Agent] = []
        var published: String?
        var created: String?
        var modified: String?
        var summary: String?
        var body: String?
        var images: [LinkedPicture] = []
        /// What is said of the thing itself where it is a picture.
        fileprivate var picture = LinkedPicture()
        var language: String?
        var keywords: [String] = []
        var depth = 0

        fileprivate func isOf(_ set: Set<String>) -> Bool { types.contains(where: set.contains) }
    }

    private(set) var types: Set<String> = []
    /// Whether the page itself is an article, by its data.
    var isArticle: Bool { ranked.first?.isOf(Self.articles) ?? false }
    /// The objects that describe the page or its content, the nearest first.
    private(set) var ranked: [Thing] = []
    private var things: [Thing] = []

    private static let articles: Set<String> = [
        "article", "newsarticle", "blogposting", "reportagenewsarticle", "techarticle", "scholarlyarticle",
        "opinionnewsarticle", "analysisnewsarticle", "liveblogposting", "advertisercontentarticle", "report",
        "discussionforumposting", "question", "recipe", "howto", "socialmediaposting", "medicalscholarlyarticle",
        "reviewnewsarticle", "backgroundnewsarticle", "satiricalarticle", "creativework",
    ]
    private static let others: Set<String> = [
        "product", "productgroup", "review", "podcastepisode", "course", "book", "event", "jobposting", "videoobject",
        "softwareapplication",
    ]
    private static let pages: Set<String> = [
        "webpage", "itempage", "aboutpage", "collectionpage", "profilepage", "faqpage", "qapage", "medicalwebpage",
        "contactpage",
    ]
    private static let organisations: Set<String> = [
        "organization", "newsmediaorganization", "corporation", "localbusiness", "onlinebusiness", "onlinestore",
        "educationalorganization", "ngo", "governmentorganization", "brand",
    ]

    /// Reads what the scripts of a page hold; `isTitle` says whether a headline is the page's.
    init(_ document: HTMLDocument, _ scripts: [HTMLDocument.TextRange], isTitle: (String) -> Bool) {
        for script in scripts where script.count < 4 << 20 {
            let bytes = document.withBytes(script, Self.trimmed)
            bytes.withUnsafeBufferPointer { buffer in
                var reader = JSONReader(buffer, maximumDepth: 64)
                try? collect(&reader, depth: 0)
            }
        }
        for thing in things { types.formUnion(thing.types) }
        // The questions of a page of answers are parts of it.
        let isQuestions = types.contains("faqpage")
        let articles = things.filter { $0.isOf(Self.articles) && !(isQuestions && $0.types.contains("question")) }
        // On a page that lists several, the one that bears the page's title is meant.
        let own = articles.filter { $0.headline.map(isTitle) ?? $0.name.map(isTitle) ?? false }
        ranked = own.isEmpty ? (Self.isList(articles) ? [] : articles) : own
        ranked +=
            things.filter { $0.isOf(Self.pages) && $0.depth < 3 }
            + things.filter { $0.isOf(Self.others) && $0.depth < 3 }
    }

    /// Several articles of different names are what the page lists, not what it is.
    private static func isList(_ articles: [Thing]) -> Bool {
        Set(articles.compactMap { $0.headline ?? $0.name }).count > 2
    }

    /// From the first value on: some pages wrap it in an HTML comment or `<![CDATA[`.
    private static func trimmed(_ script: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        let start = script.indices.first { index in
            guard script[index] == 0x5B, index > 0 else { return script[index] == 0x7B || script[index] == 0x5B }
            return script[index - 1] != UInt8(ascii: "!") && script[index - 1] != UInt8(ascii: "A")
        }
        // Line feeds inside of strings are common and no JSON.
        return start.map { script[$0...].map { $0 < 0x20 ? 0x20 : $0 } } ?? []
    }

    // MARK: Reading

    private mutating func collect(_ reader: inout JSONReader, depth: Int) throws(JSONError) {
        guard depth < 12, things.count < 500 else {
            try reader.skipValue()
            return
        }
        switch try reader.peek() {
        case .array: try reader.readArray { reader throws(JSONError) in try collect(&reader, depth: depth) }
        case .object: _ = try object(&reader, depth: depth)
        default: try reader.skipValue()
        }
    }

    private mutating func object(_ reader: inout JSONReader, depth: Int) throws(JSONError) -> Thing {
        var thing = Thing()
        thing.depth = depth
        var failure: JSONError?
        do throws(JSONError) {
            try reader.readObject { name, reader throws(JSONError) in
                try member(name, &reader, &thing, depth: depth)
            }
        } catch { failure = error }
        thing.picture.credit = thing.authors.first?.name
        // What was read before a fault is as good as what a correct text says.
        if !thing.types.isEmpty || thing.name != nil { things.append(thing) }
        if let failure { throw failure }
        return thing
    }

    private mutating func member(
        _ name: JSONReader.RawString, _ reader: inout JSONReader, _ thing: inout Thing, depth: Int
    ) throws(JSONError) {
        switch name.bytes.count {
        case 3 where name == "@id": thing.id = try string(&reader)
        case 4 where name == "name": thing.name = try text(&reader)
        case 4 where name == "text":
            if thing.body == nil { thing.body = try text(&reader) } else { try reader.skipValue() }
        case 5 where name == "@type":
            thing.types = try strings(&reader).map {
                ($0.split(separator: "/").last.map(String.init) ?? $0).lowercased()
            }
        case 3 where name == "url": thing.picture.url = try string(&reader) ?? thing.picture.url
        case 5 where name == "image": thing.images += try pictures(&reader)
        case 7 where name == "caption": thing.picture.caption = try text(&reader)
        case 6 where name == "author": thing.authors = try agents(&reader, depth)
        case 6 where name == "@graph": try collect(&reader, depth: depth)
        case 7 where name == "creator":
            let agents = try agents(&reader, depth)
            if thing.authors.isEmpty { thing.authors = agents }
        case 8 where name == "headline": thing.headline = try text(&reader)
        case 8 where name == "keywords": thing.keywords = try strings(&reader)
        case 9 where name == "publisher": thing.publishers = try agents(&reader, depth)
        case 10 where name == "inLanguage": thing.language = try text(&reader)
        case 10 where name == "uploadDate": thing.created = try text(&reader)
        case 11 where name == "dateCreated": thing.created = try text(&reader)
        case 11 where name == "description": thing.summary = try text(&reader)
        case 11 where name == "articleBody": thing.body = try text(&reader)
        case 12 where name == "dateModified": thing.modified = try text(&reader)
        case 12 where name == "thumbnailUrl":
            if thing.images.isEmpty { thing.images = try pictures(&reader) } else { try reader.skipValue() }
        case 13 where name == "datePublished": thing.published = try text(&reader)
        default:
            // Nested things count only where they say what the page is about.
            if name == "mainEntity" || name == "mainEntityOfPage" || name == "itemReviewed" || name == "hasPart" {
                try collect(&reader, depth: depth + 1)
            } else {
                try reader.skipValue()
            }
        }
    }

    private func string(_ reader: inout JSONReader) throws(JSONError) -> String? {
        guard try reader.peek() == .string else {
            try reader.skipValue()
            return nil
        }
        return try reader.readString()
    }

    /// The text of a value: a string, the first of an array, or the `@value` of an object.
    private func text(_ reader: inout JSONReader) throws(JSONError) -> String? {
        try strings(&reader).first.flatMap { Text.clean(Entity.decode($0)) }
    }

    private func strings(_ reader: inout JSONReader) throws(JSONError) -> [String] {
        switch try reader.peek() {
        case .string: return [try reader.readString()]
        case .array:
            var found: [String] = []
            try reader.readArray { reader throws(JSONError) in
                if found.count < 64, try reader.peek() == .string {
                    found.append(try reader.readString())
                } else {
                    try reader.skipValue()
                }
            }
            return found
        case .object:
            var found: [String] = []
            try reader.readObject { name, reader throws(JSONError) in
                guard name == "@value" || name == "name" else {
                    try reader.skipValue()
                    return
                }
                if let text = try string(&reader) { found.append(text) }
            }
            return found
        default:
            try reader.skipValue()
            return []
        }
    }

    private func pictures(_ reader: inout JSONReader) throws(JSONError) -> [LinkedPicture] {
        var found: [LinkedPicture] = []
        try LinkedPicture.read(&reader, to: &found, depth: 0)
        return found
    }

    private mutating func agents(_ reader: inout JSONReader, _ depth: Int) throws(JSONError) -> [Agent] {
        switch try reader.peek() {
        case .string:
            return [Agent(name: Text.clean(Entity.decode(try reader.readString())))]
        case .array:
            var found: [Agent] = []
            try reader.readArray { reader throws(JSONError) in
                if found.count < 20 { found += try agents(&reader, depth) } else { try reader.skipValue() }
            }
            return found
        case .object:
            let thing = try object(&reader, depth: depth + 4)
            return [Agent(name: thing.name, id: thing.id, isOrganisation: thing.isOf(Self.organisations))]
        default:
            try reader.skipValue()
            return []
        }
    }

    // MARK: What it says

    /// The first value that one of the ranked objects has.
    func first<Value>(_ value: (Thing) -> Value?) -> Value? { ranked.lazy.compactMap(value).first }

    /// The title: a headline, or the name of what the page is about.
    var title: String? { first { $0.headline ?? ($0.isOf(Self.pages) ? nil : $0.name) } ?? first { $0.name } }

    /// Authors by name, references resolved.
    var authors: [Agent] {
        for thing in ranked where !thing.isOf(["product", "productgroup", "review", "videoobject"]) {
            let found = thing.authors.compactMap(named)
            if !found.isEmpty { return found }
        }
        return []
    }

    /// Who publishes the page.
    var publisher: String? { first { $0.publishers.lazy.compactMap(named).first?.name } }

    /// Pictures of what the page is about, and those that it describes for themselves.
    var pictures: [LinkedPicture] {
        ranked.flatMap(\.images) + things.filter { $0.types.contains("imageobject") }.map(\.picture)
    }

    /// The name of the web site.
    var site: String? { things.first { $0.types.contains("website") }?.name }

    private func named(_ agent: Agent) -> Agent? {
        if agent.name != nil { return agent }
        guard let id = agent.id, let thing = things.first(where: { $0.id == id && $0.name != nil }) else { return nil }
        return Agent(name: thing.name, id: id, isOrganisation: thing.isOf(Self.organisations))
    }
}

/// Character references in texts that should have none.
enum Entity {
    static func decode(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        let bytes = Array(text.utf8)
        var decoded: [UInt8] = []
        XMLTokenizer.appendResolving(bytes, 0..<bytes.count, to: &decoded)
        return String(decoding: decoded, as: UTF8.self)
    }
}
