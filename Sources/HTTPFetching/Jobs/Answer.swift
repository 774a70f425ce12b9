import PluginProtocol

/// What a transfer brought, as far as following needs it.
final class Answer {
    let place: WebAddress
    let type: ContentType?
    let headers: NamedTexts
    let body: [UInt8]

    init(_ transfer: Transfer, _ body: [UInt8]) {
        place = transfer.current
        headers = transfer.head.headers
        type = headers["content-type"].map { ContentType($0) }
        self.body = body
    }

    /// What a hub brought.
    init(_ push: PushedContent, of place: WebAddress) {
        self.place = place
        headers = NamedTexts()
        type = push.contentType.map { ContentType($0) }
        body = push.body
    }

    /// Whether it is a page of HTML.
    var isPage: Bool {
        switch type?.mediaType {
        case "text/html", "application/xhtml+xml": true
        case nil: body.first { $0 > 0x20 && $0 < 0x80 } == UInt8(ascii: "<")
        default: false
        }
    }

    /// The links of the page.
    private(set) lazy var links = PageLinks(body, charset: type?.charset)

    /// Whether nothing that it links to is to be followed.
    var isClosed: Bool {
        let words = headers["x-robots-tag"]?.lowercased() ?? ""
        return words.contains("nofollow") || words.contains("none") || links.isClosed
    }

    /// Where `rel="next"` leads, in the header, a page or a feed.
    var next: WebAddress? {
        if let target = headers["link"].flatMap(LinkHeader.next) { return try? WebAddress(target, relativeTo: place) }
        if isPage { return links.next.flatMap { links.address($0, at: place) } }
        return FeedEntries.next(in: body).flatMap { try? WebAddress($0, relativeTo: place) }
    }
}
