import HTML

/// Walks a document once and writes down its visible elements and text.
struct OutlineBuilder {
    typealias NodeIndex = HTMLDocument.NodeIndex

    private let document: HTMLDocument
    private let nodes: [HTMLDocument.Node]
    private let seesHidden: Bool
    private(set) var elements: [PageOutline.Element] = []
    private(set) var blocks: [PageOutline.Block] = []
    private(set) var text: [UInt8] = []
    private(set) var images: [(node: NodeIndex, block: Int32)] = []
    private(set) var links: [(href: HTMLDocument.TextRange, block: Int32)] = []

    /// The element that is open, as a number in `elements`.
    private var open: Int32 = -1
    /// The innermost open block-level element.
    private var owner: Int32 = 0
    /// The owners around it.
    private var owners: [Int32] = []
    private var linkDepth = 0
    private var preformattedDepth = 0
    private var start = 0
    /// Where the first letter of the block stands.
    private var firstText = HTMLDocument.none
    private var letters: Int32 = 0
    private var linkLetters: Int32 = 0
    private var inline = ElementTraits()
    private var needsSpace = false
    private var breaks = 0
    private var joint = PageOutline.Joint.paragraph

    /// `seesHidden`: whether what is hidden counts too, as on pages that scripts show only when they are ready.
    init(_ document: HTMLDocument, seesHidden: Bool) {
        self.document = document
        self.seesHidden = seesHidden
        nodes = document.nodes
        elements.reserveCapacity(nodes.count / 3 + 16)
        blocks.reserveCapacity(nodes.count / 8 + 16)
    }

    /// Elements that are no content, or hold none that is seen.
    static let neverSeen = KnownTags(
        .script, .style, .template, .head, .iframe, .svg, .canvas, .object, .embed, .audio, .video, .select,
        .input, .textarea, .datalist, .map, .title, .link, .meta, .math, .progress, .meter, .noframes, .noembed, .applet
    )
    /// Elements whose borders end a block.
    static let blockTags = KnownTags(
        .p, .div, .h1, .h2, .h3, .h4, .h5, .h6, .ul, .ol, .li, .dl, .dt, .dd, .table, .tr, .td, .th, .caption, .section,
        .article, .aside, .header, .footer, .main, .nav, .figure, .figcaption, .blockquote, .pre, .hr, .form, .fieldset,
        .address, .center, .details, .summary, .tbody, .thead, .tfoot, .body, .hgroup, .listing, .legend, .menu, .dir,
        .label, .button, .dialog, .search, .option, .noscript)

    /// Bytes of text that are taken of a page; what would be more is cut.
    static let longestText = 8 << 20

    mutating func run() {
        let root = document.firstElement(.body) ?? 0
        var node = root
        while true {
            if enter(node), nodes[Int(node)].firstChild != HTMLDocument.none {
                node = nodes[Int(node)].firstChild
                continue
            }
            while true {
                leave(node)
                if node == root { return }
                let next = nodes[Int(node)].nextSibling
                if next != HTMLDocument.none {
                    node = next
                    break
                }
                node = nodes[Int(node)].parent
            }
        }
    }

    /// Whether the children are to be walked. What this opens, ``leave(_:)`` closes.
    private mutating func enter(_ node: NodeIndex) -> Bool {
        let entry = nodes[Int(node)]
        if entry.kind == .text {
            append(node, entry.text)
            return false
        }
        guard entry.kind == .element || elements.isEmpty else { return false }
        if entry.kind == .element {
            if entry.namespace != .html || Self.neverSeen.contains(entry.tag) { return false }
            if entry.tag == .br {
                lineBreak()
                return false
            }
            if entry.tag == .img {
                images.append((node, Int32(blocks.count)))
                return false
            }
            if entry.tag == .a, Permalink.isOne(node, document) { return false }
        }
        return document.withAttributes(of: node) { open(node, entry, $0) }
    }

