import Document
import HTML
import JSON

/// What was made of a page.
struct PageExtraction {
    var kind: PageKind
    var metadata: PageMetadata
    var text: String?
    var images: [Document.Image]
    var links: [String]
    /// The content with its structure; nil where nobody asks for it.
    var content: RichContent?
    /// Why all this was chosen; nil where nobody asks for it.
    var explanation: JSONValue?
}

/// Takes a page apart: parse, what it says of itself, what kind it is, what of it is content.
enum PageExtractor {
    /// - Parameters:
    ///   - wantsStructure: whether ``PageExtraction/content`` is wanted beside the text.
    ///   - explains: whether ``PageExtraction/explanation`` is wanted.
    static func extract(
        _ bytes: [UInt8], url: String?, wantsStructure: Bool = false, explains: Bool = false
    ) -> PageExtraction {
        let document = HTMLParser.parse(bytes)
        let log = explains ? EvidenceLog() : nil
        let metadata = PageMetadata(document, url: url, log: log)
        let title = TitleWords(metadata.title?.value)
        let outline = PageOutline(document, title: title)
        let selection = ContentSelection(outline, PageFacts(outline, metadata, titleWordCount: title.count))
        let images = PageImages.find(selection.images(outline), document, metadata)
        var page = PageExtraction(
            kind: selection.kind, metadata: metadata, images: images.map(\.image),
            links: links(selection.links(outline), document, base: metadata.base))
        var text = ContentText.write(outline, selection.isContent)
        var isFromData = false
        if let body = metadata.body, text.count < thinText, body.utf8.count > text.count * 2 {
            isFromData = true
            // Where the page itself shows next to nothing, its structured data may hold the text.
            text = Array(body.utf8.prefix(OutlineBuilder.longestText))
            if wantsStructure { page.content = ContentForms.content(ofText: text) }
        } else if wantsStructure {
            page.content = PageContent.read(document, outline, selection, images, base: metadata.base)
        }
        if let log {
            page.explanation = PageExplanation.make(
                document, metadata, log, outline, selection, isFromData: isFromData)
        }
        if !text.isEmpty { page.text = String(decoding: text, as: UTF8.self) }
        return page
    }

    /// Bytes of text that are not enough for a page whose structured data has more.
    private static let thinText = 300

    private static func links(_ ranges: [HTMLDocument.TextRange], _ document: HTMLDocument, base: String?) -> [String] {
        let base = base.flatMap(Address.init)
        var seen: Set<String> = []
        var links: [String] = []
        for range in ranges.prefix(2000) {
            let reference = document.string(range)
            guard !reference.hasPrefix("#"), let url = CanonicalURL.resolve(reference, at: base),
                url.hasPrefix("http"), seen.insert(url).inserted
            else { continue }
            links.append(url)
        }
        return links
    }
}
