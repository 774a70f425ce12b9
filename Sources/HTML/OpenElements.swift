/// The stack of open elements (section 13.2.4.2), with a count for each of HTML's names, so that most questions whether an
/// element is open or in scope need no look at the stack.
struct OpenElements {
    typealias NodeIndex = HTMLDocument.NodeIndex

    struct Entry {
        var node: NodeIndex
        var tag: TagName
        var namespace: HTMLDocument.Namespace

        @inline(__always) func isHTML(_ wanted: TagName) -> Bool { tag == wanted && namespace == .html }

        @inline(__always) func isHTML(in set: TagSet) -> Bool { namespace == .html && set.contains(tag) }

        /// Whether the standard puts it into the category "special".
        var isSpecial: Bool {
            switch namespace {
            case .html: TagSet.special.contains(tag)
            case .mathML: tag == .annotationXml || isMathMLTextPoint
            case .svg: isSVGPoint
            }
        }

        /// A MathML text integration point.
        var isMathMLTextPoint: Bool {
            namespace == .mathML && (tag == .mi || tag == .mo || tag == .mn || tag == .ms || tag == .mtext)
        }

        /// An HTML integration point of SVG.
        var isSVGPoint: Bool { namespace == .svg && (tag == .foreignObject || tag == .desc || tag == .title) }
    }

    private(set) var entries: [Entry] = []
    private var counts = [UInt16](repeating: 0, count: TagSet.capacity)

    init() { entries.reserveCapacity(64) }

    // MARK: Looking

    @inline(__always) var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }
    @inline(__always) var last: Entry? { entries.last }

    @inline(__always) subscript(index: Int) -> Entry { entries[index] }

    /// Whether an HTML element of that name is open.
    @inline(__always) func contains(_ tag: TagName) -> Bool {
        Int(tag.rawValue) < counts.count ? counts[Int(tag.rawValue)] > 0 : lastIndex(of: tag) != nil
    }

    /// Whether the element is open; near the end more likely than at the beginning.
    func contains(_ entry: Entry) -> Bool {
        if Int(entry.tag.rawValue) < counts.count, entry.namespace == .html, counts[Int(entry.tag.rawValue)] == 0 {
            return false
        }
        return lastIndex(ofNode: entry.node) != nil
    }

    func lastIndex(ofNode node: NodeIndex) -> Int? {
        var index = entries.count - 1
        while index >= 0 {
            if entries[index].node == node { return index }
            index -= 1
        }
        return nil
    }

    func lastIndex(of tag: TagName) -> Int? {
        if Int(tag.rawValue) < counts.count, counts[Int(tag.rawValue)] == 0 { return nil }
        var index = entries.count - 1
        while index >= 0 {
            if entries[index].isHTML(tag) { return index }
            index -= 1
        }
        return nil
    }

    /// Whether an element of that name is in scope (section 13.2.4.2).
    @inline(__always) func isInScope(_ wanted: TagName, _ scope: TagSet = .scope) -> Bool {
        contains(wanted) && isInScope(scope) { $0.isHTML(wanted) }
    }

    func isInScope(anyOf wanted: TagSet, _ scope: TagSet = .scope) -> Bool {
        isInScope(scope) { $0.isHTML(in: wanted) }
    }

    func isInScope(node wanted: NodeIndex) -> Bool { isInScope(.scope) { $0.node == wanted } }

    @inline(__always) private func isInScope(_ scope: TagSet, _ isWanted: (Entry) -> Bool) -> Bool {
        let boundedByForeign = scope.contains(.applet)
        var index = entries.count - 1
        while index >= 0 {
            let entry = entries[index]
            if isWanted(entry) { return true }
            if entry.namespace == .html ? scope.contains(entry.tag) : boundedByForeign && entry.isSpecial {
                return false
            }
            index -= 1
        }
        return false
    }

    // MARK: Changing

    mutating func push(_ entry: Entry) {
        entries.append(entry)
        add(entry, 1)
    }

    mutating func insert(_ entry: Entry, at index: Int) {
        entries.insert(entry, at: index)
        add(entry, 1)
    }

    /// Takes the last one off; an empty stack stays empty.
    @discardableResult mutating func pop() -> Entry? {
        guard let entry = entries.popLast() else { return nil }
        add(entry, -1)
        return entry
    }

    /// Takes off all from `index` on.
    mutating func removeAll(from index: Int) { while entries.count > index { pop() } }

    mutating func remove(at index: Int) { add(entries.remove(at: index), -1) }

    mutating func remove(node: NodeIndex) { if let index = lastIndex(ofNode: node) { remove(at: index) } }

    /// Puts the copy of an element into its place.
    mutating func replaceNode(at index: Int, with node: NodeIndex) { entries[index].node = node }

    @inline(__always) private mutating func add(_ entry: Entry, _ change: Int) {
        let number = Int(entry.tag.rawValue)
        guard number < counts.count, entry.namespace == .html else { return }
        // Never below zero, since what is taken off was put on.
        counts[number] = UInt16(truncatingIfNeeded: Int(counts[number]) + change)
    }
}
