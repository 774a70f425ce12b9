/// The vocabularies that feeds are made of.
enum FeedNamespace {
    case core, dublinCore, dublinCoreTerms, content, media, itunes, xhtml, feedburner, foreign

    /// By the namespace's URI, or by a prefix that was never declared.
    init(_ uri: String, hasPrefix: Bool) {
        if uri.isEmpty {
            self = .core
        } else if let known = Self.known[uri] {
            self = known
        } else if let known = Self.known[Self.plain(uri.lowercased())] {
            self = known
        } else if uri.lowercased().hasPrefix("http://backend.userland.com/rss") {
            self = .core
        } else {
            // A default namespace that nobody knows does not turn a feed into something else.
            self = hasPrefix ? .foreign : .core
        }
    }

    /// Without what is written in several ways: the end, and the scheme.
    private static func plain(_ uri: String) -> String {
        if uri.hasPrefix("https://") { return plain("http" + uri.dropFirst(5)) }
        var uri = Substring(uri)
        while let last = uri.utf8.last, last == UInt8(ascii: "/") || last == UInt8(ascii: "#") { uri.removeLast() }
        return String(uri)
    }

    private static let known: [String: FeedNamespace] = {
        var table: [String: FeedNamespace] = [:]
        func add(_ space: FeedNamespace, _ uris: [String]) {
            for uri in uris {
                table[uri] = space
                table[plain(uri.lowercased())] = space
            }
        }
        add(
            .core,
            [
                "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#", "http://purl.org/pie/",
                "http://purl.org/rss/1.0/",
                "http://purl.org/net/rss1.1#", "http://my.netscape.com/rdf/simple/0.9/",
                "http://my.netscape.com/publish/formats/rss-0.91.dtd", "http://channel.netscape.com/rdf/simple/0.9/",
                "http://example.com/newformat#", "http://example.com/necho", "http://purl.org/echo/",
                "uri/of/echo/namespace#",
                "http://blogs.law.harvard.edu/tech/rss", "http://cyber.law.harvard.edu/rss", "http://purl.org/rss/2.0/",
                "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rss", "atom", "rdf",
            ])
        add(.dublinCore, ["http://purl.org/dc/elements/1.1/", "http://purl.org/dc/elements/1.0/", "dc"])
        add(.dublinCoreTerms, ["http://purl.org/dc/terms/", "dcterms"])
        add(.content, ["http://purl.org/rss/1.0/modules/content/", "content"])
        add(
            .media,
            [
                "http://search.yahoo.com/mrss/", "http://video.search.yahoo.com/mrss",
                "http://www.rssboard.org/media-rss", "media",
            ])
        add(
            .itunes,
            ["http://www.itunes.com/dtds/podcast-1.0.dtd", "http://example.com/dtds/podcast-1.0.dtd", "itunes"])
        add(.xhtml, ["http://www.w3.org/1999/xhtml", "xhtml"])
        add(.feedburner, ["http://rssnamespace.org/feedburner/ext/1.0", "feedburner"])
        return table
    }()
}
