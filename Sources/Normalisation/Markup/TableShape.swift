import HTML

/// Tells tables that hold data from those that pages are laid out with.
///
/// Only what will be written counts: rows and captions in which something is shown. So a table stays what it is when it is
/// read again.
struct TableShape {
    /// Bytes of text in one cell beyond which a table is no table of data.
    private static let longestCell = 2000
    private static let paragraphsOfCell = 4

    private var rows = 0
    private var widest = 0
    private var hasHeader = false
    private var cellLength = 0
    private var paragraphs = 0
    private var row = Row()

    private struct Row {
        var columns = 0
        var hasHeader = false
        var isFilled = false
    }

    /// Whether rows and columns mean something: nothing in a cell that does not fit on a line, and several cells.
    ///
    /// - Parameters:
    ///   - seesHidden: whether hidden elements count.
    ///   - isPicture: whether an `img` is shown.
    static func isData(
        _ table: HTMLDocument.NodeIndex, _ document: HTMLDocument, seesHidden: Bool,
        isPicture: (HTMLDocument.NodeIndex) -> Bool
    ) -> Bool {
        let role = document.attributeString(.role, of: table)?.lowercased()
        if role == "presentation" || role == "none" { return false }
        var shape = TableShape()
        var node = document.next(table, within: table)
        while node != HTMLDocument.none {
            let entry = document.nodes[Int(node)]
            if entry.kind == .text {
                shape.cellLength += Int(entry.text.count)
                if !shape.row.isFilled, document.withBytes(entry.text, RichContentReader.hasWord) {
                    shape.row.isFilled = true
                }
            }
            if entry.kind == .element {
                let isSeen =
                    entry.namespace == .html && !OutlineBuilder.neverSeen.contains(entry.tag)
                    && (seesHidden || document.withAttributes(of: node) { Visibility.isSeen($0, document) })
                guard isSeen else {
                    node = document.nextSkippingChildren(node, within: table)
                    continue
                }
                if entry.tag == .img, !shape.row.isFilled, isPicture(node) { shape.row.isFilled = true }
                guard shape.enter(entry.tag) else { return false }
            }
            if shape.cellLength > longestCell || shape.paragraphs > paragraphsOfCell { return false }
            node = document.next(node, within: table)
        }
        shape.endRow()
        return shape.hasHeader || shape.rows > 1 && shape.widest > 1
    }

    /// False where such an element lays pages out.
    private mutating func enter(_ tag: TagName) -> Bool {
        switch tag {
        case .table, .h1, .h2, .h3, .h4, .h5, .h6, .pre, .listing, .blockquote, .figure, .article, .section, .form:
            return false
        case .tr: endRow()
        case .caption:
            endRow()
            row.hasHeader = true
        case .td, .th:
            row.columns += 1
            if tag == .th { row.hasHeader = true }
            (cellLength, paragraphs) = (0, 0)
        case .p: paragraphs += 1
        default: break
        }
        return true
    }

    private mutating func endRow() {
        if row.isFilled {
            if row.columns > 0 { rows += 1 }
            widest = max(widest, row.columns)
            hasHeader = hasHeader || row.hasHeader
        }
        row = Row()
        (cellLength, paragraphs) = (0, 0)
    }
}
