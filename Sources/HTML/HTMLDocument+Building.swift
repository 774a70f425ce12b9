extension HTMLDocument {
    func append(_ child: NodeIndex, to parent: NodeIndex) {
        let last = nodes[Int(parent)].lastChild
        nodes[Int(child)].parent = parent
        nodes[Int(child)].previousSibling = last
        nodes[Int(child)].nextSibling = Self.none
        if last == Self.none { nodes[Int(parent)].firstChild = child } else { nodes[Int(last)].nextSibling = child }
        nodes[Int(parent)].lastChild = child
    }

    func insert(_ child: NodeIndex, before sibling: NodeIndex) {
        let parent = nodes[Int(sibling)].parent
        let previous = nodes[Int(sibling)].previousSibling
        nodes[Int(child)].parent = parent
        nodes[Int(child)].previousSibling = previous
        nodes[Int(child)].nextSibling = sibling
        nodes[Int(sibling)].previousSibling = child
        if previous == Self.none {
            nodes[Int(parent)].firstChild = child
        } else {
            nodes[Int(previous)].nextSibling = child
        }
    }

    func detach(_ node: NodeIndex) {
        let (parent, previous, next) = (
            nodes[Int(node)].parent, nodes[Int(node)].previousSibling, nodes[Int(node)].nextSibling
        )
        guard parent != Self.none else { return }
        if previous == Self.none {
            nodes[Int(parent)].firstChild = next
        } else {
            nodes[Int(previous)].nextSibling = next
        }
        if next == Self.none {
            nodes[Int(parent)].lastChild = previous
        } else {
            nodes[Int(next)].previousSibling = previous
        }
        nodes[Int(node)].parent = Self.none
        nodes[Int(node)].previousSibling = Self.none
        nodes[Int(node)].nextSibling = Self.none
    }

    func moveChildren(of node: NodeIndex, to target: NodeIndex) {
        while nodes[Int(node)].firstChild != Self.none {
            let child = nodes[Int(node)].firstChild
            detach(child)
            append(child, to: target)
        }
    }

    func makeNode(_ kind: Kind, text: TextRange = .empty) -> NodeIndex {
        nodes.append(Node(kind: kind, namespace: .html, tag: TagName(0), text: text))
        return NodeIndex(nodes.count - 1)
    }

    func makeElement(_ tag: TagName, _ namespace: Namespace, _ list: [Attribute]) -> NodeIndex {
        var node = Node(kind: .element, namespace: namespace, tag: tag)
        node.firstAttribute = Int32(attributes.count)
        node.attributeCount = Int32(list.count)
        attributes.append(contentsOf: list)
        nodes.append(node)
        return NodeIndex(nodes.count - 1)
    }

    /// A new element with the name and attributes of another.
    func copyElement(_ node: NodeIndex) -> NodeIndex {
        var copy = nodes[Int(node)]
        copy.parent = Self.none
        copy.firstChild = Self.none
        copy.lastChild = Self.none
        copy.previousSibling = Self.none
        copy.nextSibling = Self.none
        nodes.append(copy)
        return NodeIndex(nodes.count - 1)
    }

    /// Adds those attributes that the element does not have yet.
    func addMissing(_ list: [Attribute], to node: NodeIndex) {
        let missing = list.filter { attribute($0.name, of: node) == nil }
        guard !missing.isEmpty else { return }
        let existing = Array(attributes(of: node))
        nodes[Int(node)].firstAttribute = Int32(attributes.count)
        nodes[Int(node)].attributeCount = Int32(existing.count + missing.count)
        attributes.append(contentsOf: existing + missing)
    }

    /// Puts bytes into the side buffer.
    func store(_ bytes: some Collection<UInt8>) -> TextRange {
        let start = side.count
        side.append(contentsOf: bytes)
        return TextRange(start: ~Int32(start), count: Int32(side.count - start))
    }

    /// One range for two that follow one another: no copy when they are neighbours in the input.
    func join(_ first: TextRange, _ second: TextRange) -> TextRange {
        if first.count == 0 { return second }
        if first.start >= 0, first.start + first.count == second.start {
            return TextRange(start: first.start, count: first.count + second.count)
        }
        // A text that is at the side buffer's end grows there, so many small pieces cost what they hold.
        if first.start >= 0 || Int(~first.start) + Int(first.count) != side.count {
            let bytes = withBytes(first) { Array($0) }
            let moved = store(bytes)
            return join(moved, second)
        }
        let bytes = withBytes(second) { Array($0) }
        side.append(contentsOf: bytes)
        return TextRange(start: first.start, count: first.count + second.count)
    }

    func part(_ range: TextRange, from start: Int, to end: Int) -> TextRange {
        TextRange(
            start: range.start >= 0 ? range.start + Int32(start) : range.start - Int32(start), count: Int32(end - start)
        )
    }
}
