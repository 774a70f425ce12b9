import Document
import XML

extension FeedParser {
    /// A field of the feed itself.
    mutating func feedField(_ space: FeedNamespace, _ element: FeedElement) {
        switch (space, element) {
        case (.core, .channel):
            if feed.shared.language == nil { feed.shared.language = reader.language }
            if let link = reader.attribute("href") { feed.shared.info.url = absolute(link) }
            if let time = reader.attribute("lastmod") { feed.shared.info.modified = DateParser.parse(time) }
        case (.core, .image), (.core, .textinput), (.core, .items), (.core, .cloud), (.core, .skiphours),
            (.core, .skipdays), (.itunes, .owner), (.core, .logo), (.core, .icon):
            skip()
        case (.core, .title): feed.shared.info.title = plain(textConstruct()) ?? feed.shared.info.title
        case (.dublinCore, .title), (.itunes, .title):
            let title = plain(textConstruct())
            feed.shared.info.title = feed.shared.info.title ?? title
        case (.core, .link):
            if let link = link(), link.isAlternate { feed.shared.info.url = feed.shared.info.url ?? link.url }
        case (.core, .id): feed.shared.info.sourceID = identifier()
        case (.core, .description), (.core, .subtitle), (.core, .tagline), (.core, .abstract):
            feed.shared.info.summary = plain(textConstruct()) ?? feed.shared.info.summary
        case (.dublinCore, .description), (.itunes, .summary), (.itunes, .subtitle), (.core, .info):
            let summary = plain(textConstruct())
            feed.shared.info.summary = feed.shared.info.summary ?? summary
        case (.core, .language), (.dublinCore, .language):
            if let language = line() { feed.shared.language = language }
        case (.core, .author), (.core, .managingeditor), (.dublinCore, .creator), (.dublinCore, .author),
            (.itunes, .author):
            if let author = author() {
                feed.shared.info.author = feed.shared.info.author ?? author
                if !feed.shared.authors.contains(author) { feed.shared.authors.append(author) }
            }
        case (.core, .pubdate), (.core, .published), (.dublinCoreTerms, .issued), (.dublinCoreTerms, .created),
            (.core, .issued):
            feed.shared.info.published = time() ?? feed.shared.info.published
        case (.core, .lastbuilddate), (.core, .updated), (.core, .modified), (.dublinCoreTerms, .modified),
            (.dublinCore, .date):
            feed.shared.info.modified = time() ?? feed.shared.info.modified
        default: break
        }
    }

    /// A field of the current entry.
    mutating func entryField(_ space: FeedNamespace, _ element: FeedElement) {
        switch (space, element) {
        case (.core, .title): entry.title = textConstruct() ?? entry.title
        case (.dublinCore, .title), (.media, .title), (.itunes, .title):
            let title = textConstruct()
            if entry.secondTitle == nil { entry.secondTitle = title }
        case (.core, .link): entryLink()
        case (.core, .id): entry.id = identifier()
        case (.core, .guid):
            let isLink = !reader.attribute("ispermalink", is: "false")
            entry.id = line()
            if isLink, let id = entry.id, id.hasPrefix("http") { entry.permalink = id }
        case (.feedburner, .origlink): entry.originalLink = url()
        case (.core, .description), (.core, .summary), (.core, .abstract): takeSummary()
        case (.itunes, .subtitle): entry.subtitle = textConstruct()
        case (.dublinCore, .description), (.itunes, .summary), (.media, .description),
            (.dublinCoreTerms, .abstract):
            let summary = textConstruct()
            if entry.summary == nil { entry.summary = summary }
        case (.core, .content), (.core, .body), (.xhtml, .body), (.core, .fullitem), (.xhtml, .div):
            takeContent()
        case (.content, .encoded): takeContent()
        case (.core, .author), (.dublinCore, .creator), (.dublinCore, .author), (.itunes, .author):
            if let author = author(), !entry.authors.contains(author) { entry.authors.append(author) }
        case (.core, .pubdate), (.core, .published), (.core, .issued), (.dublinCoreTerms, .issued):
            entry.published = time() ?? entry.published
        case (.core, .created), (.dublinCoreTerms, .created): entry.created = time() ?? entry.created
        case (.core, .updated), (.core, .modified), (.dublinCoreTerms, .modified):
            entry.modified = time() ?? entry.modified
        case (.dublinCore, .date): entry.date = time() ?? entry.date
        case (.core, .language), (.dublinCore, .language): entry.language = line() ?? entry.language
        case (.core, .category), (.dublinCore, .subject), (.media, .category): category()
        case (.itunes, .category): addTag(TextBytes.line(reader.attribute("text")))
        case (.itunes, .keywords), (.media, .keywords):
            for word in (line() ?? "").split(separator: ",") { addTag(TextBytes.line(word.utf8)) }
        case (.core, .enclosure): enclosure(reader.attribute("url") ?? reader.attribute("href"))
        case (.media, .content): mediaContent()
        case (.media, .thumbnail): addImage(reader.attribute("url"))
        case (.itunes, .image): addImage(reader.attribute("href") ?? reader.attribute("url"))
        case (.itunes, .link): if reader.attribute("rel") == "image" { addImage(reader.attribute("href")) }
        case (.core, .image): image()
        case (.core, .source), (.core, .comments), (.media, .community), (.media, .credit): skip()
        default: break
        }
    }

