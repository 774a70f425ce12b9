/// A document while it is built: a value, so that nothing in the parser's loop counts references or checks for exclusive
/// access. ``HTMLDocument`` takes over its arrays in the end.
struct HTMLTree {
    typealias NodeIndex = HTMLDocument.NodeIndex
    typealias Node = HTMLDocument.Node
    typealias Attribute = HTMLDocument.Attribute
    typealias TextRange = HTMLDocument.TextRange

    /// The identifiers of a doctype.
    struct Doctype {
        var publicID: TextRange?
        var systemID: TextRange?
    }

    private(set) var nodes: [Node] = []
    /// Attributes of all elements, then those of the tag that is being read.
    private(set) var attributes: [Attribute] = []
    /// How many of them belong to elements.
    private var keptAttributes = 0
    let input: [UInt8]
    private(set) var side: [UInt8] = []
    /// Room that texts have in the side buffer, by their start; only for texts that grew after others came behind them.
    private var room: [Int32: Int] = [:]
    var tagNames = NameTable.tags
    var attributeNames = NameTable.attributes
    var doctypes: [NodeIndex: Doctype] = [:]
    /// The content of `template` elements.
    var templateContents: [NodeIndex: NodeIndex] = [:]
    var isQuirky = false
    var isTruncated = false

    init(input: [UInt8]) {
        self.input = input
        nodes.reserveCapacity(input.count / 40 + 64)
        attributes.reserveCapacity(input.count / 60 + 64)
        nodes.append(Node(kind: .document, namespace: .html, tag: TagName(0)))
    }

    // MARK: Links

    mutating func append(_ child: NodeIndex, to parent: NodeIndex) {
        let last = nodes[Int(parent)].lastChild
        nodes[Int(parent)].lastChild = child
        if last == HTMLDocument.none {
            nodes[Int(parent)].firstChild = child
        } else {
            nodes[Int(last)].nextSibling = child
        }
        nodes[Int(child)].link(parent: parent, previous: last, next: HTMLDocument.none)
    }

    mutating func insert(_ child: NodeIndex, before sibling: NodeIndex) {
        let parent = nodes[Int(sibling)].parent
        let previous = nodes[Int(sibling)].previousSibling
        nodes[Int(child)].link(parent: parent, previous: previous, next: sibling)
        nodes[Int(sibling)].previousSibling = child
        if previous == HTMLDocument.none {
            nodes[Int(parent)].firstChild = child
        } else {
            nodes[Int(previous)].nextSibling = child
        }
    }

    mutating func detach(_ node: NodeIndex) {
        let entry = nodes[Int(node)]
        guard entry.parent != HTMLDocument.none else { return }
        if entry.previousSibling == HTMLDocument.none {
            nodes[Int(entry.parent)].firstChild = entry.nextSibling
        } else {
            nodes[Int(entry.previousSibling)].nextSibling = entry.nextSibling
        }
        if entry.nextSibling == HTMLDocument.none {
            nodes[Int(entry.parent)].lastChild = entry.previousSibling
        } else {
            nodes[Int(entry.nextSibling)].previousSibling = entry.previousSibling
        }
        nodes[Int(node)].link(parent: HTMLDocument.none, previous: HTMLDocument.none, next: HTMLDocument.none)
    }

    mutating func moveChildren(of node: NodeIndex, to target: NodeIndex) {
        while nodes[Int(node)].firstChild != HTMLDocument.none {
            let child = nodes[Int(node)].firstChild
            detach(child)
            append(child, to: target)
        }
    }

    // MARK: Nodes

    mutating func makeNode(_ kind: HTMLDocument.Kind, text: TextRange = .empty) -> NodeIndex {
        nodes.append(Node(kind: kind, namespace: .html, tag: TagName(0), text: text))
        return NodeIndex(truncatingIfNeeded: nodes.count - 1)
    }

    /// An element with the attributes that were read last, from `first` on.
    mutating func makeElement(_ tag: TagName, _ namespace: HTMLDocument.Namespace, _ list: Range<Int>) -> NodeIndex {
        var node = Node(kind: .element, namespace: namespace, tag: tag)
        node.firstAttribute = Int32(truncatingIfNeeded: list.lowerBound)
        node.attributeCount = Int32(truncatingIfNeeded: list.count)
        keptAttributes = attributes.count
        nodes.append(node)
        return NodeIndex(truncatingIfNeeded: nodes.count - 1)
    }

    /// A new element with the name and attributes of another.
    mutating func copyElement(_ node: NodeIndex) -> NodeIndex {
        var copy = nodes[Int(node)]
        copy.firstChild = HTMLDocument.none
        copy.lastChild = HTMLDocument.none
        copy.link(parent: HTMLDocument.none, previous: HTMLDocument.none, next: HTMLDocument.none)
        nodes.append(copy)
        return NodeIndex(truncatingIfNeeded: nodes.count - 1)
    }

    mutating func setText(_ node: NodeIndex, _ text: TextRange) { nodes[Int(node)].text = text }

    // MARK: Attributes

    /// Begins the attributes of a tag: those of the last one go, unless an element has them.
    mutating func beginAttributes() -> Int {
        if attributes.count > keptAttributes { attributes.removeLast(attributes.count - keptAttributes) }
        return attributes.count
    }

