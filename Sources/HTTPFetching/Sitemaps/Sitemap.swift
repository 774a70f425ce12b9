import XML

/// A sitemap, a sitemap index, or a list of addresses as plain text (sitemaps.org, protocol 0.9).
struct Sitemap: Sendable, Equatable {
    /// An address that is listed.
    struct Entry: Sendable, Equatable {
        var location: String
        /// `lastmod` as it is written.
        var modified: String?
    }

    /// Entries of one file; the protocol allows no more.
    static let longest = 50_000

    /// Whether the entries are sitemaps themselves.
    var isIndex = false
    var entries: [Entry] = []

    /// Whether an answer looks like a sitemap, by its first element.
    static func isLikely(_ body: [UInt8]) -> Bool {
        guard let first = body.first(where: { $0 > 0x20 && $0 < 0x80 }), first == UInt8(ascii: "<") else {
            return false
        }
        let start = String(decoding: body.prefix(2048), as: UTF8.self)
        return start.contains("<urlset") || start.contains("<sitemapindex") || start.contains(":urlset")
    }

    /// Reads a sitemap of any of the three forms; nil where it is none of them.
    init?(_ body: [UInt8]) {
        if body.first(where: { $0 > 0x20 && $0 < 0x80 }) == UInt8(ascii: "<") {
            guard readMarkup(body) else { return nil }
        } else {
            readLines(body)
            if entries.isEmpty { return nil }
        }
    }

    private mutating func readMarkup(_ body: [UInt8]) -> Bool {
        var reader = XMLReader(body)
        var isSitemap = false
        var entry = Entry(location: "")
        var text: [UInt8] = []
        while entries.count < Self.longest {
            switch reader.next() {
            case .finished: return isSitemap
            case .text: if text.count < 8192 { reader.appendText(to: &text) }
            case .start:
                text.removeAll(keepingCapacity: true)
                switch reader.localName {
                case "urlset" where reader.depth == 1: isSitemap = true
                case "sitemapindex" where reader.depth == 1:
                    isSitemap = true
                    isIndex = true
                case "url", "sitemap": entry = Entry(location: "")
                default: if !isSitemap && reader.depth == 1 { return false }
                }
            case .end:
                let value = HeaderText.trimmed(String(decoding: text, as: UTF8.self))
                switch (reader.localName, reader.depth) {
                // Deeper ones belong to the extensions for images, videos and news.
                case ("loc", 3): entry.location = value
                case ("lastmod", 3): entry.modified = value.isEmpty || value.utf8.count > 64 ? nil : value
                case ("url", 2), ("sitemap", 2): if !entry.location.isEmpty { entries.append(entry) }
                default: break
                }
            }
        }
        return isSitemap
    }

    private mutating func readLines(_ body: [UInt8]) {
        for line in body.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) where line.count <= 8192 {
            guard entries.count < Self.longest else { return }
            let text = HeaderText.trimmed(String(decoding: line, as: UTF8.self))
            if text.hasPrefix("http://") || text.hasPrefix("https://") { entries.append(Entry(location: text)) }
        }
    }
}
