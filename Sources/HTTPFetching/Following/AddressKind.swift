/// What an address holds, by what it answered; for whoever wants to make a source of it.
public enum AddressKind: Sendable, Equatable {
    /// A feed, and whether its entries are only the beginnings of what they lead to.
    case feed(entries: Int, hasTeasers: Bool)
    /// A sitemap, or an index of them.
    case sitemap(entries: Int)
    /// A page, with the feeds that it declares or links to, the main one first.
    case page(feeds: [Feed])
    /// Something else.
    case other

    /// A feed that a page declares.
    public struct Feed: Sendable, Equatable {
        /// Absolute.
        public var url: String
        /// As the page calls it.
        public var title: String?

        init(url: String, title: String? = nil) { (self.url, self.title) = (url, title) }
    }

    /// Bytes below which an entry, markup included, is hardly more than a teaser.
    private static let teaser = 1500

    /// Looks at the answer of `address`.
    public init(_ body: [UInt8], mediaType: String?, charset: String?, at address: WebAddress) {
        if let sitemap = Sitemap.isLikely(body) ? Sitemap(body) : nil {
            self = .sitemap(entries: sitemap.entries.count)
        } else if let feed = FeedEntries(body, mediaType: mediaType, charset: charset) {
            let lengths = feed.entries.map(\.length).sorted()
            let hasLinks = feed.entries.contains { $0.link != nil }
            let median = lengths.isEmpty ? 0 : lengths[lengths.count / 2]
            self = .feed(entries: feed.entries.count, hasTeasers: hasLinks && median < Self.teaser)
        } else if mediaType?.contains("html") == true || body.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") {
            self = .page(feeds: FeedDiscovery.candidates(PageLinks(body, charset: charset), at: address))
        } else {
            self = .other
        }
    }
}
