import HTML

/// Reads what of a parsed document is content, with its structure, in one walk.
struct RichContentReader {
    typealias NodeIndex = HTMLDocument.NodeIndex

    private let document: HTMLDocument
    private let base: Address?
    private let selection: Selection?
    private let picture: (NodeIndex) -> RichContent.Picture?
    private var builder = RichContentBuilder()
    /// Elements that are open and end something.
    private var open: [Open] = []
    /// The block whose text comes next, and whether it is content.
    private var nextBlock = 0
    private var isContent: Bool

    private struct Open {
        var node: NodeIndex
        var depth: Int?
        var marks: RichContent.Marks
        var link: Int?
        var isBlock: Bool
    }

    /// The blocks of a page that are content.
    struct Selection {
        /// The first text of each block, in document order.
        var starts: [NodeIndex]
        var isContent: [Bool]
        var seesHidden: Bool
    }

    /// Reads what stands below `root`.
    ///
    /// - Parameters:
    ///   - base: what addresses are relative to.
    ///   - selection: which text counts; nil for all that can be seen.
    ///   - picture: what is shown of an `img`; nil for nothing.
    static func read(
        _ document: HTMLDocument, below root: NodeIndex, base: String?, selection: Selection? = nil,
        picture: (NodeIndex) -> RichContent.Picture?
    ) -> RichContent {
        withoutActuallyEscaping(picture) { picture in
            var reader = RichContentReader(document, base, selection, picture)
            reader.walk(root)
            return reader.builder.finish()
        }
    }

    private init(
        _ document: HTMLDocument, _ base: String?, _ selection: Selection?,
        _ picture: @escaping (NodeIndex) -> RichContent.Picture?
    ) {
        self.document = document
        self.base = base.flatMap(Address.init)
        self.selection = selection
        self.picture = picture
        isContent = selection == nil
    }

    private mutating func walk(_ root: NodeIndex) {
        var node = root
        while true {
            if enter(node, isRoot: node == root), document.nodes[Int(node)].firstChild != HTMLDocument.none {
                node = document.nodes[Int(node)].firstChild
                continue
            }
            while true {
                leave(node)
                if node == root { return }
                let next = document.nodes[Int(node)].nextSibling
                if next != HTMLDocument.none {
                    node = next
                    break
                }
                node = document.nodes[Int(node)].parent
            }
        }
    }

    // MARK: Elements

    /// Whether what stands in the node is to be read; what this opens, ``leave(_:)`` closes.
    private mutating func enter(_ node: NodeIndex, isRoot: Bool) -> Bool {
        let entry = document.nodes[Int(node)]
        if entry.kind == .text {
            text(node, entry.text)
            return false
        }
        if isRoot { return true }
        guard entry.kind == .element, entry.namespace == .html, !OutlineBuilder.neverSeen.contains(entry.tag) else {
            return false
        }
        switch entry.tag {
        case .br:
            builder.addBreak()
            return false
        case .img:
            if let picture = picture(node) { builder.add(picture) }
            return false
        case .a: if Permalink.isOne(node, document) { return false }
        default: break
        }
        guard selection?.seesHidden == true || document.withAttributes(of: node, { Visibility.isSeen($0, document) })
        else {
            return false
        }
        if entry.tag == .hr {
            builder.addRule()
            return false
        }
        let isBlock = OutlineBuilder.blockTags.contains(entry.tag)
        let marks = builder.marks.union(Self.marks(entry.tag))
        guard isBlock || marks != builder.marks || entry.tag == .a else { return true }
        open.append(Open(node: node, depth: nil, marks: builder.marks, link: builder.link, isBlock: isBlock))
        builder.marks = marks
        if entry.tag == .a {
            let href = document.attributeString(.href, of: node)
            builder.beginLink(href.flatMap { SafeAddress.link($0, base: base) })
        }
        if isBlock {
            if let block = block(node, entry.tag) {
                open[open.count - 1].depth = builder.open(block)
            } else {
                builder.border()
            }
        }
        return true
    }

    private mutating func leave(_ node: NodeIndex) {
        guard let last = open.last, last.node == node else { return }
        open.removeLast()
        builder.marks = last.marks
        builder.link = last.link
        guard last.isBlock else { return }
        if let depth = last.depth { builder.close(to: depth) } else { builder.border() }
    }

