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

    /// An entry of the list of active formatting elements; a marker has no node.
    struct Formatting {
        var node: NodeIndex
        var isMarker: Bool { node == HTMLDocument.none }
        static let marker = Formatting(node: HTMLDocument.none)
    }

    let document: HTMLDocument
    let limits: HTMLLimits
    var tokenizer: Tokenizer
    var mode = Mode.initial
    var originalMode = Mode.initial
    var templateModes: [Mode] = []
    var open: [NodeIndex] = []
    var formatting: [Formatting] = []
    var head = HTMLDocument.none
    var form = HTMLDocument.none
    var framesetIsFine = true
    var fosters = false
    var ignoresLineFeed = false
    var again = false
    var pendingTableText: [HTMLDocument.TextRange] = []
    /// The element that a fragment is parsed for.
    var context = HTMLDocument.none
    /// More entries would let a small input make many nodes (each paragraph opens them all anew).
    static let formattingLimit = 64

    init(_ document: HTMLDocument, _ bytes: UnsafeBufferPointer<UInt8>, limits: HTMLLimits) {
        self.document = document
        self.limits = limits
        tokenizer = Tokenizer(document, bytes, limits: limits)
    }

    mutating func run() {
        var token = Token()
        repeat {
            tokenizer.allowsCDATA = !open.isEmpty && document.nodes[Int(adjustedCurrent)].namespace != .html
            tokenizer.next(&token)
            if ignoresLineFeed {
                ignoresLineFeed = false
                if token.kind == .characters, dropLineFeed(&token) { continue }
            }
            take(&token)
            if document.nodes.count > limits.nodes {
                document.isTruncated = true
                return
            }
        } while token.kind != .end
    }

    private func dropLineFeed(_ token: inout Token) -> Bool {
        guard document.withBytes(token.text, { $0.first == 0x0A }) else { return false }
        token.text = document.part(token.text, from: 1, to: Int(token.text.count))
        return token.text.count == 0
    }

    mutating func take(_ token: inout Token) {
        repeat {
            again = false
            if isForeign(token) { inForeignContent(&token) } else { dispatch(&token) }
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

    var current: NodeIndex { open.last ?? 0 }

    /// In a fragment the context element stands for the root.
    var adjustedCurrent: NodeIndex { context != HTMLDocument.none && open.count == 1 ? context : current }

    @inline(__always) func tag(_ node: NodeIndex) -> TagName { document.nodes[Int(node)].tag }

    @inline(__always) func isHTML(_ node: NodeIndex, _ tag: TagName) -> Bool {
        let node = document.nodes[Int(node)]
        return node.tag == tag && node.namespace == .html && node.kind == .element
    }

    @inline(__always) func isHTML(_ node: NodeIndex, in set: TagSet) -> Bool {
        let node = document.nodes[Int(node)]
        return node.namespace == .html && node.kind == .element && set.contains(node.tag)
    }

    func isSpecial(_ node: NodeIndex) -> Bool {
        let node = document.nodes[Int(node)]
        switch node.namespace {
        case .html: return TagSet.special.contains(node.tag)
        case .mathML: return [.mi, .mo, .mn, .ms, .mtext, .annotationXml].contains(node.tag)
        case .svg: return [.foreignObject, .desc, .title].contains(node.tag)
        }
    }

    /// Whether an open element bounds a search for elements in scope.
    private func bounds(_ node: NodeIndex, _ set: TagSet) -> Bool {
        let entry = document.nodes[Int(node)]
        switch entry.namespace {
        case .html: return set.contains(entry.tag)
        case .mathML, .svg: return set.contains(.applet) && isSpecial(node)
        }
    }

    func isInScope(_ wanted: TagName, _ scope: TagSet = .scope) -> Bool {
        for node in open.reversed() {
            if isHTML(node, wanted) { return true }
            if bounds(node, scope) { return false }
        }
        return false
    }

    func isInScope(anyOf wanted: TagSet, _ scope: TagSet = .scope) -> Bool {
        for node in open.reversed() {
            if isHTML(node, in: wanted) { return true }
            if bounds(node, scope) { return false }
        }
        return false
    }

    func isInScope(node wanted: NodeIndex) -> Bool {
        for node in open.reversed() {
            if node == wanted { return true }
            if bounds(node, .scope) { return false }
        }
        return false
    }

    func isOpen(_ tag: TagName) -> Bool { open.contains { isHTML($0, tag) } }

    mutating func popUntil(_ tag: TagName) {
        while let node = open.popLast() { if isHTML(node, tag) { return } }
    }

    mutating func popUntil(in set: TagSet) {
        while let node = open.popLast() { if isHTML(node, in: set) { return } }
    }

    /// Clears the stack back to one of these elements, which stays.
    mutating func clear(to set: TagSet) {
        while let node = open.last, !isHTML(node, in: set), open.count > 1 { open.removeLast() }
    }

    mutating func generateImpliedEndTags(except: TagName? = nil, _ set: TagSet = .impliedEnd) {
        while let node = open.last, isHTML(node, in: set), tag(node) != except { open.removeLast() }
    }

    mutating func closeParagraph() {
        generateImpliedEndTags(except: .p)
        popUntil(.p)
    }

    mutating func closeParagraphInButtonScope() {
        if isInScope(.p, .buttonScope) { closeParagraph() }
    }

    // MARK: Insertion

    /// Where the next node goes: as the last child of a parent, or before a sibling.
    func place(for target: NodeIndex? = nil) -> (parent: NodeIndex, before: NodeIndex) {
        let target = target ?? current
        guard fosters, isHTML(target, in: .tableContext) else { return (content(of: target), HTMLDocument.none) }
        let template = open.lastIndex { isHTML($0, .template) }
        let table = open.lastIndex { isHTML($0, .table) }
        if let template, table == nil || template > table ?? 0 {
            return (content(of: open[template]), HTMLDocument.none)
        }
        guard let table else { return (open[0], HTMLDocument.none) }
        let parent = document.nodes[Int(open[table])].parent
        if parent != HTMLDocument.none { return (parent, open[table]) }
        return (open[table - 1], HTMLDocument.none)
    }

    private func content(of node: NodeIndex) -> NodeIndex {
        if isHTML(node, .template), let content = document.templateContents[node] { return content }
        return node
    }

    func put(_ node: NodeIndex, at place: (parent: NodeIndex, before: NodeIndex)) {
        if place.before != HTMLDocument.none {
            document.insert(node, before: place.before)
        } else {
            document.append(node, to: place.parent)
        }
    }

    @discardableResult
    mutating func insertElement(_ token: Token, _ namespace: HTMLDocument.Namespace = .html) -> NodeIndex {
        insertElement(token.tag, namespace, token.attributes)
    }

    @discardableResult
    mutating func insertElement(
        _ tag: TagName, _ namespace: HTMLDocument.Namespace = .html, _ attributes: [HTMLDocument.Attribute] = []
    ) -> NodeIndex {
        // Deeper elements become siblings of the deepest, so that no input makes a tree too deep to walk.
        if open.count >= limits.depth, let last = open.last, !isHTML(last, in: .tableContext) { open.removeLast() }
        let node = document.makeElement(tag, namespace, attributes)
        put(node, at: place())
        open.append(node)
        if tag == .template, namespace == .html { document.templateContents[node] = document.makeNode(.fragment) }
        return node
    }

    /// Inserts an element that has no content.
    mutating func insertVoid(_ token: Token) {
        insertElement(token)
        open.removeLast()
    }

    mutating func insertText(_ range: HTMLDocument.TextRange) {
        guard range.count > 0 else { return }
        let place = place()
        if document.nodes[Int(place.parent)].kind == .document { return }
        let previous =
            place.before == HTMLDocument.none
            ? document.nodes[Int(place.parent)].lastChild : document.nodes[Int(place.before)].previousSibling
        if previous != HTMLDocument.none, document.nodes[Int(previous)].kind == .text {
            document.nodes[Int(previous)].text = document.join(document.nodes[Int(previous)].text, range)
        } else {
            put(document.makeNode(.text, text: range), at: place)
        }
    }

    func insertComment(_ token: Token, into parent: NodeIndex? = nil) {
        let node = document.makeNode(.comment, text: token.text)
        if let parent { document.append(node, to: parent) } else { put(node, at: place()) }
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
        let count = document.withBytes(token.text) { bytes in
            bytes.firstIndex { !Tokenizer.isSpace($0) && $0 != 0x0D } ?? bytes.count
        }
        let space = document.part(token.text, from: 0, to: count)
        token.text = document.part(token.text, from: count, to: Int(token.text.count))
        return space
    }

    func isSpace(_ range: HTMLDocument.TextRange) -> Bool {
        document.withBytes(range) { $0.allSatisfy { Tokenizer.isSpace($0) || $0 == 0x0D } }
    }

    func isNull(_ range: HTMLDocument.TextRange) -> Bool {
        range.count == 1 && document.withBytes(range) { $0[0] == 0 }
    }

    /// Only the white space of a run.
    func onlySpace(_ range: HTMLDocument.TextRange) -> HTMLDocument.TextRange {
        if isSpace(range) { return range }
        let kept = document.withBytes(range) { $0.filter { Tokenizer.isSpace($0) || $0 == 0x0D } }
        return document.store(kept)
    }

    // MARK: The mode that fits the stack (section 13.2.4.1)

    mutating func resetMode() {
        for (depth, entry) in open.enumerated().reversed() {
            let isLast = depth == 0
            let node = isLast && context != HTMLDocument.none ? context : entry
            guard document.nodes[Int(node)].namespace == .html else {
                if isLast { break }
                continue
            }
            switch tag(node) {
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
            case .html: return mode = head == HTMLDocument.none ? .beforeHead : .afterHead
            default: break
            }
            if isLast { break }
        }
        mode = .inBody
    }
}
