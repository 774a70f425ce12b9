import HTML

/// What an element's class and id say about it, by the words that authors of pages commonly use.
struct ElementHints: OptionSet {
    let rawValue: UInt8

    /// Navigation, advertising, sharing and the like.
    static let boilerplate = ElementHints(rawValue: 1)
    /// Readers' comments: boilerplate around an article, the content of a forum.
    static let comments = ElementHints(rawValue: 2)
    /// The content itself.
    static let content = ElementHints(rawValue: 4)
    /// The author's name.
    static let author = ElementHints(rawValue: 8)
    /// A date.
    static let date = ElementHints(rawValue: 16)
    /// A picture's caption.
    static let caption = ElementHints(rawValue: 32)

    private static let words: [UInt64: ElementHints] = {
        var table: [UInt64: ElementHints] = [:]
        func add(_ text: String, _ hint: ElementHints) {
            for word in text.split(separator: " ") { table[hash(Array(word.utf8)), default: []].insert(hint) }
        }
        add(
            """
            nav navbar navigation navi menu submenu megamenu breadcrumb breadcrumbs crumbs footer foot bottom sidebar sidenav \
            aside rail share sharing sharebar social socials sharedaddy addtoany related relatedposts recommended recommendations recommend \
            newsletter subscribe subscription signup cookie cookies consent gdpr cookiebar banner advert advertisement \
            advertising ads ad adsbygoogle adslot dfp promo promos promotion popup modal overlay lightbox pagination pager paging skip toolbar \
            widget widgets login signin masthead topbar copyright legal outbrain taboola sponsor sponsored trending popular \
            offcanvas drawer dropdown hamburger searchform cart minicart wishlist tooltip carousel testimonials \
            upsell crosssell recently viewed readmore morefrom yarpp jp metabar postmeta byline tagcloud categories tags \
            feedback captcha print noprint screenreader sr visuallyhidden hidden hide
            """, .boilerplate)
        add("comment comments commentlist disqus respond reply replies discussion", .comments)
        add(
            "article post entry content body main story maincontent bodytext articlebody postbody message description",
            .content)
        add("author byline writer contributor authors reporter username bigusername authorname postauthor", .author)
        add("date time published timestamp pubdate datetime updated posted dateline", .date)
        add("caption figcaption wp", .caption)
        return table
    }()

    static func hash(_ word: some Collection<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in word { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }

    /// Reads the words of an element's class and id: parted by anything but letters, and where a capital begins one.
    static func of(_ node: HTMLDocument.NodeIndex, in document: HTMLDocument) -> ElementHints {
        var hints: ElementHints = []
        for name in [AttributeName.class, .id] {
            guard let value = document.attribute(name, of: node) else { continue }
            document.withBytes(value) { bytes in
                var hash: UInt64 = 0xCBF2_9CE4_8422_2325
                var length = 0
                var wasLower = false
                for byte in bytes.prefix(400) {
                    let isUpper = byte &- 0x41 < 26
                    let isLower = byte &- 0x61 < 26
                    if length > 0, !isUpper && !isLower || isUpper && wasLower {
                        if let found = words[hash] { hints.formUnion(found) }
                        hash = 0xCBF2_9CE4_8422_2325
                        length = 0
                    }
                    if isUpper || isLower {
                        hash = (hash ^ UInt64(byte | 0x20)) &* 0x100_0000_01B3
                        length += 1
                    }
                    wasLower = isLower
                }
                if length > 0, let found = words[hash] { hints.formUnion(found) }
            }
        }
        return hints
    }

    /// Those of all elements that can be seen, by node.
    static func all(in document: HTMLDocument) -> [ElementHints] {
        let nodes = document.nodes
        var hints = [ElementHints](repeating: [], count: nodes.count)
        let body = document.firstElement(.body) ?? 0
        var node = body
        while node != HTMLDocument.none {
            if nodes[Int(node)].kind == .element {
                guard node == body || Visibility.isSeen(document.attributes(of: node), document) else {
                    node = document.nextSkippingChildren(node, within: body)
                    continue
                }
                hints[Int(node)] = of(node, in: document)
            }
            node = document.next(node, within: body)
        }
        return hints
    }
}
