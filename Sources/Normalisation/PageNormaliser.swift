import Document

/// Makes a document of an HTML page.
struct PageNormaliser {
    private let finisher: DocumentFinisher
    private let input: NormaliserInput
    private let charset: String

    init(_ finisher: DocumentFinisher, _ input: NormaliserInput, charset: String) {
        self.finisher = finisher
        self.input = input
        self.charset = charset
    }

    func run(_ bytes: [UInt8]) -> NormaliserResult {
        var result = NormaliserResult()
        let page = PageExtractor.extract(
            bytes, url: input.base, wantsStructure: input.settings.wantsMarkdown || input.settings.wantsHTML,
            explains: input.settings.explains)
        result.explanation = page.explanation
        let metadata = page.metadata
        let own = CanonicalURL.of(input.uri)
        let url = canonical((metadata.canonical?.value).flatMap(CanonicalURL.of), own: own)
        guard page.text != nil || metadata.title != nil else {
            return .failed("a page without text or title; remedy: see whether it needs a browser to show anything")
        }
        var document = Document(
            id: finisher.id(source: input.source, key: url ?? input.identity), source: input.source, uri: input.uri)
        document.url = url
        document.title = metadata.title?.value
        document.authors = metadata.authors?.value ?? []
        document.site = metadata.site?.value
        document.summary = metadata.summary?.value
        document.tags = metadata.tags?.value ?? []
        document.published = metadata.published?.value
        document.text = page.text
        if let content = page.content { ContentForms.add(to: &document, input.settings) { content } }
        document.images = page.images
        document.links = page.links
        document.modified = metadata.modified?.value ?? input.modified
        document.fetched = input.fetched
        document.mediaType = "text/html"
        document.charset = charset
        document.extraction = Document.Extraction(method: page.kind.rawValue)
        finisher.finish(
            document, settings: input.settings,
            declaredLanguage: metadata.language?.value ?? input.headers["content-language"],
            to: &result)
        return result
    }

    /// The canonical address that a page names, where it is plausible: one that calls every page the site's first is not.
    private func canonical(_ named: String?, own: String?) -> String? {
        guard let named else { return own }
        guard let own else { return named }
        let isRoot = named.split(separator: "/").count <= 2
        return isRoot && own.split(separator: "/").count > 2 ? own : named
    }
}
