import HTML

/// Decides which part of a page is its content.
struct ContentSelection {
    typealias NodeIndex = HTMLDocument.NodeIndex

    private(set) var tree: PageTree
    let kind: PageKind

    init(_ tree: PageTree, kind: PageKind) {
        self.tree = tree
        self.kind = kind
        excludeBoilerplate()
        root = tree.body
        root = selectRoot()
    }

    /// The element whose text is the content.
    private(set) var root: NodeIndex = 0

    // MARK: What is left out

    private mutating func excludeBoilerplate() {
        let whole = Float(max(tree.textLength[Int(tree.body)], 1))
        for node in tree.order {
            let entry = tree.document.nodes[Int(node)]
            guard entry.kind == .element, node != tree.body, !isBelowExcluded(node) else { continue }
            let share = Float(tree.textLength[Int(node)]) / whole
            if isBoilerplate(node, entry, share: share) { tree.exclude(node) }
        }
    }

    private func isBelowExcluded(_ node: NodeIndex) -> Bool { hasAncestor(node) { tree.isExcluded[Int($0)] } }

    private func hasAncestor(_ node: NodeIndex, _ test: (NodeIndex) -> Bool) -> Bool {
        var ancestor = tree.document.nodes[Int(node)].parent
        while ancestor != HTMLDocument.none, ancestor != tree.body {
            if test(ancestor) { return true }
            ancestor = tree.document.nodes[Int(ancestor)].parent
        }
        return false
    }

    private func isBoilerplate(_ node: NodeIndex, _ entry: HTMLDocument.Node, share: Float) -> Bool {
        let document = tree.document
        switch entry.tag {
        case .nav, .menu: return share < 0.6
        case .footer: return share < 0.4
        case .aside: return share < 0.4
        case .header:
            // The head of an article may hold its title and lead.
            return share < 0.3
                && !hasAncestor(node) { document.isElement($0, .article) || document.isElement($0, .main) }
        case .form: return share < 0.25 && tree.mass[Int(node)] < 3
        case .body, .html, .main, .article: return false
        case .p, .h1, .pre, .blockquote, .td, .tr, .tbody, .table, .code: return false
        default: break
        }
        if let role = document.attributeString(.role, of: node) {
            switch role.lowercased() {
            case "navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu",
                "menubar",
                "tooltip", "toolbar":
                return share < 0.4
            default: break
            }
        }
        if let hidden = document.attribute(.ariaHidden, of: node), document.string(hidden) == "true", share < 0.3 {
            return true
        }
        let hints = tree.hints[Int(node)]
        if hints.contains(.comments), kind != .forum { return share < 0.75 }
        if hints.contains(.boilerplate) {
            // Words such as "content" beside "sidebar" mean the page's frame, not the side bar.
            let limit: Float = hints.contains(.content) ? 0.12 : 0.35
            return share < limit
        }
        return false
    }

    // MARK: Where the content is

    private func selectRoot() -> NodeIndex {
        let total = tree.mass[Int(tree.body)]
        guard total > 0 else { return tree.body }
        if let marked = markedRoot(total) { return descend(from: marked, keeping: 0.9) }
        return descend(from: tree.body, keeping: kind == .article ? 0.72 : 0.85)
    }

    /// An element that says itself that it is the content, and holds a good part of the text.
    private func markedRoot(_ total: Float) -> NodeIndex? {
        var best: (node: NodeIndex, weight: Float)?
        var articles = 0
        for node in tree.order where tree.document.nodes[Int(node)].kind == .element {
            guard !tree.isExcluded[Int(node)], !isBelowExcluded(node) else { continue }
            let entry = tree.document.nodes[Int(node)]
            let share = tree.mass[Int(node)] / total
            if entry.tag == .article { articles += 1 }
            var weight: Float = 0
            if let property = tree.document.attributeString(.itemprop, of: node)?.lowercased(),
                property == "articlebody" || property == "text" && kind == .article
            {
                if share > 0.4 { weight = share + 0.35 }
            } else if entry.tag == .article {
                if share > 0.5 { weight = share + 0.25 }
            } else if entry.tag == .main || tree.document.attributeString(.role, of: node) == "main" {
                if share > 0.5 { weight = share + 0.1 }
            }
            if weight > best?.weight ?? 0 { best = (node, weight) }
        }
        return best?.node
    }

    /// Goes down as long as one child holds that share of what its parent has.
    private func descend(from start: NodeIndex, keeping share: Float) -> NodeIndex {
        var node = start
        while true {
            let whole = tree.mass[Int(node)]
            var child = tree.document.nodes[Int(node)].firstChild
            var next: NodeIndex?
            while child != HTMLDocument.none {
                let entry = tree.document.nodes[Int(child)]
                if entry.kind == .element, !tree.isExcluded[Int(child)], tree.mass[Int(child)] >= whole * share,
                    Self.containers.contains(entry.tag)
                {
                    next = child
                    break
                }
                child = entry.nextSibling
            }
            guard let next else { return node }
            node = next
        }
    }

    private static let containers: Set<TagName> = [
        .div, .section, .article, .main, .td, .tr, .tbody, .table, .center, .span, .form, .body, .ul, .ol, .dl, .figure,
    ]
}
