import Document

/// Makes documents of PDF, office and e-book files and mail, through tools of the system.
struct DocumentNormaliser {
    private let finisher: DocumentFinisher
    private let input: NormaliserInput
    private let format: DocumentFormat

    init(_ finisher: DocumentFinisher, _ input: NormaliserInput, _ format: DocumentFormat) {
        self.finisher = finisher
        self.input = input
        self.format = format
    }

    func run() -> NormaliserResult {
        switch converter.run(input.bytes) {
        case .failure(let failure): .failed("\(format.mediaType) \(failure.reason)")
        case .success(let output):
            switch format {
            case .pdf: whole(PDFArticle.make(PDFLayout(output)))
            case .mail, .mailbox: messages(output)
            case .docx, .odt, .epub, .rtf: whole(OfficeArticle.make(output, base: input.base))
            }
        }
    }

    private var converter: Converter {
        switch format {
        case .pdf:
            Converter(
                program: "pdftotext", arguments: ["-enc", "UTF-8", "-bbox-layout", "-", "-"], package: "poppler-utils")
        case .docx, .odt, .epub, .rtf:
            // The sandbox keeps pandoc from reading any other file and from fetching what a document names.
            Converter(
                program: "pandoc",
                arguments: [
                    "--sandbox", "--quiet", "--standalone", "--wrap=none", "--from", format.rawValue, "--to", "html",
                ],
                package: "pandoc")
        case .mail, .mailbox:
            Converter(
                program: "python3",
                arguments: ["-I", "-c", String(decoding: PackageResources.mail_py, as: UTF8.self)]
                    + (format == .mailbox ? ["mbox"] : []),
                package: "python3")
        }
    }

    private func whole(_ article: Article) -> NormaliserResult {
        guard !article.paragraphs.isEmpty else {
            let remedy = format == .pdf ? "; remedy: where its pages are pictures, run ocrmypdf over it first" : ""
            return .failed("\(format.mediaType) without text\(remedy)")
        }
        var result = NormaliserResult()
        let url = CanonicalURL.of(input.uri)
        var document = Document(
            id: finisher.id(source: input.source, key: url ?? input.identity), source: input.source, uri: input.uri)
        document.url = url
        finish(&document, article, to: &result)
        return result
    }

    private func messages(_ output: [UInt8]) -> NormaliserResult {
        var result = NormaliserResult()
        var part = 0
        for line in output.split(separator: UInt8(ascii: "\n")) {
            part += 1
            let mail = MailArticle(line, base: nil)
            guard mail.failure == nil, !mail.article.paragraphs.isEmpty || mail.article.title != nil else {
                result.rejected.append(
                    NormaliserResult.Rejection(
                        record: Int64(part), reason: mail.failure ?? "a message without subject or text"))
                continue
            }
            var document = Document(
                id: mail.id.map { finisher.id(source: input.source, key: $0) }
                    ?? finisher.id(source: input.source, key: input.identity, part: part),
                source: input.source, uri: input.uri)
            document.sourceID = mail.id
            document.url = mail.url
            document.enclosures = mail.enclosures
            document.part = part
            finish(&document, mail.article, to: &result)
        }
        if result.documents.isEmpty {
            return .failed(result.rejected.first?.reason ?? "\(format.mediaType) without a message")
        }
        return result
    }

    private func finish(_ document: inout Document, _ article: Article, to result: inout NormaliserResult) {
        document.title = article.title
        document.authors = article.authors
        document.tags = article.tags
        document.published = article.published
        document.modified = article.modified ?? input.modified
        document.fetched = input.fetched
        if !article.paragraphs.isEmpty { document.text = article.paragraphs.joined(separator: "\n\n") }
        document.images = article.images
        document.links = article.links
        document.mediaType = format.mediaType
        document.extraction = Document.Extraction(method: format.rawValue)
        finisher.finish(
            document, settings: input.settings,
            declaredLanguage: article.language ?? input.headers["content-language"], to: &result)
    }
}
