import XML

/// What the head of a page says of it plainly, for pages that no extraction has looked at.
struct PageHead {
    var title: String?
    var language: String?
    var canonical: String?

    /// Reads up to the body.
    static func read(_ html: [UInt8], base: String?) -> PageHead {
        var reader = XMLReader(html)
        var head = PageHead()
        while true {
            switch reader.next() {
            case .finished: return head
            case .text, .end: continue
            case .start: break
            }
            switch reader.localName {
            case "html": head.language = reader.attribute("lang") ?? reader.language
            case "title" where head.title == nil:
                var text: [UInt8] = []
                while reader.next() == .text { reader.appendText(to: &text) }
                head.title = TextBytes.line(text)
            case "link" where reader.attribute("rel")?.lowercased() == "canonical":
                let url = reader.attribute("href").flatMap { CanonicalURL.resolve($0, against: base) }.flatMap(
                    CanonicalURL.of)
                // Another site's address is not believed without more.
                if let url, let base, CanonicalURL.site(of: url) == CanonicalURL.site(of: base) { head.canonical = url }
            case "body", "article", "main", "p": return head
            default: continue
            }
        }
    }
}
