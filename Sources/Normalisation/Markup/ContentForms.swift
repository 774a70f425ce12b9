import Document
import HTML

/// Gives documents their content as Markdown and HTML, where the source asks for it.
enum ContentForms {
    /// Makes of `content`, which is read only when it is needed, what the settings ask for.
    static func add(to document: inout Document, _ settings: NormaliserSettings, _ content: () -> RichContent) {
        guard settings.wantsMarkdown || settings.wantsHTML else { return }
        let content = content()
        guard !content.parts.isEmpty else { return }
        if settings.wantsMarkdown {
            document.markdown = String(decoding: MarkdownWriter.write(content), as: UTF8.self)
        }
        if settings.wantsHTML { document.html = String(decoding: SanitisedHTML.write(content), as: UTF8.self) }
    }

    /// What a fragment of HTML holds, all of it.
    static func content(ofFragment html: [UInt8], base: String?) -> RichContent {
        let document = HTMLParser.parseFragment(html)
        let address = base.flatMap(Address.init)
        return RichContentReader.read(document, below: 0, base: base) { picture($0, document, base: address) }
    }

    private static func picture(
        _ node: HTMLDocument.NodeIndex, _ document: HTMLDocument, base: Address?
    ) -> RichContent.Picture? {
        guard let reference = PictureSource.reference(node, document),
            let url = SafeAddress.picture(reference, base: base)
        else { return nil }
        let width = PictureSource.size(.width, of: node, document)
        let height = PictureSource.size(.height, of: node, document)
        // Pictures of one pixel count readers.
        if width ?? 3 <= 2 || height ?? 3 <= 2 { return nil }
        return RichContent.Picture(
            url: url, description: document.attributeString(.alt, of: node).flatMap(Text.clean), width: width,
            height: height)
    }

    /// What plain text holds: paragraphs parted by empty lines.
    static func content(ofText text: some Collection<UInt8>) -> RichContent {
        var builder = RichContentBuilder()
        for line in text.split(separator: 0x0A, omittingEmptySubsequences: false) {
            guard let words = TextBytes.line(line) else {
                builder.border()
                continue
            }
            for word in words.utf8.split(separator: 0x20) {
                Array(word).withUnsafeBufferPointer { builder.add(word: $0) }
                builder.addSpace()
            }
            builder.addBreak()
        }
        return builder.finish()
    }
}
