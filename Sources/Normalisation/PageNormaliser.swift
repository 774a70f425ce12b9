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
        let rendered = FragmentRenderer.render(bytes, base: input.base)
        let head = PageHead.read(bytes, base: input.base)
        let url = head.canonical ?? CanonicalURL.of(input.uri)
        var document = Document(
            id: finisher.id(source: input.source, key: url ?? input.identity), source: input.source, uri: input.uri)
        document.url = url
        document.title = head.title
        if !rendered.text.isEmpty { document.text = String(decoding: rendered.text, as: UTF8.self) }
        document.images = rendered.images
        document.links = rendered.links
        document.modified = input.modified
        document.fetched = input.fetched
        document.mediaType = "text/html"
        document.charset = charset
        document.extraction = Document.Extraction(method: "whole-page")
        finisher.finish(
            document, settings: input.settings, declaredLanguage: head.language ?? input.headers["content-language"],
            to: &result)
        return result
    }
}
