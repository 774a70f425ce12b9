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
        let tree = PageTree(document)
        let metadata = PageMetadata(document, hints: tree.hints, url: url)
        let kind = PageKind.decide(tree, metadata)
        let selection = ContentSelection(tree, kind: kind)
        var renderer = TextRenderer(selection.tree)
        renderer.render(selection.root)
        var blocks = BlockFilter.keep(renderer.blocks, kind: kind, title: metadata.title?.value)
        if blocks.isEmpty, let body = metadata.body { blocks = [Array(body.utf8)] }
        var text: [UInt8] = []
        for block in blocks {
            if !text.isEmpty { text.append(contentsOf: [0x0A, 0x0A]) }
            text.append(contentsOf: block)
        }
        return PageExtraction(
            kind: kind, metadata: metadata, text: text.isEmpty ? nil : String(decoding: text, as: UTF8.self),
            images: PageImages.find(renderer.images.map(\.node), document, metadata),
            links: links(renderer.links, document, base: metadata.base))
    }

    private static func links(_ ranges: [HTMLDocument.TextRange], _ document: HTMLDocument, base: String?) -> [String] {
        var seen: Set<String> = []
        var links: [String] = []
        for range in ranges.prefix(2000) {
            let reference = document.string(range)
            guard !reference.hasPrefix("#"), let url = CanonicalURL.resolve(reference, against: base),
                url.hasPrefix("http"), seen.insert(url).inserted
            else { continue }
            links.append(url)
        }
        return links
    }
}

/// Drops blocks that are no reading text though they stand among it.
enum BlockFilter {
    static func keep(_ blocks: [TextRenderer.Block], kind: PageKind, title: String?) -> [[UInt8]] {
        var kept: [[UInt8]] = []
        let titleBytes = title.map { Array($0.utf8) }
        for (index, block) in blocks.enumerated() {
            let density = Double(block.linkLength) / Double(max(block.length, 1))
            let isShort = block.length < 60
            // Rows of links: navigation that nothing else gave away. In listings and shops links are the content.
            if kind == .article || kind == .documentation, !block.isHeading, density > 0.8, isShort || block.isItem {
                continue
            }
            if kind == .article, block.isHeading, index == blocks.count - 1 { continue }
            if let titleBytes, kept.isEmpty, block.isHeading, block.text == titleBytes, kind == .article { continue }
            if kept.last == block.text { continue }
            kept.append(block.text)
        }
        return kept
    }
}

/// The pictures in the content, with what stands under them.
enum PageImages {
    static func find(_ nodes: [HTMLDocument.NodeIndex], _ document: HTMLDocument, _ metadata: PageMetadata) -> [Document
        .Image]
    {
        var images: [Document.Image] = []
        var seen: Set<String> = []
        for node in nodes.prefix(500) {
            let candidates = [AttributeName.dataSrc, .dataOriginal, .dataLazySrc, .src].compactMap {
                document.attributeString($0, of: node)
            }
            guard let source = candidates.first(where: { !$0.hasPrefix("data:") && !$0.isEmpty }),
                let url = CanonicalURL.resolve(source, against: metadata.base), url.hasPrefix("http"),
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
            let url = CanonicalURL.resolve(image, against: metadata.base)
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
