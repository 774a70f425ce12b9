import HTML

/// The content of a page with its structure.
enum PageContent {
    /// Reads the blocks of the outline that are content, and the pictures that the document shows.
    static func read(
        _ document: HTMLDocument, _ outline: PageOutline, _ selection: ContentSelection, _ images: [PageImage],
        base: String?
    ) -> RichContent {
        var pictures: [HTMLDocument.NodeIndex: RichContent.Picture] = [:]
        for image in images {
            guard let node = image.node, let url = image.image.url else { continue }
            pictures[node] = RichContent.Picture(
                url: url, description: document.attributeString(.alt, of: node).flatMap(Text.clean),
                width: image.image.width, height: image.image.height)
        }
        return RichContentReader.read(
            document, below: outline.elements.first?.node ?? 0, base: base,
            selection: RichContentReader.Selection(
                starts: outline.blocks.map(\.node), isContent: selection.isContent, seesHidden: outline.seesHidden)
        ) { pictures[$0] }
    }
}