    mutating func appendAttribute(_ name: AttributeName, _ value: TextRange) {
        attributes.append(Attribute(name: name, value: value))
    }

    mutating func renameAttribute(_ index: Int, _ name: AttributeName) { attributes[index].name = name }

    func attributeRange(of node: NodeIndex) -> Range<Int> {
        let node = nodes[Int(node)]
        return Int(node.firstAttribute)..<Int(node.firstAttribute) + Int(node.attributeCount)
    }

    func attribute(_ name: AttributeName, of node: NodeIndex) -> TextRange? {
        for index in attributeRange(of: node) where attributes[index].name == name { return attributes[index].value }
        return nil
    }

    /// Adds those attributes that the element does not have yet, up to `limit` in all.
    mutating func addMissing(_ list: Range<Int>, to node: NodeIndex, limit: Int) {
        let existing = attributeRange(of: node)
        guard existing.count < limit else { return }
        let missing = attributes[list].filter { attribute($0.name, of: node) == nil }
        guard !missing.isEmpty else { return }
        let first = attributes.count
        attributes.append(contentsOf: Array(attributes[existing]))
        attributes.append(contentsOf: missing.prefix(limit - existing.count))
        nodes[Int(node)].firstAttribute = Int32(truncatingIfNeeded: first)
        nodes[Int(node)].attributeCount = Int32(truncatingIfNeeded: attributes.count - first)
        keptAttributes = attributes.count
    }

    // MARK: Texts

    /// The bytes of a range, without copying them; valid during the call.
    @inline(__always) func withBytes<Result>(_ range: TextRange, _ body: (UnsafeBufferPointer<UInt8>) -> Result)
        -> Result
    {
        func call(_ buffer: UnsafeBufferPointer<UInt8>) -> Result {
            let bounds = range.bounds
            precondition(bounds.upperBound <= buffer.count)
            return body(UnsafeBufferPointer(rebasing: buffer[bounds]))
        }
        return range.start >= 0 ? input.withUnsafeBufferPointer(call) : side.withUnsafeBufferPointer(call)
    }

    func string(_ range: TextRange) -> String { withBytes(range) { String(decoding: $0, as: UTF8.self) } }

    /// The side buffer is addressed with 31 bits; what would go beyond is cut, and said.
    private mutating func hasRoom(for count: Int) -> Bool {
        if side.count + count < 1 << 30 { return true }
        isTruncated = true
        return false
    }

    /// Puts bytes into the side buffer.
    mutating func store(_ bytes: some Collection<UInt8>) -> TextRange {
        guard hasRoom(for: bytes.count) else { return .empty }
        let start = side.count
        side.append(contentsOf: bytes)
        return TextRange(start: ~Int32(truncatingIfNeeded: start), count: Int32(truncatingIfNeeded: side.count - start))
    }

    /// One range for two that follow one another: no copy when they are neighbours in the input.
    mutating func join(_ first: TextRange, _ second: TextRange) -> TextRange {
        if first.count == 0 { return second }
        let count = Int(first.count) + Int(second.count)
        if first.start >= 0, first.start + first.count == second.start { return first.resized(count) }
        let added = withBytes(second) { Array($0) }
        if first.start < 0 {
            let end = first.bounds.upperBound
            // A text at the side buffer's end grows there, so that many small pieces cost what they hold.
            if end == side.count {
                guard hasRoom(for: added.count) else { return first }
                side.append(contentsOf: added)
                return first.resized(count)
            }
            if let capacity = room[first.start], count <= capacity {
                side.replaceSubrange(end..<end + added.count, with: added)
                return first.resized(count)
            }
        }
        // It moves to the end. One that moves for the second time gets twice the room that it needs, since texts that grow
        // in turn would be copied again and again.
        let moved = withBytes(first) { Array($0) }
        let capacity = first.start < 0 ? 2 * count : count
        guard hasRoom(for: capacity) else { return first }
        room[first.start] = nil
        let joined = store(moved)
        side.append(contentsOf: added)
        if capacity > count {
            room[joined.start] = capacity
            side.append(contentsOf: repeatElement(0, count: capacity - count))
        }
        return joined.resized(count)
    }

    func part(_ range: TextRange, from start: Int, to end: Int) -> TextRange {
        let shift = Int32(truncatingIfNeeded: start)
        return TextRange(
            start: range.start >= 0 ? range.start + shift : range.start - shift,
            count: Int32(truncatingIfNeeded: end - start))
    }
}

extension HTMLDocument.TextRange {
    /// Where it is in its buffer. Within it, since ranges are made of what was found or put there.
    @inline(__always) var bounds: Range<Int> {
        let first = Int(start >= 0 ? start : ~start)
        return first..<first + Int(count)
    }

    func resized(_ count: Int) -> Self { Self(start: start, count: Int32(truncatingIfNeeded: count)) }
}

extension HTMLDocument.Node {
    @inline(__always) mutating func link(
        parent: HTMLDocument.NodeIndex, previous: HTMLDocument.NodeIndex, next: HTMLDocument.NodeIndex
    ) {
        self.parent = parent
        previousSibling = previous
        nextSibling = next
    }
}
