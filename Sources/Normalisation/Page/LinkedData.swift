import Document
import JSON

/// What the JSON-LD of a page says (https://schema.org), as far as it is of use here.
struct LinkedData {
    var types: Set<String> = []
    var headline: String?
    var authors: [String] = []
    var publisher: String?
    var published: String?
    var modified: String?
    var summary: String?
    var body: String?
    var image: String?
    var language: String?
    var keywords: [String] = []

    private static let contentTypes: Set<String> = [
        "article", "newsarticle", "blogposting", "reportagenewsarticle", "techarticle", "scholarlyarticle",
        "opinionnewsarticle",
        "analysisnewsarticle", "liveblogposting", "advertisercontentarticle", "report", "discussionforumposting",
        "qapage", "question",
        "recipe", "product", "review", "howto", "podcastepisode", "videoobject", "course", "book", "event",
        "jobposting", "socialmediaposting",
    ]
    private static let pageTypes: Set<String> = [
        "webpage", "itempage", "aboutpage", "collectionpage", "profilepage", "faqpage",
    ]

    init(_ scripts: [[UInt8]]) {
        var objects: [[String: JSONValue]] = []
        for script in scripts where script.count < 4 << 20 {
            guard let value = try? JSONValue.parse(Self.trimmed(script), maximumDepth: 64) else { continue }
            Self.collect(value, &objects, depth: 0)
        }
        var byID: [String: [String: JSONValue]] = [:]
        for object in objects { if let id = object["@id"]?.string, object["name"] != nil { byID[id] = object } }
        for object in objects { types.formUnion(Self.types(of: object)) }
        let ranked =
            objects.filter { !Self.types(of: $0).isDisjoint(with: Self.contentTypes) }
            + objects.filter { !Self.types(of: $0).isDisjoint(with: Self.pageTypes) }
        for object in ranked { take(object, byID, isPage: Self.types(of: object).isDisjoint(with: Self.contentTypes)) }
    }

    private static func trimmed(_ script: [UInt8]) -> [UInt8] {
        // Some pages wrap it in an HTML comment or CDATA.
        guard let start = script.firstIndex(where: { $0 == 0x7B || $0 == 0x5B }),
            let end = script.lastIndex(where: { $0 == 0x7D || $0 == 0x5D }),
            start <= end
        else { return [] }
        // Line feeds inside of strings are common and no JSON.
        return script[start...end].map { $0 < 0x20 ? 0x20 : $0 }
    }

    private static func types(of object: [String: JSONValue]) -> Set<String> {
        let names = object["@type"]?.array?.compactMap(\.string) ?? [object["@type"]?.string].compactMap { $0 }
        return Set(names.map { ($0.split(separator: "/").last.map(String.init) ?? $0).lowercased() })
    }

    private static func collect(_ value: JSONValue, _ objects: inout [[String: JSONValue]], depth: Int) {
        guard depth < 5, objects.count < 500 else { return }
        switch value {
        case .array(let elements): for element in elements { collect(element, &objects, depth: depth + 1) }
        case .object(let members):
            objects.append(members)
            for key in ["@graph", "mainEntity", "mainEntityOfPage", "itemReviewed"] {
                if let member = members[key], member.string == nil { collect(member, &objects, depth: depth + 1) }
            }
        default: break
        }
    }

    private mutating func take(_ object: [String: JSONValue], _ byID: [String: [String: JSONValue]], isPage: Bool) {
        func text(_ key: String) -> String? { object[key]?.string.flatMap { Text.clean(Entity.decode($0)) } }
        headline = headline ?? text("headline") ?? (isPage ? nil : text("name"))
        published = published ?? text("datePublished") ?? (isPage ? nil : text("dateCreated") ?? text("uploadDate"))
        modified = modified ?? text("dateModified")
        summary = summary ?? text("description")
        language = language ?? text("inLanguage")
        if body == nil { body = text("articleBody") ?? (isPage ? nil : text("text")) }
        if image == nil { image = Self.url(object["image"]) ?? text("thumbnailUrl") }
        if authors.isEmpty { authors = Self.names(object["author"] ?? object["creator"], byID) }
        publisher = publisher ?? Self.names(object["publisher"], byID).first
        if keywords.isEmpty {
            keywords =
                object["keywords"]?.array?.compactMap(\.string) ?? object["keywords"]?.string?.split(separator: ",")
                .compactMap { Text.clean(String($0)) } ?? []
        }
    }

    private static func names(_ value: JSONValue?, _ byID: [String: [String: JSONValue]]) -> [String] {
        switch value {
        case .string(let name): return Text.clean(Entity.decode(name)).map { [$0] } ?? []
        case .array(let elements): return elements.prefix(20).flatMap { names($0, byID) }
        case .object(let members):
            if let name = members["name"] { return names(name, byID) }
            if let id = members["@id"]?.string, let object = byID[id], let name = object["name"]?.string {
                return [name]
            }
            return []
        default: return []
        }
    }

    private static func url(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text): text
        case .array(let elements): url(elements.first)
        case .object(let members): members["url"]?.string ?? members["contentUrl"]?.string
        default: nil
        }
    }
}

/// Character references in texts that should have none.
enum Entity {
    static func decode(_ text: String) -> String {
        guard text.contains("&") else { return text }
        var decoded = text
        for (name, character) in [
            ("&amp;", "&"), ("&quot;", "\""), ("&#39;", "'"), ("&#039;", "'"), ("&apos;", "'"), ("&lt;", "<"),
            ("&gt;", ">"), ("&nbsp;", " "), ("&#8217;", "’"), ("&#8211;", "–"), ("&rsquo;", "’"), ("&#8216;", "‘"),
            ("&#8220;", "“"), ("&#8221;", "”"), ("&#038;", "&"), ("&ndash;", "–"),
        ] {
            decoded = decoded.replacing(name, with: character)
        }
        return decoded
    }
}