    private mutating func takeSummary() {
        guard let text = textConstruct() else { return }
        // Of two, the longer one is the content.
        if let old = entry.summary, entry.hasOwnSummary, entry.content == nil, old.bytes != text.bytes {
            let isLonger = old.bytes.count > text.bytes.count
            entry.content = isLonger ? old : text
            entry.summary = isLonger ? text : old
        } else {
            entry.summary = text
        }
        entry.hasOwnSummary = true
    }

    /// The picture of an entry as RSS has it for feeds: its address in an element, or as the text, or in an attribute.
    private mutating func image() {
        addImage(reader.attribute("url") ?? reader.attribute("href"))
        if reader.takeText() { return addImage(takenLine()) }
        let depth = reader.depth
        while true {
            switch reader.next() {
            case .finished: return
            case .text: continue
            case .end: if reader.depth == depth { return }
            case .start: if FeedElement(nameHash: reader.localNameHash) == .url { addImage(line()) } else { skip() }
            }
        }
    }

    private mutating func takeContent() {
        // An `src` says that the content is elsewhere.
        if reader.hasAttributes, let source = reader.attribute("src") {
            let type = reader.attribute("type")?.lowercased() ?? ""
            if type.contains("html") { entry.secondLink = absolute(source) } else { enclosure(source) }
        }
        guard let text = textConstruct() else { return }
        if let old = entry.content, old.bytes.count >= text.bytes.count { return }
        entry.content = text
    }

    private mutating func identifier() -> String? {
        guard let id = line() else { return nil }
        return id.contains(":") ? id : CanonicalURL.resolve(id, against: currentBase) ?? id
    }

    /// A link of Atom (attributes) or RSS (text).
    private mutating func link() -> (url: String, isAlternate: Bool, rel: String, type: String?, length: Int64?)? {
        guard reader.hasAttributes, let href = reader.attribute("href") else {
            guard let url = url() else { return nil }
            return (url, true, "alternate", nil, nil)
        }
        let rel = TextBytes.line(reader.attribute("rel"))?.lowercased() ?? "alternate"
        let type = reader.attribute("type")?.lowercased()
        let isPage = type == nil || type == "" || type?.contains("html") == true
        let length = reader.attribute("length").flatMap { Int64($0) }
        guard let url = absolute(href) else { return nil }
        let isAlternate = rel == "alternate" || rel.hasSuffix("/alternate")
        return (url, isAlternate && isPage, isAlternate ? "alternate" : rel, type, length)
    }

