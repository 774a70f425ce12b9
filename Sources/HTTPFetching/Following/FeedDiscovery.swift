/// Where the feeds of a page are: what it declares, else what it links to, else where sites usually have them.
public enum FeedDiscovery {
    /// Feeds of one page that are tried.
    static let most = 10
    private static let usualPlaces = ["/feed.xml", "/rss.xml", "/atom.xml", "/feed", "/index.xml"]
    private static let usualNames: Set<String> = [
        "feed", "rss", "atom", "feed.xml", "rss.xml", "atom.xml", "index.rdf", "feed.json", "feed.rss", "feed.atom",
    ]

    /// The feeds that a page declares, in its order but those of comments last; without any, what looks like a feed among its
    /// links within the site.
    static func candidates(_ links: PageLinks, at place: WebAddress) -> [AddressKind.Feed] {
        var seen: Set<String> = []
        var feeds = links.feeds.compactMap { feed -> AddressKind.Feed? in
            guard let address = links.address(feed.link, at: place), seen.insert(address.text).inserted else {
                return nil
            }
            return AddressKind.Feed(url: address.text, title: feed.title)
        }
        if feeds.isEmpty {
            feeds = links.links.lazy.filter(looksLikeFeed).compactMap { link -> AddressKind.Feed? in
                guard let address = links.address(link, at: place), address.isSameSite(as: place),
                    seen.insert(address.text).inserted
                else { return nil }
                return AddressKind.Feed(url: address.text)
            }
        }
        // A site's feed of comments is not what it is read for.
        return Array((feeds.filter { !isOfComments($0) } + feeds.filter(isOfComments)).prefix(most))
    }

    /// Where a site usually has its feed, though no page says so.
    public static func usualPlaces(of address: WebAddress) -> [WebAddress] {
        usualPlaces.compactMap { try? WebAddress($0, relativeTo: address) }
    }

    private static func isOfComments(_ feed: AddressKind.Feed) -> Bool {
        feed.url.lowercased().contains("comments") || feed.title?.lowercased().contains("comments") == true
    }

    private static func looksLikeFeed(_ link: String) -> Bool {
        let path = link.prefix { $0 != "?" && $0 != "#" }
        guard path.utf8.count <= 2048, let name = path.split(separator: "/").last?.lowercased() else { return false }
        return usualNames.contains(name) || name.hasSuffix(".rss") || name.hasSuffix(".atom")
    }
}
