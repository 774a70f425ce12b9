import Document
import HTML
import JSON

/// What a page says of itself: in JSON-LD, in `meta` and `link` elements, in its markup and its address.
struct PageMetadata {
    var title: String?
    var authors: [String] = []
    var site: String?
    var summary: String?
    var tags: [String] = []
    var language: String?
    var canonical: String?
    var published: Timestamp?
    var modified: Timestamp?
    var image: String?
    var openGraphType: String?
    /// Types of JSON-LD and microdata, in lower case.
    var types: Set<String> = []
    /// The text that structured data gives as the content.
    var body: String?
    /// The path of the page's address, in lower case.
    var path = ""
    var base: String?

    private var meta: [String: String] = [:]
    private var titleElement: String?

    init(_ document: HTMLDocument, url: String?) {
        base = url
        if let url, let start = url.range(ofFirst: "://") {
            path = String(url[start...].drop { $0 != "/" }).lowercased()
        }
        collect(document)
        let linked = LinkedData(document.linkedDataScripts())
        types.formUnion(linked.types)
        openGraphType = meta["og:type"]?.lowercased()
        site = meta["og:site_name"] ?? linked.publisher ?? meta["application-name"]
        summary = meta["og:description"] ?? meta["description"] ?? meta["twitter:description"] ?? linked.summary
        body = linked.body
        image = meta["og:image"] ?? linked.image
        tags = Self.tags(meta, linked)
        dates(document, linked)
        authors = PageAuthors.find(document, meta: meta, linked: linked, site: site)
        title = PageTitle.find(document, meta: meta, linked: linked, titleElement: titleElement, site: site)
        language = language ?? meta["og:locale"].map { $0.replacing("_", with: "-") } ?? linked.language
        if site == nil, let titleElement { site = PageTitle.site(from: titleElement, title: title) }
    }

    private mutating func collect(_ document: HTMLDocument) {
        var node: HTMLDocument.NodeIndex = 0
        var seen = 0
        while node != HTMLDocument.none {
            let entry = document.nodes[Int(node)]
            if entry.kind == .element {
                switch entry.tag {
                case .html: language = document.attributeString(.lang, of: node).flatMap(Text.clean)
                case .base:
                    if let href = document.attributeString(.href, of: node) {
                        base = CanonicalURL.resolve(href, against: base) ?? base
                    }
                case .title where titleElement == nil && entry.namespace == .html:
                    titleElement = Text.clean(document.textContent(of: node))
                case .link: link(document, node)
                case .meta: self.metaElement(document, node)
                default: break
                }
                if let type = document.attribute(.itemtype, of: node) {
                    let name = document.string(type).split(separator: "/").last.map { $0.lowercased() }
                    if let name { types.insert(name) }
                }
            }
            seen += 1
            node = document.next(node, within: 0)
        }
    }

    private mutating func link(_ document: HTMLDocument, _ node: HTMLDocument.NodeIndex) {
        guard let rel = document.attributeString(.rel, of: node)?.lowercased(),
            rel.split(separator: " ").contains("canonical"),
            canonical == nil, let href = document.attributeString(.href, of: node)
        else { return }
        canonical = CanonicalURL.resolve(href, against: base)
    }

    private mutating func metaElement(_ document: HTMLDocument, _ node: HTMLDocument.NodeIndex) {
        guard let content = document.attributeString(.content, of: node).flatMap(Text.clean) else { return }
        for attribute in [AttributeName.property, .name, .itemprop, .httpEquiv] {
            guard let names = document.attributeString(attribute, of: node)?.lowercased() else { continue }
            for name in names.split(separator: " ") where meta[String(name)] == nil { meta[String(name)] = content }
        }
    }

    private static func tags(_ meta: [String: String], _ linked: LinkedData) -> [String] {
        let text = meta["news_keywords"] ?? meta["keywords"] ?? meta["article:tag"]
        let found =
            linked.keywords.isEmpty
            ? (text?.split(separator: ",").compactMap { Text.clean(String($0)) } ?? []) : linked.keywords
        var seen: Set<String> = []
        return Array(found.filter { $0.count <= 60 && seen.insert($0.lowercased()).inserted }.prefix(30))
    }

    private mutating func dates(_ document: HTMLDocument, _ linked: LinkedData) {
        let meta = meta
        let publishedNames = [
            "article:published_time", "og:published_time", "datepublished", "date", "dc.date", "dc.date.issued",
            "dcterms.created", "dcterms.issued",
            "dc.date.created", "pubdate", "publishdate", "publish-date", "publish_date", "parsely-pub-date",
            "sailthru.date", "datecreated",
            "cxenseparse:recs:publishtime", "article.published", "published_time", "release_date",
            "citation_publication_date", "citation_date",
        ]
        let modifiedNames = [
            "article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "dc.date.modified",
            "last-modified", "lastmod",
        ]
        published =
            linked.published.flatMap(Self.plausible)
            ?? publishedNames.lazy.compactMap { meta[$0].flatMap(Self.plausible) }.first
        modified =
            linked.modified.flatMap(Self.plausible)
            ?? modifiedNames.lazy.compactMap { meta[$0].flatMap(Self.plausible) }.first
        if published == nil { published = PageDates.visible(document) ?? PageDates.inPath(path) }
        if let modified, let published, modified < published { self.modified = nil }
    }

    static func plausible(_ text: String) -> Timestamp? {
        guard let time = DateParser.parse(text) else { return nil }
        return plausible(time) ? time : nil
    }

    /// Pages are not older than the web, nor from the future.
    static func plausible(_ time: Timestamp) -> Bool {
        time.seconds > 631_152_000 && time.seconds < Timestamp.now.seconds + 2 * 86_400
    }
}

/// Small helpers for text out of attributes.
enum Text {
    /// White space made single; nil when nothing is left.
    static func clean(_ text: String) -> String? {
        let words = text.split { $0.isWhitespace || $0 == "\u{200B}" || $0 == "\u{FEFF}" }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }
}

extension String {
    fileprivate func range(ofFirst word: String) -> String.Index? { firstRange(of: word)?.upperBound }
}

extension HTMLDocument {
    /// The texts of `script` elements that hold JSON-LD.
    func linkedDataScripts() -> [[UInt8]] {
        var scripts: [[UInt8]] = []
        var node: NodeIndex = 0
        while node != Self.none {
            if isElement(node, .script), let type = attributeString(.type, of: node)?.lowercased(),
                type.contains("ld+json"),
                scripts.count < 32
            {
                let child = nodes[Int(node)].firstChild
                if child != Self.none { scripts.append(withBytes(nodes[Int(child)].text) { Array($0) }) }
            }
            node = next(node, within: 0)
        }
        return scripts
    }
}
