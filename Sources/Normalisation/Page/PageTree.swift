import HTML

/// A document with what extraction measures of its nodes: what can be seen, how much text is below, how much of it links.
struct PageTree {
    typealias NodeIndex = HTMLDocument.NodeIndex

    let document: HTMLDocument
    /// Nodes that can be seen, in document order; what is hidden or no content by its element is not among them.
    private(set) var order: [NodeIndex] = []
    private(set) var hints: [ElementHints]
    /// Characters of text below a node, white space not counted.
    private(set) var textLength: [Int32]
    /// Characters of them inside of links.
    private(set) var linkLength: [Int32]
    /// How much reading text is below, as paragraphs count it.
    private(set) var mass: [Float]
    /// Left out by ``exclude(_:)``, with everything below.
    private(set) var isExcluded: [Bool]
    private var seen: [Bool]
    let body: NodeIndex

    private static let neverContent: Set<TagName> = [
        .script, .style, .noscript, .template, .head, .iframe, .svg, .canvas, .object, .embed, .audio, .video, .select,
        .button, .input, .textarea, .dialog, .datalist, .map, .title, .link, .meta,
    ]

    init(_ document: HTMLDocument) {
        self.document = document
        let count = document.nodes.count
        hints = [ElementHints](repeating: [], count: count)
        textLength = [Int32](repeating: 0, count: count)
        linkLength = [Int32](repeating: 0, count: count)
        mass = [Float](repeating: 0, count: count)
        isExcluded = [Bool](repeating: false, count: count)
        seen = isExcluded
        body = document.firstElement(.body) ?? 0
        order.reserveCapacity(count)
        walk()
        measure()
    }

    private mutating func walk() {
        var node = body
        while node != HTMLDocument.none {
            let entry = document.nodes[Int(node)]
            if entry.kind == .element, node != body, !isVisible(node, entry) {
                node = document.nextSkippingChildren(node, within: body)
                continue
            }
            if entry.kind == .element { hints[Int(node)] = ElementHints.of(node, in: document) }
            if entry.kind == .element || entry.kind == .text {
                order.append(node)
                seen[Int(node)] = true
            }
            node = document.next(node, within: body)
        }
    }

    private func isVisible(_ node: NodeIndex, _ entry: HTMLDocument.Node) -> Bool {
        if entry.namespace != .html || Self.neverContent.contains(entry.tag) { return false }
        if document.attribute(.hidden, of: node) != nil { return false }
        if let style = document.attribute(.style, of: node) {
            let isHidden = document.withBytes(style) { bytes -> Bool in
                let text = bytes.filter { $0 > 0x20 }.map { $0 | 0x20 }
                return Self.contains(text, "display:none") || Self.contains(text, "visibility:hidden")
            }
            if isHidden { return false }
        }
        return true
    }

    static func contains(_ text: [UInt8], _ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard text.count >= count else { return false }
        for start in 0...(text.count - count) {
            var index = 0
            while index < count, text[start + index] == word.utf8Start[index] { index += 1 }
            if index == count { return true }
        }
        return false
    }

    private mutating func measure() {
        for node in order where document.nodes[Int(node)].kind == .text {
            let (letters, commas) = count(document.nodes[Int(node)].text)
            textLength[Int(node)] = letters
            if letters >= 20 { mass[Int(node)] = Float(letters) / 100 + Float(min(commas, 8)) * 0.5 }
        }
        for node in order.reversed() {
            let index = Int(node)
            let entry = document.nodes[index]
            if entry.kind == .element, entry.tag == .a {
                linkLength[index] = textLength[index]
                mass[index] = 0
            }
            let parent = Int(entry.parent)
            guard node != body, parent >= 0 else { continue }
            textLength[parent] += textLength[index]
            linkLength[parent] += linkLength[index]
            mass[parent] += mass[index]
        }
    }

    private func count(_ range: HTMLDocument.TextRange) -> (Int32, Int) {
        document.withBytes(range) { bytes in
            var letters: Int32 = 0
            var commas = 0
            for byte in bytes {
                // Bytes that go on with a character are not counted, so that all scripts weigh the same.
                if byte > 0x20, byte & 0xC0 != 0x80 { letters += 1 }
                if byte == UInt8(ascii: ",") || byte == UInt8(ascii: ".") { commas += 1 }
            }
            return (letters, commas)
        }
    }

    /// Leaves a node and everything below out, and takes what was measured there from its ancestors.
    mutating func exclude(_ node: NodeIndex) {
        guard !isExcluded[Int(node)], node != body else { return }
        isExcluded[Int(node)] = true
        let (text, links, weight) = (textLength[Int(node)], linkLength[Int(node)], mass[Int(node)])
        var ancestor = document.nodes[Int(node)].parent
        while ancestor != HTMLDocument.none {
            textLength[Int(ancestor)] -= text
            linkLength[Int(ancestor)] -= links
            mass[Int(ancestor)] -= weight
            if ancestor == body { break }
            ancestor = document.nodes[Int(ancestor)].parent
        }
    }

    /// Whether a node can be seen.
    func isSeen(_ node: NodeIndex) -> Bool { seen[Int(node)] }

    /// The share of a node's text that is in links.
    func linkDensity(_ node: NodeIndex) -> Double {
        textLength[Int(node)] == 0 ? 0 : Double(linkLength[Int(node)]) / Double(textLength[Int(node)])
    }
}
