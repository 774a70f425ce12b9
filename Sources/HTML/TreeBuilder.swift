/// The tree construction of the HTML standard (section 13.2.6), scripting off.
///
/// Each insertion mode has a method in `TreeBuilder+….swift`; `again` asks for the token to be taken once more, in the
/// mode that is then set.
struct TreeBuilder {
    typealias NodeIndex = HTMLDocument.NodeIndex

    enum Mode {
        case initial, beforeHTML, beforeHead, inHead, inHeadNoscript, afterHead, inBody, text, inTable, inTableText,
            inCaption, inColumnGroup, inTableBody, inRow, inCell, inTemplate, afterBody,
            inFrameset, afterFrameset, afterAfterBody, afterAfterFrameset
    }

    /// An entry of the list of active formatting elements.
    struct Formatting {
        /// Nil for a marker.
        var element: OpenElements.Entry?
        /// A number that elements of the same name with the same attributes have in common.
        var signature: UInt64 = 0
        static let marker = Formatting()
    }

    var tree: HTMLTree
    let limits: HTMLLimits
    var tokenizer: Tokenizer
    var mode = Mode.initial
    var originalMode = Mode.initial
    var templateModes: [Mode] = []
    var open = OpenElements()
    var formatting: [Formatting] = []
    var head: OpenElements.Entry?
    var form: OpenElements.Entry?
    var framesetIsFine = true
    var fosters = false
    var ignoresLineFeed = false
    var again = false
    var pendingTableText: [HTMLDocument.TextRange] = []
    /// The element that a fragment is parsed for.
    var context: OpenElements.Entry?
    /// More entries would let a small input make many nodes (each paragraph opens them all anew).
    static let formattingLimit = 64
    /// Elements that a table may have open behind the limit.
    private static let tableRoom = 8

    init(_ tree: consuming HTMLTree, _ bytes: UnsafeBufferPointer<UInt8>, limits: HTMLLimits) {
        self.tree = tree
        self.limits = limits
        tokenizer = Tokenizer(bytes, limits: limits)
    }

    mutating func run() {
        var token = Token()
        repeat {
            tokenizer.allowsCDATA = isInForeignContent
            tokenizer.next(&token, &tree)
            if ignoresLineFeed {
                ignoresLineFeed = false
                if token.kind == .characters, dropLineFeed(&token) { continue }
            }
            take(&token)
            if tree.nodes.count > limits.nodes {
                tree.isTruncated = true
                return
            }
        } while token.kind != .end
    }

    private func dropLineFeed(_ token: inout Token) -> Bool {
        guard tree.withBytes(token.text, { $0.first == 0x0A }) else { return false }
        token.text = tree.part(token.text, from: 1, to: Int(token.text.count))
        return token.text.count == 0
    }

    mutating func take(_ token: inout Token) {
        repeat {
            again = false
            if isInForeignContent, isForeign(token) { inForeignContent(&token) } else { dispatch(&token) }
        } while again
    }

    mutating func dispatch(_ token: inout Token) {
        switch mode {
        case .initial: initial(&token)
        case .beforeHTML: beforeHTML(&token)
        case .beforeHead: beforeHead(&token)
        case .inHead: inHead(&token)
        case .inHeadNoscript: inHeadNoscript(&token)
        case .afterHead: afterHead(&token)
        case .inBody: inBody(&token)
        case .text: text(&token)
        case .inTable: inTable(&token)
        case .inTableText: inTableText(&token)
        case .inCaption: inCaption(&token)
        case .inColumnGroup: inColumnGroup(&token)
        case .inTableBody: inTableBody(&token)
        case .inRow: inRow(&token)
        case .inCell: inCell(&token)
        case .inTemplate: inTemplate(&token)
        case .afterBody: afterBody(&token)
        case .inFrameset: inFrameset(&token)
        case .afterFrameset: afterFrameset(&token)
        case .afterAfterBody: afterAfterBody(&token)
        case .afterAfterFrameset: afterAfterFrameset(&token)
        }
    }

    /// The token is to be taken again in another mode.
    mutating func retake(in mode: Mode) {
        self.mode = mode
        again = true
    }

    // MARK: The stack of open elements

    var current: NodeIndex { open.last?.node ?? 0 }

    /// In a fragment the context element stands for the root.
    var adjustedCurrent: OpenElements.Entry? { context != nil && open.count == 1 ? context : open.last }

    /// Whether the adjusted current node is none of HTML's.
    @inline(__always) var isInForeignContent: Bool {
        guard let last = open.last else { return false }
        if open.count == 1, let context { return context.namespace != .html }
        return last.namespace != .html
    }

    @inline(__always) func isCurrent(_ tag: TagName) -> Bool { open.last?.isHTML(tag) ?? false }

    @inline(__always) func isCurrent(in set: TagSet) -> Bool { open.last?.isHTML(in: set) ?? false }

    mutating func popUntil(_ tag: TagName) {
        while let entry = open.pop() { if entry.isHTML(tag) { return } }
    }

    mutating func popUntil(in set: TagSet) {
        while let entry = open.pop() { if entry.isHTML(in: set) { return } }
    }

    /// Clears the stack back to one of these elements, which stays.
    mutating func clear(to set: TagSet) {
        while open.count > 1, !isCurrent(in: set) { open.pop() }
    }

    mutating func generateImpliedEndTags(except: TagName? = nil, _ set: TagSet = .impliedEnd) {
        while let entry = open.last, entry.isHTML(in: set), entry.tag != except { open.pop() }
    }

    mutating func closeParagraph() {
        generateImpliedEndTags(except: .p)
        popUntil(.p)
    }

    @inline(__always) mutating func closeParagraphInButtonScope() {
        if open.isInScope(.p, .buttonScope) { closeParagraph() }
    }

