import HTML

/// What stands under a picture, and who made it, as the markup around it says.
struct PictureCaption {
    private(set) var text: String?
    private(set) var credit: String?

    /// Elements around a picture, and nodes in one of them, that are looked at.
    private static let depth = 5
    private static let nodeLimit = 300

    init(_ image: HTMLDocument.NodeIndex, _ document: HTMLDocument) {
        var ancestor = document.nodes[Int(image)].parent
        for _ in 0..<Self.depth where ancestor != HTMLDocument.none {
            let isFigure = document.isElement(ancestor, .figure)
            read(ancestor, document, isFigure: isFigure)
            if isFigure || text != nil || credit != nil { break }
            ancestor = document.nodes[Int(ancestor)].parent
        }
        if credit == nil { credit = text.flatMap(PictureCredit.of) }
    }

    /// Reads an element that holds the picture; other than a figure only where it holds no second picture.
    private mutating func read(_ root: HTMLDocument.NodeIndex, _ document: HTMLDocument, isFigure: Bool) {
        var (caption, maker): (HTMLDocument.NodeIndex?, HTMLDocument.NodeIndex?)
        var images = 0
        var node = root
        for _ in 0..<Self.nodeLimit {
            node = document.next(node, within: root)
            if node == HTMLDocument.none { break }
            guard document.nodes[Int(node)].kind == .element else { continue }
            if document.isElement(node, .img) { images += 1 }
            switch Self.kind(node, document) {
            case .caption: caption = caption ?? node
            case .credit: maker = maker ?? node
            case nil: break
            }
        }
        // What was not looked at to the end, or holds several pictures, is no frame of this one.
        guard isFigure || images == 1 && node == HTMLDocument.none else { return }
        credit = maker.flatMap { Self.line($0, document, without: nil) }.flatMap {
            $0.utf8.count <= 160 ? PictureCredit.withoutWord($0) : nil
        }
        text = caption.flatMap { Self.line($0, document, without: credit == nil ? nil : maker) }
    }

    private enum Kind { case caption, credit }

    private static func kind(_ node: HTMLDocument.NodeIndex, _ document: HTMLDocument) -> Kind? {
        if document.isElement(node, .figcaption) { return .caption }
        for attribute in document.attributes(of: node) where attribute.name == .class || attribute.name == .itemprop {
            let found: Kind? = document.withBytes(attribute.value) { bytes in
                if credits.contains(where: { PageSurvey.contains(bytes, $0) }) { return .credit }
                return PageSurvey.contains(bytes, "caption") ? .caption : nil
            }
            if let found { return found }
        }
        return nil
    }

    private static let credits: [StaticString] = [
        "credit", "copyright", "photographer", "attribution", "photo-by", "image-source",
    ]

    /// The text below a node on one line, without that of another node below it.
    private static func line(
        _ root: HTMLDocument.NodeIndex, _ document: HTMLDocument, without left: HTMLDocument.NodeIndex?
    ) -> String? {
        var bytes: [UInt8] = []
        var node = root
        while node != HTMLDocument.none, bytes.count < 4000 {
            let entry = document.nodes[Int(node)]
            if node == left || entry.kind == .element && OutlineBuilder.neverSeen.contains(entry.tag) {
                node = document.nextSkippingChildren(node, within: root)
                bytes.append(0x20)
                continue
            }
            if entry.kind == .text { document.withBytes(entry.text) { bytes.append(contentsOf: $0) } }
            if entry.kind == .element, OutlineBuilder.blockTags.contains(entry.tag) || entry.tag == .br {
                bytes.append(0x20)
            }
            node = document.next(node, within: root)
        }
        return Text.clean(String(decoding: bytes, as: UTF8.self))
    }
}
