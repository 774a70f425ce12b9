import Document

/// Makes one document of several things: a feed's entry and the page that it leads to, the pages of a long article.
struct PartsNormaliser {
    private let normaliser: Normaliser
    private let input: NormaliserInput

    /// Parts of one document; a long article in more pages is none.
    private static let mostParts = 1000
    /// Links and images of one document.
    private static let mostReferences = 5000

    init(_ normaliser: Normaliser, _ input: NormaliserInput) {
        self.normaliser = normaliser
        self.input = input
    }

    func run() -> NormaliserResult {
        let lengths = input.parts.map(\.length)
        guard input.parts.count <= Self.mostParts, lengths.allSatisfy({ (0...input.bytes.count).contains($0) }),
            lengths.reduce(0, +) == input.bytes.count
        else { return .failed("the parts of the item do not fit its bytes; remedy: report it to the plugin's author") }
        var entry: DocumentFinisher.Draft?
        var page: DocumentFinisher.Draft?
        var failure: String?
        var start = 0
        for part in input.parts {
            let (draft, reason) = draft(of: part, at: start)
            start += part.length
            failure = failure ?? reason
            guard let draft else { continue }
            if part.isEntry {
                entry = entry ?? draft
            } else if let first = page {
                page = Self.joined(first, draft)
            } else {
                page = draft
            }
        }
        var result = NormaliserResult()
        guard let whole = Self.merged(entry, page) else {
            return .failed(failure ?? "nothing in it is a document")
        }
        normaliser.finisher.finish(
            whole.document, settings: input.settings, declaredLanguage: whole.declaredLanguage, to: &result)
        return result
    }

    private func draft(of part: NormaliserInput.Part, at start: Int) -> (DocumentFinisher.Draft?, reason: String?) {
        var one = NormaliserInput(
            bytes: Array(input.bytes[start..<start + part.length]), source: input.source, uri: part.uri)
        one.mediaType = part.mediaType
        one.charset = part.charset
        one.fetched = input.fetched
        one.settings = input.settings
        if !part.isEntry {
            one.key = input.key
            one.modified = input.modified
            // They are the first page's.
            if start == 0 || input.parts.first?.isEntry == true { one.headers = input.headers }
            one.headers["content-type"] = nil
        }
        let (drafts, result) = normaliser.finisher.collect { normaliser.normalise(one) }
        return (drafts.first, result.failure)
    }

    /// A page and the one that continues it.
    private static func joined(
        _ first: DocumentFinisher.Draft, _ second: DocumentFinisher.Draft
    ) -> DocumentFinisher.Draft {
        func text(_ one: String?, _ other: String?, _ between: String) -> String? {
            guard let one, let other else { return one ?? other }
            return one + between + other
        }
        var whole = first
        let more = second.document
        whole.document.text = text(first.document.text, more.text, "\n\n")
        whole.document.markdown = text(first.document.markdown, more.markdown, "\n\n")
        whole.document.html = text(first.document.html, more.html, "\n")
        let images = Set(first.document.images.map(\.url))
        whole.document.images += more.images.filter { !images.contains($0.url) }
        whole.document.images = Array(whole.document.images.prefix(mostReferences))
        let links = Set(first.document.links)
        whole.document.links += more.links.filter { !links.contains($0) }
        whole.document.links = Array(whole.document.links.prefix(mostReferences))
        return whole
    }

    /// An entry with the page that it leads to: what the feed says of it, with the better text.
    private static func merged(
        _ entry: DocumentFinisher.Draft?, _ page: DocumentFinisher.Draft?
    ) -> DocumentFinisher.Draft? {
        guard let entry, let page else { return entry ?? page }
        var whole = entry
        let content = page.document
        whole.declaredLanguage = page.declaredLanguage ?? entry.declaredLanguage
        whole.document.uri = content.uri
        whole.document.part = nil
        whole.document.url = content.url ?? entry.document.url
        whole.document.title = entry.document.title ?? content.title
        whole.document.site = content.site ?? entry.document.site
        whole.document.published = entry.document.published ?? content.published
        whole.document.modified = entry.document.modified ?? content.modified
        whole.document.summary = entry.document.summary ?? content.summary
        if entry.document.authors.isEmpty { whole.document.authors = content.authors }
        if entry.document.tags.isEmpty { whole.document.tags = content.tags }
        guard isBetter(content.text, than: entry.document.text) else { return whole }
        // What the entry has instead of the text is what it says of it.
        whole.document.summary = entry.document.summary ?? entry.document.text.flatMap { TextBytes.line($0) }
        whole.document.text = content.text
        whole.document.markdown = content.markdown
        whole.document.html = content.html
        whole.document.links = content.links
        let images = Set(content.images.map(\.url))
        whole.document.images = content.images + entry.document.images.filter { !images.contains($0.url) }
        whole.document.mediaType = content.mediaType
        whole.document.charset = content.charset
        whole.document.extraction = content.extraction
        return whole
    }

    /// Whether a page's text should stand for its entry's: an entry that holds most of what the page does was written
    /// without the page's surroundings, and a page that has less is a notice that asks for consent or money.
    private static func isBetter(_ page: String?, than entry: String?) -> Bool {
        guard let page else { return false }
        guard let entry else { return true }
        return entry.utf8.count < page.utf8.count / 10 * 6
    }
}
