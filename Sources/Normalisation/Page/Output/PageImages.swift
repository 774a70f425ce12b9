import Document
import HTML

/// A picture of a page, and the element that shows it where one does.
struct PageImage {
    var image: Document.Image
    var node: HTMLDocument.NodeIndex?
}

/// The pictures in the content, with what stands under them.
enum PageImages {
    static func find(
        _ nodes: [HTMLDocument.NodeIndex], _ document: HTMLDocument, _ metadata: PageMetadata
    ) -> [PageImage] {
        let base = metadata.base.flatMap(Address.init)
        var images: [PageImage] = []
        var seen: Set<String> = []
        for node in nodes.prefix(500) {
            guard let source = PictureSource.reference(node, document),
                let url = SafeAddress.picture(source, base: base), seen.insert(url).inserted
            else { continue }
            let width = PictureSource.size(.width, of: node, document)
            let height = PictureSource.size(.height, of: node, document)
            if let width, width < 50 { continue }
            if let height, height < 50 { continue }
            images.append(
                PageImage(
                    image: Document.Image(
                        url: url,
                        caption: caption(node, document)
                            ?? document.attributeString(.alt, of: node).flatMap(Text.clean),
                        width: width, height: height),
                    node: node))
        }
        if images.isEmpty, let image = metadata.image?.value,
            let url = SafeAddress.picture(image, base: base)
        {
            images = [PageImage(image: Document.Image(url: url))]
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