    private static func marks(_ tag: TagName) -> RichContent.Marks {
        switch tag {
        case .strong, .b: .strong
        case .em, .i, .cite, .dfn, .`var`: .emphasis
        case .del, .s, .strike: .deleted
        case .code, .kbd, .samp, .tt: .code
        case .sub: .lowered
        case .sup: .raised
        default: []
        }
    }

    private func block(_ node: NodeIndex, _ tag: TagName) -> RichContent.Block? {
        switch tag {
        case .p: .paragraph
        case .h1: .heading(level: 1)
        case .h2: .heading(level: 2)
        case .h3: .heading(level: 3)
        case .h4: .heading(level: 4)
        case .h5: .heading(level: 5)
        case .h6: .heading(level: 6)
        case .blockquote: .quote
        case .ul, .menu, .dir: .list(start: nil)
        case .ol: .list(start: number(.start, of: node, in: 0...999_999) ?? 1)
        case .li: .item
        case .dl: .definitions
        case .dt: .term
        case .dd: .definition
        case .pre, .listing: .code(language: CodeLanguage.of(node, document))
        case .figure: .figure
        case .figcaption: .caption
        case .table:
            TableShape.isData(
                node, document, seesHidden: selection?.seesHidden ?? false, isPicture: { picture($0) != nil })
                ? .table : nil
        case .caption: .tableCaption
        case .tr: .row
        case .td, .th:
            .cell(
                isHeader: tag == .th, columns: number(.colspan, of: node, in: 1...100) ?? 1,
                rows: number(.rowspan, of: node, in: 1...1000) ?? 1)
        default: nil
        }
    }

    private func number(_ name: AttributeName, of node: NodeIndex, in range: ClosedRange<Int>) -> Int? {
        document.attributeString(name, of: node).flatMap { Int($0) }.flatMap { range.contains($0) ? $0 : nil }
    }

    // MARK: Text

    private mutating func text(_ node: NodeIndex, _ range: HTMLDocument.TextRange) {
        if let selection, nextBlock < selection.starts.count, selection.starts[nextBlock] == node {
            isContent = selection.isContent[nextBlock]
            nextBlock += 1
        }
        guard isContent else { return }
        let isCode = builder.isInCode
        document.withBytes(range) { bytes in
            if isCode { code(bytes) } else { words(bytes) }
        }
    }

    private mutating func words(_ bytes: UnsafeBufferPointer<UInt8>) {
        var index = 0
        var start = 0
        func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7F }
        while index < bytes.count {
            let byte = bytes[index]
            if !isBlank(byte), byte < 0x80 {
                index += 1
                continue
            }
            let odd = isBlank(byte) ? (length: 1, isSpace: true) : OutlineBuilder.oddSpace(bytes, at: index)
            if odd.length == 0 {
                if index == start, builder.isAtStart, OutlineBuilder.isJoiner(bytes, at: index) {
                    index += 3
                    start = index
                } else {
                    index += 1
                }
                continue
            }
            if index > start { builder.add(word: UnsafeBufferPointer(rebasing: bytes[start..<index])) }
            if odd.isSpace { builder.addSpace() }
            index += odd.length
            start = index
        }
        if index > start { builder.add(word: UnsafeBufferPointer(rebasing: bytes[start..<index])) }
    }

    /// Whether there is anything but white space and marks without width.
    static func hasWord(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count {
            if bytes[index] > 0x20, bytes[index] < 0x7F { return true }
            let length = bytes[index] < 0x80 ? 1 : OutlineBuilder.oddSpace(bytes, at: index).length
            let isJoiner = length == 0 && OutlineBuilder.isJoiner(bytes, at: index)
            if length == 0, !isJoiner { return true }
            index += isJoiner ? 3 : length
        }
        return false
    }

    /// Code is kept as it is but for controls, odd spaces, which become plain ones, and marks without width.
    private mutating func code(_ bytes: UnsafeBufferPointer<UInt8>) {
        var clean: [UInt8] = []
        clean.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x80 {
                if byte >= 0x20 && byte != 0x7F || byte == 0x09 || byte == 0x0A { clean.append(byte) }
                index += 1
                continue
            }
            let odd = OutlineBuilder.oddSpace(bytes, at: index)
            if odd.length > 0 {
                if odd.isSpace { clean.append(0x20) }
                index += odd.length
            } else {
                clean.append(byte)
                index += 1
            }
        }
        clean.withUnsafeBufferPointer { builder.add(code: $0) }
    }
}
