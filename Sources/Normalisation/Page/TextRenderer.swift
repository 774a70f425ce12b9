import HTML

/// Writes the content of a page as text blocks with one blank line between them.
struct TextRenderer {
    typealias NodeIndex = HTMLDocument.NodeIndex

    /// A block of text.
    struct Block {
        var text: [UInt8]
        var node: NodeIndex
        var linkLength: Int
        var length: Int
        var isHeading: Bool
        var isItem: Bool
    }

    private let tree: PageTree
    private let document: HTMLDocument
    private(set) var blocks: [Block] = []
    private(set) var images: [(node: NodeIndex, caption: String?)] = []
    private(set) var links: [HTMLDocument.TextRange] = []
    private var current: [UInt8] = []
    private var currentNode: NodeIndex = 0
    private var linkLength = 0
    private var length = 0
    private var needsSpace = false

    private static let blockTags: Set<TagName> = [
        .p, .div, .h1, .h2, .h3, .h4, .h5, .h6, .ul, .ol, .li, .dl, .dt, .dd, .table, .tr, .caption, .section, .article,
        .aside,
        .header, .footer, .main, .nav, .figure, .figcaption, .blockquote, .pre, .hr, .form, .fieldset, .address,
        .center,
        .details, .summary, .tbody, .thead, .tfoot, .body, .hgroup, .listing, .legend, .menu, .dir, .label, .option,
    ]
    private static let headings: Set<TagName> = [.h1, .h2, .h3, .h4, .h5, .h6]

    init(_ tree: PageTree) {
        self.tree = tree
        document = tree.document
    }

    mutating func render(_ root: NodeIndex) {
        // An explicit stack: markup may nest deeper than a thread's own.
        var stack: [(node: NodeIndex, isEnd: Bool)] = [(root, false)]
        var linkDepth = 0
        var preDepth = 0
        while let (node, isEnd) = stack.popLast() {
            let entry = document.nodes[Int(node)]
            if isEnd {
                if entry.tag == .a { linkDepth -= 1 }
                if entry.tag == .pre {
                    endBlock(node)
                    preDepth -= 1
                } else if Self.blockTags.contains(entry.tag) {
                    endBlock(node)
                }
                continue
            }
            if entry.kind == .text {
                append(entry.text, isLink: linkDepth > 0, isPreformatted: preDepth > 0, in: entry.parent)
                continue
            }
            guard entry.kind == .element, !tree.isExcluded[Int(node)], node == root || isSeen(node) else { continue }
            switch entry.tag {
            case .br:
                current.append(0x0A)
                needsSpace = false
                continue
            case .img:
                images.append((node, nil))
                continue
            case .td, .th: if !current.isEmpty { needsSpace = true }
            case .a:
                linkDepth += 1
                if let href = document.attribute(.href, of: node) { links.append(href) }
            case .pre:
                endBlock(node)
                preDepth += 1
            case _ where Self.blockTags.contains(entry.tag): endBlock(node)
            default: break
            }
            stack.append((node, true))
            var child = entry.lastChild
            while child != HTMLDocument.none {
                stack.append((child, false))
                child = document.nodes[Int(child)].previousSibling
            }
        }
        endBlock(root)
    }

    private func isSeen(_ node: NodeIndex) -> Bool { tree.isSeen(node) }

    private mutating func append(
        _ range: HTMLDocument.TextRange, isLink: Bool, isPreformatted: Bool, in parent: NodeIndex
    ) {
        if current.isEmpty { currentNode = parent }
        document.withBytes(range) { bytes in
            if isPreformatted {
                current.append(contentsOf: bytes)
                length += bytes.count
                return
            }
            var index = 0
            while index < bytes.count {
                let byte = bytes[index]
                // White space of every kind is one space; zero-width marks go.
                if byte <= 0x20 {
                    needsSpace = true
                    index += 1
                    continue
                }
                if byte == 0xC2, index + 1 < bytes.count, bytes[index + 1] == 0xA0 {
                    needsSpace = true
                    index += 2
                    continue
                }
                if byte == 0xC2, index + 1 < bytes.count, bytes[index + 1] == 0xAD {
                    index += 2
                    continue
                }
                if byte == 0xE2, index + 2 < bytes.count, bytes[index + 1] == 0x80, bytes[index + 2] == 0x8B {
                    index += 3
                    continue
                }
                if needsSpace {
                    if let last = current.last, last != 0x0A { current.append(0x20) }
                    needsSpace = false
                }
                current.append(byte)
                if byte & 0xC0 != 0x80 {
                    length += 1
                    if isLink { linkLength += 1 }
                }
                index += 1
            }
        }
    }

    private mutating func endBlock(_ node: NodeIndex) {
        defer {
            current.removeAll(keepingCapacity: true)
            linkLength = 0
            length = 0
            needsSpace = false
        }
        let lines = current.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard length > 0 else { return }
        var owner = currentNode
        var isHeading = false
        var isItem = false
        var steps = 0
        while owner != HTMLDocument.none, steps < 6 {
            let tag = document.nodes[Int(owner)].tag
            if Self.headings.contains(tag) { isHeading = true }
            if tag == .li || tag == .dd || tag == .dt { isItem = true }
            if Self.blockTags.contains(tag) { break }
            owner = document.nodes[Int(owner)].parent
            steps += 1
        }
        var text: [UInt8] = []
        if tree.document.isElement(owner, .pre) {
            text = current
            while let last = text.last, last <= 0x20 { text.removeLast() }
        } else {
            // One break is a line, two are a paragraph.
            var blanks = 0
            for line in lines {
                let trimmed = Self.trim(line)
                if trimmed.isEmpty {
                    blanks += 1
                    continue
                }
                if !text.isEmpty { text.append(contentsOf: blanks > 0 ? [0x0A, 0x0A] : [0x0A]) }
                text.append(contentsOf: trimmed)
                blanks = 0
            }
        }
        guard !text.isEmpty else { return }
        blocks.append(
            Block(text: text, node: owner, linkLength: linkLength, length: length, isHeading: isHeading, isItem: isItem)
        )
    }

    private static func trim(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line.drop { $0 <= 0x20 }
        while let last = line.last, last <= 0x20 { line.removeLast() }
        return line
    }
}