    private mutating func open(
        _ node: NodeIndex, _ entry: HTMLDocument.Node, _ attributes: UnsafeBufferPointer<HTMLDocument.Attribute>
    ) -> Bool {
        guard elements.isEmpty || seesHidden || Visibility.isSeen(attributes, document) else { return false }
        let isBlock = elements.isEmpty || Self.blockTags.contains(entry.tag)
        if isBlock { endBlock() }
        let traits = ElementTraits(entry, attributes, document)
        let depth = open < 0 ? 0 : elements[Int(open)].depth + 1
        elements.append(
            PageOutline.Element(
                node: node, parent: open, depth: depth, tag: entry.tag,
                signature: Self.signature(entry, attributes, document), traits: traits, firstBlock: Int32(blocks.count))
        )
        open = Int32(elements.count - 1)
        if isBlock {
            owners.append(owner)
            owner = open
            switch entry.tag {
            case .td, .th: if blocks.last.map({ isCellBefore($0.element) }) ?? false { joint = .cell }
            case .li, .tr, .dt, .dd: joint = .line
            case .pre: preformattedDepth += 1
            default: if preformattedDepth > 0 { joint = .line }
            }
        } else {
            inline.structure |= traits.structure
            inline.vocabulary |= traits.vocabulary
        }
        if entry.tag == .a {
            linkDepth += 1
            for attribute in attributes where attribute.name == .href {
                links.append((attribute.value, Int32(blocks.count)))
            }
        }
        return true
    }

    private mutating func leave(_ node: NodeIndex) {
        guard open >= 0, elements[Int(open)].node == node else { return }
        let tag = elements[Int(open)].tag
        if tag == .a { linkDepth -= 1 }
        if owner == open {
            endBlock()
            if tag == .pre { preformattedDepth -= 1 }
            owner = owners.removeLast()
            joint = preformattedDepth > 0 || tag == .li || tag == .tr || tag == .dt || tag == .dd ? .line : .paragraph
        }
        elements[Int(open)].endBlock = Int32(blocks.count)
        open = elements[Int(open)].parent
    }

    /// Whether the block's element stands in a cell of the row that is open.
    private func isCellBefore(_ element: Int32) -> Bool {
        let row = elements[Int(open)].parent
        var ancestor = elements[Int(element)].parent
        for _ in 0..<4 where ancestor >= 0 {
            if ancestor == row { return true }
            ancestor = elements[Int(ancestor)].parent
        }
        return false
    }

    /// One break is a line, two are a paragraph.
    private mutating func lineBreak() {
        if preformattedDepth > 0 {
            if text.count > start { text.append(0x0A) }
            return
        }
        breaks += 1
        if breaks > 1, letters > 0 { endBlock() }
        guard text.count > start else { return }
        if text.last == 0x20 { text.removeLast() }
        text.append(0x0A)
        needsSpace = false
    }

    private static func signature(
        _ entry: HTMLDocument.Node, _ attributes: UnsafeBufferPointer<HTMLDocument.Attribute>, _ document: HTMLDocument
    ) -> UInt32 {
        var hash: UInt32 = 2_166_136_261 ^ UInt32(entry.tag.rawValue)
        for attribute in attributes where attribute.name == .class {
            document.withBytes(attribute.value) { bytes in
                for byte in bytes {
                    if byte <= 0x20 { break }
                    // Numbers are what items of one kind differ by.
                    if byte &- 0x30 < 10 { continue }
                    hash = (hash ^ UInt32(byte)) &* 16_777_619
                }
            }
        }
        return hash
    }

    // MARK: Text