    // MARK: Insertion

    /// Where the next node goes: as the last child of a parent, or before a sibling.
    func place(for target: OpenElements.Entry? = nil) -> (parent: NodeIndex, before: NodeIndex) {
        guard let target = target ?? open.last else { return (0, HTMLDocument.none) }
        guard fosters, target.isHTML(in: .tableContext) else { return (content(of: target), HTMLDocument.none) }
        let template = open.lastIndex(of: .template)
        let table = open.lastIndex(of: .table)
        if let template, template > table ?? -1 { return (content(of: open[template]), HTMLDocument.none) }
        guard let table, table > 0 else { return (open[0].node, HTMLDocument.none) }
        let parent = tree.nodes[Int(open[table].node)].parent
        if parent != HTMLDocument.none { return (parent, open[table].node) }
        return (open[table - 1].node, HTMLDocument.none)
    }

    @inline(__always) private func content(of entry: OpenElements.Entry) -> NodeIndex {
        if entry.isHTML(.template), let content = tree.templateContents[entry.node] { return content }
        return entry.node
    }

    mutating func put(_ node: NodeIndex, at place: (parent: NodeIndex, before: NodeIndex)) {
        if place.before != HTMLDocument.none {
            tree.insert(node, before: place.before)
        } else {
            tree.append(node, to: place.parent)
        }
    }

    @discardableResult
    mutating func insertElement(_ token: Token, _ namespace: HTMLDocument.Namespace = .html) -> OpenElements.Entry {
        insertElement(token.tag, namespace, token.attributes)
    }

    @discardableResult
    mutating func insertElement(
        _ tag: TagName, _ namespace: HTMLDocument.Namespace = .html, _ attributes: Range<Int> = 0..<0
    ) -> OpenElements.Entry {
        // Deeper elements become siblings of the deepest, so that no input makes a tree too deep to walk. The parts of a
        // table are such only when there is no room for a table more.
        if open.count >= limits.depth, open.count >= limits.depth + Self.tableRoom || !isCurrent(in: .tableContext) {
            open.pop()
        }
        let node = tree.makeElement(tag, namespace, attributes)
        put(node, at: place())
        let entry = OpenElements.Entry(node: node, tag: tag, namespace: namespace)
        open.push(entry)
        if tag == .template, namespace == .html { tree.templateContents[node] = tree.makeNode(.fragment) }
        return entry
    }

    /// Inserts an element that has no content.
    mutating func insertVoid(_ token: Token) {
        insertElement(token)
        open.pop()
    }

    mutating func insertText(_ range: HTMLDocument.TextRange) {
        guard range.count > 0 else { return }
        let place = place()
        if tree.nodes[Int(place.parent)].kind == .document { return }
        let previous =
            place.before == HTMLDocument.none
            ? tree.nodes[Int(place.parent)].lastChild : tree.nodes[Int(place.before)].previousSibling
        if previous != HTMLDocument.none, tree.nodes[Int(previous)].kind == .text {
            tree.setText(previous, tree.join(tree.nodes[Int(previous)].text, range))
        } else {
            put(tree.makeNode(.text, text: range), at: place)
        }
    }

    mutating func insertComment(_ token: Token, into parent: NodeIndex? = nil) {
        let node = tree.makeNode(.comment, text: token.text)
        if let parent { tree.append(node, to: parent) } else { put(node, at: place()) }
    }

    /// Inserts an element whose content is text up to its end tag.
    mutating func insertTextElement(_ token: Token, _ mode: Tokenizer.Mode) {
        insertElement(token)
        tokenizer.mode = mode
        originalMode = self.mode
        self.mode = .text
    }

    // MARK: Characters

    /// Cuts leading white space off a run of characters; the token keeps the rest.
    func takeSpace(_ token: inout Token) -> HTMLDocument.TextRange {
        let count = tree.withBytes(token.text) { bytes in
            bytes.firstIndex { !Tokenizer.isSpace($0) && $0 != 0x0D } ?? bytes.count
        }
        let space = tree.part(token.text, from: 0, to: count)
        token.text = tree.part(token.text, from: count, to: Int(token.text.count))
        return space
    }

    func isSpace(_ range: HTMLDocument.TextRange) -> Bool {
        tree.withBytes(range) { $0.allSatisfy { Tokenizer.isSpace($0) || $0 == 0x0D } }
    }

    func isNull(_ range: HTMLDocument.TextRange) -> Bool {
        range.count == 1 && tree.withBytes(range) { $0[0] == 0 }
    }

    /// Only the white space of a run.
    mutating func onlySpace(_ range: HTMLDocument.TextRange) -> HTMLDocument.TextRange {
        if isSpace(range) { return range }
        let kept = tree.withBytes(range) { $0.filter { Tokenizer.isSpace($0) || $0 == 0x0D } }
        return tree.store(kept)
    }

    // MARK: The mode that fits the stack (section 13.2.4.1)

    mutating func resetMode() {
        for depth in stride(from: open.count - 1, through: 0, by: -1) {
            let isLast = depth == 0
            let entry = isLast ? context ?? open[depth] : open[depth]
            guard entry.namespace == .html else { continue }
            switch entry.tag {
            case .td, .th: if !isLast { return mode = .inCell }
            case .tr: return mode = .inRow
            case .tbody, .thead, .tfoot: return mode = .inTableBody
            case .caption: return mode = .inCaption
            case .colgroup: return mode = .inColumnGroup
            case .table: return mode = .inTable
            case .template: return mode = templateModes.last ?? .inBody
            case .head: if !isLast { return mode = .inHead }
            case .body: return mode = .inBody
            case .frameset: return mode = .inFrameset
            case .html: return mode = head == nil ? .beforeHead : .afterHead
            default: break
            }
        }
        mode = .inBody
    }
}