    private mutating func entryLink() {
        guard reader.hasAttributes else {
            // As RSS writes it.
            guard let url = url() else { return }
            if entry.link == nil { entry.link = url }
            return
        }
        guard let link = link() else { return }
        if link.isAlternate, entry.link == nil { entry.link = link.url }
        if link.rel == "alternate", !link.isAlternate, entry.secondLink == nil { entry.secondLink = link.url }
        if link.rel == "enclosure", entry.enclosures.count < 100 {
            entry.enclosures.append(Document.Enclosure(url: link.url, type: link.type, length: link.length))
        }
    }

    private mutating func category() {
        if reader.hasAttributes, let term = reader.attribute("label") ?? reader.attribute("term") {
            addTag(TextBytes.line(term))
        } else {
            addTag(line())
        }
    }

    private mutating func addTag(_ tag: String?) {
        guard let tag, entry.tags.count < 100, !entry.tags.contains(tag) else { return }
        if entry.tags.isEmpty { entry.tags.reserveCapacity(4) }
        entry.tags.append(tag)
    }

    private mutating func enclosure(_ reference: String?) {
        guard let reference, let url = absolute(reference), entry.enclosures.count < 100,
            !entry.enclosures.contains(where: { $0.url == url })
        else { return }
        entry.enclosures.append(
            Document.Enclosure(
                url: url, type: TextBytes.line(reader.attribute("type")),
                length: (reader.attribute("length") ?? reader.attribute("filesize")).flatMap { Int64($0) }
                    .flatMap { $0 > 0 ? $0 : nil }))
    }

    private mutating func mediaContent() {
        let type = reader.attribute("type") ?? ""
        if reader.attribute("medium") == "image" || type.hasPrefix("image/") {
            addImage(reader.attribute("url"))
        } else {
            enclosure(reader.attribute("url"))
        }
    }

    private mutating func addImage(_ reference: String?) {
        guard let reference, let url = absolute(reference), url.hasPrefix("http"), entry.images.count < 100,
            !entry.images.contains(where: { $0.url == url })
        else { return }
        func size(_ text: String?) -> Int? {
            text.flatMap { Int($0) }.flatMap { (1...100_000).contains($0) ? $0 : nil }
        }
        entry.images.append(
            Document.Image(url: url, width: size(reader.attribute("width")), height: size(reader.attribute("height"))))
    }

    /// A person: Atom's `name` and `email`, or RSS's `mail (Name)`.
    private mutating func author() -> String? {
        if reader.takeText() { return takenLine().flatMap(Self.personName) }
        let depth = reader.depth
        var text: [UInt8] = []
        var name: String?
        var mail: String?
        loop: while true {
            switch reader.next() {
            case .finished: break loop
            case .text: reader.appendText(to: &text)
            case .end: if reader.depth == depth { break loop }
            case .start:
                switch FeedElement(nameHash: reader.localNameHash) {
                case .name: name = line() ?? name
                case .email: mail = line() ?? mail
                default: skip()
                }
            }
        }
        return name ?? mail ?? TextBytes.line(text).flatMap(Self.personName)
    }

    /// The name in `me@example.com (Name)`, `Name (me@example.com)` or `Name <me@example.com>`; else the text itself.
    static func personName(_ text: String) -> String? {
        // Nearly every name is a name and nothing else.
        guard text.utf8.span.first(UInt8(ascii: "@"), from: 0) != nil else { return text }
        guard let open = text.firstIndex(where: { $0 == "(" || $0 == "<" }),
            let close = text.lastIndex(where: { $0 == ")" || $0 == ">" }), open < close
        else { return text }
        let inner = String(text[text.index(after: open)..<close])
        let outer = String(text[..<open])
        let name =
            TextBytes.line((inner.contains("@") ? outer : inner).utf8) ?? TextBytes.line(inner.utf8)
            ?? TextBytes.line(outer.utf8)
        // Mail puts names in quotation marks.
        guard let name, name.count > 2, name.hasPrefix("\""), name.hasSuffix("\"") else { return name }
        return TextBytes.line(name.dropFirst().dropLast().utf8)
    }

    mutating func plain(_ text: FeedText?) -> String? { text.flatMap { FeedMarkup.line($0) } }
}