    private mutating func append(_ node: NodeIndex, _ range: HTMLDocument.TextRange) {
        let isLink = linkDepth > 0
        let isPreformatted = preformattedDepth > 0
        document.withBytes(range) { bytes in
            var index = 0
            var count: Int32 = 0
            var end = min(bytes.count, max(Self.longestText - text.count, 0))
            while end > 0, end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
            let bytes = UnsafeBufferPointer(rebasing: bytes[..<end])
            while index < bytes.count {
                let byte = bytes[index]
                if byte > 0x20, byte < 0x7F {
                    space()
                    let first = index
                    repeat { index += 1 } while index < bytes.count && bytes[index] > 0x20 && bytes[index] < 0x7F
                    text.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[first..<index]))
                    count += Int32(truncatingIfNeeded: index - first)
                    continue
                }
                if byte <= 0x20 || byte == 0x7F {
                    if isPreformatted, byte == 0x0A || byte == 0x09 || byte == 0x20 {
                        if text.count > start || byte != 0x0A { text.append(byte) }
                    } else {
                        needsSpace = true
                    }
                    index += 1
                    continue
                }
                let width = Self.oddSpace(bytes, at: index)
                if width.length > 0 {
                    if width.isSpace, isPreformatted {
                        text.append(0x20)
                    } else if width.isSpace {
                        needsSpace = true
                    }
                    index += width.length
                    continue
                }
                if letters == 0, count == 0, Self.isJoiner(bytes, at: index) {
                    index += 3
                    continue
                }
                space()
                // A character: its first byte, then those that go on with it.
                text.append(byte)
                count += 1
                index += 1
                while index < bytes.count, bytes[index] & 0xC0 == 0x80 {
                    text.append(bytes[index])
                    index += 1
                }
            }
            if letters == 0, count > 0 { firstText = node }
            letters += count
            if isLink { linkLetters += count }
            if count > 0 { breaks = 0 }
        }
    }

    private mutating func space() {
        guard needsSpace else { return }
        needsSpace = false
        if text.count > start, text.last != 0x0A, text.last != 0x20 { text.append(0x20) }
    }

    /// Spaces beyond ASCII, which become plain ones, and marks without width, which go. Joiners stay: scripts need them.
    static func oddSpace(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> (length: Int, isSpace: Bool) {
        guard index + 1 < bytes.count else { return (0, false) }
        if bytes[index] == 0xC2 {
            if bytes[index + 1] == 0xA0 { return (2, true) }
            if bytes[index + 1] == 0xAD || bytes[index + 1] < 0xA0 { return (2, false) }
            return (0, false)
        }
        guard index + 2 < bytes.count else { return (0, false) }
        switch (bytes[index], bytes[index + 1], bytes[index + 2]) {
        case (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8...0xA9), (0xE2, 0x80, 0xAF), (0xE2, 0x81, 0x9F),
            (0xE3, 0x80, 0x80):
            return (3, true)
        case (0xE2, 0x80, 0x8B), (0xEF, 0xBB, 0xBF), (0xE2, 0x81, 0xA0): return (3, false)
        default: return (0, false)
        }
    }

    /// Whether a joiner stands there (U+200C, U+200D). Before the first letter of a block it joins nothing; some editors put
    /// one into each empty paragraph.
    static func isJoiner(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        index + 2 < bytes.count && bytes[index] == 0xE2 && bytes[index + 1] == 0x80
            && (bytes[index + 2] == 0x8C || bytes[index + 2] == 0x8D)
    }

    private mutating func endBlock() {
        while text.count > start, let last = text.last, last <= 0x20 { text.removeLast() }
        if letters > 0, text.count > start {
            let tag = elements[Int(owner)].tag
            blocks.append(
                PageOutline.Block(
                    start: Int32(start), end: Int32(text.count), node: firstText, element: owner, letters: letters,
                    linkLetters: linkLetters, joint: joint, heading: Self.level(tag),
                    isPreformatted: preformattedDepth > 0, inline: inline))
            joint = .paragraph
        } else {
            text.removeLast(text.count - start)
        }
        start = text.count
        letters = 0
        linkLetters = 0
        inline = ElementTraits()
        needsSpace = false
        breaks = 0
    }

    private static func level(_ tag: TagName) -> UInt8 {
        switch tag {
        case .h1: 1
        case .h2: 2
        case .h3: 3
        case .h4: 4
        case .h5: 5
        case .h6: 6
        default: 0
        }
    }
}

/// A set of element names that have a constant, as bits.
struct KnownTags {
    private var bits: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init(_ tags: TagName...) {
        for tag in tags {
            let bit = UInt64(1) << UInt64(tag.rawValue & 63)
            switch tag.rawValue >> 6 {
            case 0: bits.0 |= bit
            case 1: bits.1 |= bit
            case 2: bits.2 |= bit
            default: bits.3 |= bit
            }
        }
    }

    @inline(__always) func contains(_ tag: TagName) -> Bool {
        let bit = UInt64(1) << UInt64(tag.rawValue & 63)
        switch tag.rawValue >> 6 {
        case 0: return bits.0 & bit != 0
        case 1: return bits.1 & bit != 0
        case 2: return bits.2 & bit != 0
        case 3: return bits.3 & bit != 0
        default: return false
        }
    }
}
