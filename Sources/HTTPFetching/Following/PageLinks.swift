import Charset
import HTML

/// The links of a page, as it writes them.
struct PageLinks {
    /// A feed that a page declares.
    struct Feed: Sendable, Equatable {
        var link: String
        var title: String?
    }

    /// Links of one page that are looked at.
    private static let mostLinks = 10_000
    /// Bytes of a page that are looked at.
    private static let longestPage = 8 << 20
    private static let feedTypes = [
        "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml",
    ]

    /// What the links are relative to, where the page says so itself.
    private(set) var base: String?
    /// Of `a` and `area` elements, but those that are not to be followed.
    private(set) var links: [String] = []
    /// In the page's order; the first one is its main feed (HTML, section 4.6.7.2).
    private(set) var feeds: [Feed] = []
    /// The page that continues this one.
    private(set) var next: String?
    /// The hubs that tell of news of this page, and what they call it.
    private(set) var hubs: [String] = []
    private(set) var own: String?
    /// Whether the page asks that none of its links is followed.
    private(set) var isClosed = false

    /// Reads the links of a page.
    init(_ body: [UInt8], charset: String?) {
        let detection = EncodingDetection.detect(body, transport: charset, kind: .html)
        let page = HTMLParser.parse(Decoder.decode(Array(body.prefix(Self.longestPage)), as: detection.encoding))
        var node = page.next(0, within: 0)
        while node != HTMLDocument.none {
            if page.isElement(node, .a) || page.isElement(node, .area) {
                anchor(page, node)
            } else if page.isElement(node, .link) {
                relation(page, node)
            } else if page.isElement(node, .base) {
                base = base ?? page.attributeString(.href, of: node)
            } else if page.isElement(node, .meta), page.attributeString(.name, of: node)?.lowercased() == "robots" {
                let content = page.attributeString(.content, of: node)?.lowercased() ?? ""
                if content.contains("nofollow") || content.contains("none") { isClosed = true }
            }
            node = page.next(node, within: 0)
        }
    }

    private static func relations(_ page: HTMLDocument, _ node: HTMLDocument.NodeIndex) -> [Substring] {
        page.attributeString(.rel, of: node)?.lowercased().split(whereSeparator: { " \t\n\r\u{C}".contains($0) }) ?? []
    }

    private mutating func anchor(_ page: HTMLDocument, _ node: HTMLDocument.NodeIndex) {
        guard links.count < Self.mostLinks, let link = page.attributeString(.href, of: node) else { return }
        let relations = Self.relations(page, node)
        if relations.contains("next") { next = next ?? link }
        if !relations.contains("nofollow") { links.append(link) }
    }

    private mutating func relation(_ page: HTMLDocument, _ node: HTMLDocument.NodeIndex) {
        guard let link = page.attributeString(.href, of: node) else { return }
        let relations = Self.relations(page, node)
        if relations.contains("next") { next = next ?? link }
        if relations.contains("hub"), hubs.count < 16 { hubs.append(link) }
        if relations.contains("self") { own = own ?? link }
        let type = page.attributeString(.type, of: node)?.lowercased() ?? ""
        if relations.contains("alternate") || relations.contains("feed"), feeds.count < 100,
            Self.feedTypes.contains(where: type.hasPrefix)
        {
            feeds.append(Feed(link: link, title: page.attributeString(.title, of: node)))
        }
    }

    /// Where a link of the page leads; nil where that is nothing that can be fetched.
    func address(_ link: String, at place: WebAddress) -> WebAddress? {
        // White space around is no part of it, and tabs and line ends within neither (URL standard, section 4.4).
        let clean = HeaderText.trimmed(link.filter { !"\t\n\r".contains($0) })
        let base = base.flatMap { try? WebAddress(HeaderText.trimmed($0), relativeTo: place) } ?? place
        guard !clean.isEmpty, clean.utf8.count <= 2048 else { return nil }
        return try? WebAddress(clean, relativeTo: base)
    }
}
