import Document
import HTML

/// What was made of a page.
struct PageExtraction {
    var kind: PageKind
    var metadata: PageMetadata
    var text: String?
    var images: [Document.Image]
    var links: [String]
}

/// Takes a page apart: parse, what it says of itself, what kind it is, what of it is content.
enum PageExtractor {
    static func extract(_ bytes: [UInt8], url: String?) -> PageExtraction {
        let document = HTMLParser.parse(bytes)
        let metadata = PageMetadata(document, url: url)
        let title = TitleWords(metadata.title?.value)
        let outline = PageOutline(document, title: title)
        let selection = ContentSelection(outline, PageFacts(outline, metadata, titleWordCount: title.count))
        var text = ContentText.write(outline, selection.isContent)
        // Where the page itself shows next to nothing, its structured data may hold the text.
        if let body = metadata.body, text.count < thinText, body.utf8.count > text.count * 2 { text = Array(body.utf8) }
        return PageExtraction(
            kind: selection.kind, metadata: metadata,
            text: text.isEmpty ? nil : String(decoding: text, as: UTF8.self),
            images: PageImages.find(selection.images(outline), document, metadata),
            links: links(selection.links(outline), document, base: metadata.base))
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

/// The pictures in the content, with what stands under them.
enum PageImages {
    static func find(_ nodes: [HTMLDocument.NodeIndex], _ document: HTMLDocument, _ metadata: PageMetadata) -> [Document
        .Image]
    {
        let base = metadata.base.flatMap(Address.init)
        var images: [Document.Image] = []
        var seen: Set<String> = []
        for node in nodes.prefix(500) {
            let candidates = [AttributeName.dataSrc, .dataOriginal, .dataLazySrc, .src].compactMap {
                document.attributeString($0, of: node)
            }
            guard let source = candidates.first(where: { !$0.hasPrefix("data:") && !$0.isEmpty }),
                let url = CanonicalURL.resolve(source, at: base), url.hasPrefix("http"),
                seen.insert(url).inserted
            else { continue }
            func size(_ name: AttributeName) -> Int? {
                document.attributeString(name, of: node).flatMap { Int($0.prefix { $0.isNumber }) }.flatMap {
                    (1...100_000).contains($0) ? $0 : nil
                }
            }
            let (width, height) = (size(.width), size(.height))
            if let width, width < 50 { continue }
            if let height, height < 50 { continue }
            images.append(
                Document.Image(
                    url: url,
                    caption: caption(node, document) ?? document.attributeString(.alt, of: node).flatMap(Text.clean),
                    width: width, height: height))
        }
        if images.isEmpty, let image = metadata.image?.value,
            let url = CanonicalURL.resolve(image, at: base)
        {
            images = [Document.Image(url: url)]
        }
        return images
    }

    private static func caption(_ node: HTMLDocument.NodeIndex, _ document: HTMLDocument) -> String? {
        var ancestor = document.nodes[Int(node)].parent
        for _ in 0..<5 where ancestor != HTMLDocument.none {
            if document.isElement(ancestor, .figure) {
                return document.firstElement(.figcaption, within: ancestor).flatMap {
                    Text.clean(document.textContent(of: $0))
                }
            }
            ancestor = document.nodes[Int(ancestor)].parent
        }
        return nil
    }
}
