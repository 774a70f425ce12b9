import Document

/// Makes documents of a feed's entries.
struct FeedNormaliser {
    private let finisher: DocumentFinisher
    private let input: NormaliserInput
    private let charset: String

    init(_ finisher: DocumentFinisher, _ input: NormaliserInput, charset: String) {
        self.finisher = finisher
        self.input = input
        self.charset = charset
    }

    func run(_ feed: Feed) -> NormaliserResult {
        var result = NormaliserResult()
        var info = feed.info
        info.url = info.url.map { CanonicalURL.of($0) ?? $0 } ?? input.uri
        info.language = (feed.language ?? input.headers["content-language"]).flatMap {
            TextBytes.line($0.utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 })
        }
        result.feed = info
        let mediaType = input.mediaType.map(MediaType.essence) ?? ""
        for (index, entry) in feed.entries.enumerated() {
            var document = self.document(entry, feed, info, part: index + 1)
            document.mediaType = mediaType.isEmpty ? nil : mediaType
            let declared = entry.language ?? info.language
            finisher.finish(document, settings: input.settings, declaredLanguage: declared, to: &result)
        }
        if feed.dropped > 0 {
            result.rejected.append(
                NormaliserResult.Rejection(
                    record: Int64(feed.entries.count) + 1,
                    reason: "\(feed.dropped) entries beyond the first \(feed.entries.count) were not read"))
        }
        return result
    }

    private func document(_ entry: FeedEntry, _ feed: Feed, _ info: Document.Feed, part: Int) -> Document {
        let link = [entry.originalLink, entry.link, entry.permalink].compactMap { $0 }.first
        let url = link.flatMap(CanonicalURL.of)
        let title = (entry.title ?? entry.secondTitle).flatMap(FeedMarkup.line)
        let content = entry.content.map { FeedMarkup.render($0, base: entry.base) }
        let summary = entry.summary.map { FeedMarkup.render($0, base: entry.base) }
        let hasContent = content.map { !$0.text.isEmpty } ?? false
        let body = hasContent ? content : summary
        let key = entry.id ?? url ?? link ?? "\(input.identity)\u{0}\(title ?? "")"
        let hasKey = entry.id != nil || link != nil || title != nil
        var document = Document(
            id: finisher.id(source: input.source, key: key, part: hasKey ? 1 : part), source: input.source,
            uri: input.uri)
        document.sourceID = entry.id
        document.url = url
        document.part = part
        document.title = title
        document.authors = entry.authors.isEmpty ? feed.authors : entry.authors
        document.site = info.title
        if let body, !body.text.isEmpty { document.text = String(decoding: body.text, as: UTF8.self) }
        // Without content of its own the summary is all the text there is, and is not said twice.
        if hasContent, let summary, summary.text != content?.text {
            document.summary = TextBytes.line(summary.text)
        }
        if let markup = hasContent ? entry.content : entry.summary {
            ContentForms.add(to: &document, input.settings) { FeedMarkup.content(of: markup, base: entry.base) }
        }
        document.tags = entry.tags
        document.published = entry.published ?? entry.date ?? entry.created
        document.modified = entry.modified
        document.fetched = input.fetched
        document.images = entry.images
        for image in body?.images ?? [] where !document.images.contains(where: { $0.url == image.url }) {
            document.images.append(image)
        }
        document.links = body?.links ?? []
        document.enclosures = entry.enclosures
        document.feed = info
        document.charset = charset
        document.extraction = Document.Extraction(method: "feed", confidence: 1)
        return document
    }
}
