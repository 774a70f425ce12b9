import Document

/// Makes documents of plain text and Markdown.
struct PlainTextNormaliser {
    private let finisher: DocumentFinisher
    private let input: NormaliserInput
    private let charset: String

    init(_ finisher: DocumentFinisher, _ input: NormaliserInput, charset: String) {
        self.finisher = finisher
        self.input = input
        self.charset = charset
    }

    func run(_ bytes: [UInt8], isMarkdown: Bool) -> NormaliserResult {
        var result = NormaliserResult()
        let articles = isMarkdown ? [MarkdownReader.read(bytes, base: input.base)] : ArticleSplitter.split(bytes)
        for (index, article) in articles.enumerated() {
            let part = index + 1
            let url = CanonicalURL.of(input.uri)
            var document = Document(
                id: finisher.id(source: input.source, key: url ?? input.identity, part: part), source: input.source,
                uri: input.uri)
            document.url = url
            document.part = articles.count > 1 ? part : nil
            document.title = article.title
            document.authors = article.authors
            document.published = article.published
            document.tags = article.tags
            if !article.paragraphs.isEmpty { document.text = article.paragraphs.joined(separator: "\n\n") }
            let text = document.text ?? ""
            ContentForms.add(to: &document, input.settings) { ContentForms.content(ofText: text.utf8) }
            if let markdown = article.markdown { document.markdown = markdown }
            document.images = article.images
            document.links = article.links
            document.modified = input.modified
            document.fetched = input.fetched
            document.mediaType = isMarkdown ? "text/markdown" : "text/plain"
            document.charset = charset
            document.extraction = Document.Extraction(method: isMarkdown ? "markdown" : "plain-text")
            finisher.finish(
                document, settings: input.settings,
                declaredLanguage: article.language ?? input.headers["content-language"], to: &result)
        }
        if articles.isEmpty { return .failed("no text: the input holds nothing but white space") }
        return result
    }
}

/// A piece of text with what was found in it.
struct Article {
    var title: String?
    var authors: [String] = []
    var published: Timestamp?
    var modified: Timestamp?
    var language: String?
    var tags: [String] = []
    var paragraphs: [String] = []
    var markdown: String?
    var images: [Document.Image] = []
    var links: [String] = []
}
