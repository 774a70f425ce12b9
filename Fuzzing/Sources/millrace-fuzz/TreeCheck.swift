import HTML

/// What holds for every tree.
enum TreeCheck {
    /// Traps where links do not fit together, a text is out of its buffer, or the tree is deeper than allowed.
    static func check(_ document: HTMLDocument, depth limit: Int) {
        var seen = 0
        var depth = 0
        var node: HTMLDocument.NodeIndex = 0
        while true {
            let entry = document.nodes[Int(node)]
            seen += 1
            precondition(seen <= document.nodes.count, "a node is met twice")
            _ = document.withBytes(entry.text) { $0.first }
            for attribute in document.attributes(of: node) { _ = document.withBytes(attribute.value) { $0.last } }
            if let first = Self.link(entry.firstChild) {
                precondition(document.nodes[Int(first)].parent == node, "a first child has another parent")
                precondition(document.nodes[Int(first)].previousSibling == HTMLDocument.none, "one before the first")
                node = first
                depth += 1
                // Formatting elements are opened anew below the limit, and text and comments stand in elements.
                precondition(depth <= 2 * limit + 80, "too deep")
                continue
            }
            while document.nodes[Int(node)].nextSibling == HTMLDocument.none {
                guard let parent = Self.link(document.nodes[Int(node)].parent) else { return }
                precondition(document.nodes[Int(parent)].lastChild == node, "a last child is not the last")
                node = parent
                depth -= 1
            }
            let next = document.nodes[Int(node)].nextSibling
            precondition(document.nodes[Int(next)].previousSibling == node, "a sibling does not know its neighbour")
            precondition(
                document.nodes[Int(next)].parent == document.nodes[Int(node)].parent, "siblings of two parents")
            node = next
        }
    }

    private static func link(_ node: HTMLDocument.NodeIndex) -> HTMLDocument.NodeIndex? {
        node == HTMLDocument.none ? nil : node
    }
}
