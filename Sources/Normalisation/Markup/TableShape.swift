import HTML

/// Tells tables that hold data from those that pages are laid out with.
enum TableShape {
    /// Bytes of text in one cell beyond which a table is no table of data.
    private static let longestCell = 2000
    private static let paragraphsOfCell = 4

    /// Whether rows and columns mean something: nothing in a cell that does not fit on a line, and several cells.
    static func isData(_ table: HTMLDocument.NodeIndex, _ document: HTMLDocument) -> Bool {
        if let role = document.attributeString(.role, of: table)?.lowercased(), role == "presentation" || role == "none"
        {
            return false
        }
        var (rows, columns, widest, cellLength, paragraphs) = (0, 0, 0, 0, 0)
        var hasHeader = false
        var node = document.next(table, within: table)
        while node != HTMLDocument.none {
            let entry = document.nodes[Int(node)]
            if entry.kind == .text { cellLength += Int(entry.text.count) }
            guard entry.kind == .element else {
                node = document.next(node, within: table)
                continue
            }
            if entry.namespace != .html || OutlineBuilder.neverSeen.contains(entry.tag) {
                node = document.nextSkippingChildren(node, within: table)
                continue
            }
            switch entry.tag {
            case .table, .h1, .h2, .h3, .h4, .h5, .h6, .pre, .blockquote, .figure, .article, .section, .form:
                return false
            case .tr:
                rows += 1
                columns = 0
            case .td, .th:
                columns += 1
                widest = max(widest, columns)
                (cellLength, paragraphs) = (0, 0)
                if entry.tag == .th { hasHeader = true }
            case .caption:
                hasHeader = true
                (cellLength, paragraphs) = (0, 0)
            case .p: paragraphs += 1
            default: break
            }
            if cellLength > longestCell || paragraphs > paragraphsOfCell { return false }
            node = document.next(node, within: table)
        }
        if cellLength > longestCell { return false }
        return hasHeader ? rows > 1 || widest > 1 : rows > 1 && widest > 1
    }
}
