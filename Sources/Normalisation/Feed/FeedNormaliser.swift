import Document
import JSON

/// Makes documents of a feed's entries, one by one as they are read.
struct FeedNormaliser {
    private let finisher: DocumentFinisher
    private let input: NormaliserInput
    private let charset: String
    private let mediaType: String?
    private var result = NormaliserResult()
    /// What the feed says of itself, as documents hold it.
    private var shared = Feed.Shared()
    /// What all documents of the feed have in common, encoded once.
    private var sharedJSON: Document.SharedJSON?
    private var part = 0
    /// The ids of entries that the feed gives neither id nor link.
    private var nameless: Set<DocumentID> = []
    private var names = EntryNames()
    private var content = FragmentRenderer()
    private var summary = FragmentRenderer()
    /// The document of an entry; what all entries share stays in it.
    private var document: Document

    init(_ finisher: DocumentFinisher, _ input: NormaliserInput, charset: String) {
        self.finisher = finisher
        self.input = input
        self.charset = charset
        document = Document(id: DocumentID(high: 0, low: 0), source: input.source, uri: input.uri)
        mediaType = input.mediaType.map(MediaType.essence).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The documents of the feed that `read` hands over entry by entry; nil where there is none.
    ///
    /// Nearly all feeds say first what they are, and give each entry a name of its own. One that says something of itself
    /// behind its first entry, or has several entries of one name, is read again, so that all entries have it.
    mutating func run<Failure>(
        _ read: ((borrowing FeedEntry, borrowing Feed.Shared) -> Void) throws(Failure) -> Feed?
    ) throws(Failure) -> NormaliserResult? {
        var first: Feed.Shared?
        var hasBegun = false
        let feed = try read { entry, shared in
            if !hasBegun {
                hasBegun = true
                first = copy shared
                begin(shared)
            }
            add(entry)
        }
        guard let feed else { return nil }
        if first != feed.shared || names.hasFoundAmbiguous {
            names.restart()
            begin(feed.shared)
            if hasBegun { _ = try read { entry, _ in add(entry) } }
        }
        if feed.dropped > 0 {
            result.rejected.append(
                NormaliserResult.Rejection(
                    record: Int64(feed.entries) + 1,
                    reason: "\(feed.dropped) entries beyond the first \(feed.entries) were not read"))
        }
        return result
    }

    private mutating func begin(_ shared: borrowing Feed.Shared) {
        self.shared = copy shared
        self.shared.info.url = shared.info.url.map { CanonicalURL.of($0) ?? $0 } ?? input.uri
        self.shared.info.language = (shared.language ?? input.headers["content-language"]).flatMap {
            TextBytes.line($0.utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 })
        }
        part = 0
        nameless = []
        result = NormaliserResult()
        result.feed = self.shared.info
        document.site = self.shared.info.title
        document.fetched = input.fetched
        document.mediaType = mediaType
        document.charset = charset
        document.extraction = Document.Extraction(method: "feed", confidence: 1)
        document.feed = self.shared.info
        sharedJSON = Document.SharedJSON(of: document)
        // What is written now has the feed as JSON already.
        if !finisher.isCollecting { document.feed = nil }
        result.body.reserveCapacity(input.bytes.count + input.bytes.count / 2)
        // As many as most feeds have.
        result.documents.reserveCapacity(32)
        finisher.forgetCollected()
    }

    private mutating func add(_ entry: borrowing FeedEntry) {
        part += 1
        let link = entry.originalLink ?? entry.link ?? entry.permalink ?? entry.secondLink
        let url = link.flatMap(CanonicalURL.of)
        let title = (entry.title ?? entry.secondTitle).flatMap(FeedMarkup.line)
        if let text = entry.content { FeedMarkup.render(text, base: entry.base, with: &content) }
        if let text = entry.summary { FeedMarkup.render(text, base: entry.base, with: &summary) }
        let hasContent = entry.content != nil && !content.result.text.isEmpty
        let hasBody = hasContent || entry.summary != nil && !summary.result.text.isEmpty
        if let key = entry.id ?? url ?? link {
            document.id = finisher.id(source: input.source, key: key)
            let companion = entry.id == nil ? title : url ?? link
            if names.needsCompanion(document.id, beside: companion) {
                document.id = finisher.id(source: input.source, key: "\(key)\u{0}\(companion ?? "")")
            }
        } else {
            document.id = id(ofNameless: entry, title: title, hasContent: hasContent)
        }
        document.sourceID = entry.id
        document.url = url
        document.part = part
        document.title = title
        document.authors = entry.authors.isEmpty ? shared.authors : entry.authors
        let text = hasContent ? content.result.text : summary.result.text
        // Nearly all text is ASCII, and goes on as the bytes that it is.
        var packed = Document.Packed()
        if hasBody, !finisher.isCollecting, Self.isASCII(text) { packed.text = text }
        document.text = hasBody && packed.text == nil ? String(decoding: text, as: UTF8.self) : nil
        // Without content of its own, the summary is all the text there is, and is not said twice.
        let hasSummary = hasContent && entry.summary != nil && summary.result.text != content.result.text
        document.summary = hasSummary ? TextBytes.line(summary.result.text) : nil
        document.markdown = nil
        document.html = nil
        if let markup = hasContent ? entry.content : entry.summary {
            ContentForms.add(to: &document, input.settings) { FeedMarkup.content(of: markup, base: entry.base) }
        }
        document.tags = entry.tags
        document.published = entry.published ?? entry.date ?? entry.created
        document.modified = entry.modified
        document.images = entry.images
        document.links = []
        if hasContent {
            addReferences(of: content.result, to: &packed)
        } else if entry.summary != nil {
            addReferences(of: summary.result, to: &packed)
        }
        document.enclosures = entry.enclosures
        // What is said of it and its text is found out anew.
        document.language = nil
        document.hash = nil
        finisher.finish(
            &document, settings: input.settings, declaredLanguage: entry.language ?? shared.info.language,
            shared: sharedJSON, packed: packed, to: &result)
    }

    private static func isASCII(_ text: [UInt8]) -> Bool {
        text.withUnsafeBufferPointer { ByteScan.endOfASCII($0, from: 0) == $0.count }
    }

    /// The id of an entry without id and link. Its place in the feed is none, since the next entry moves all others: it is
    /// the one of that title, or with that text; where several have the same title, the further ones have their dates or
    /// their texts beside it.
    private mutating func id(
        ofNameless entry: borrowing FeedEntry, title: String?, hasContent: Bool
    ) -> DocumentID {
        let text = String(decoding: hasContent ? content.result.text : summary.result.text, as: UTF8.self)
        let body = hasContent || entry.summary != nil ? text : ""
        let name = title ?? entry.enclosures.first?.url ?? body
        let key = "\(input.identity)\u{0}\(name)"
        let id = finisher.id(source: input.source, key: key, part: name.isEmpty ? part : 1)
        if nameless.insert(id).inserted { return id }
        let date = (entry.published ?? entry.date ?? entry.created).map { "\($0)" }
        return finisher.id(source: input.source, key: "\(key)\u{0}\(date ?? body)")
    }

    private mutating func addReferences(of rendered: FragmentRenderer.Rendered, to packed: inout Document.Packed) {
        for image in rendered.images where !document.images.contains(where: { $0.url == image.url }) {
            document.images.append(image)
        }
        if finisher.isCollecting { document.links = rendered.links.strings } else { packed.links = rendered.links }
    }
}
