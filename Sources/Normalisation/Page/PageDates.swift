import Document
import HTML

/// Dates that a page shows rather than declares.
enum PageDates {
    /// The first plausible `time` element or element that is marked as a date.
    static func visible(_ document: HTMLDocument) -> Timestamp? {
        let root = document.firstElement(.body) ?? 0
        var node = root
        var marked: Timestamp?
        while node != HTMLDocument.none {
            if document.nodes[Int(node)].kind == .element {
                if document.isElement(node, .time), let time = time(document, node) { return time }
                if let property = document.attributeString(.itemprop, of: node)?.lowercased(),
                    property == "datepublished",
                    let time = time(document, node)
                {
                    return time
                }
                if marked == nil, ElementHints.of(node, in: document).contains(.date) {
                    marked = text(document, node).flatMap(PageMetadata.plausible)
                }
            }
            node = document.next(node, within: root)
        }
        return marked
    }

    private static func time(_ document: HTMLDocument, _ node: HTMLDocument.NodeIndex) -> Timestamp? {
        let declared = document.attributeString(.datetime, of: node) ?? document.attributeString(.content, of: node)
        return declared.flatMap(PageMetadata.plausible) ?? text(document, node).flatMap(PageMetadata.plausible)
    }

    private static func text(_ document: HTMLDocument, _ node: HTMLDocument.NodeIndex) -> String? {
        guard var text = Text.clean(document.textContent(of: node)), text.count < 80 else { return nil }
        for prefix in [
            "published on", "published:", "published", "posted on", "posted:", "posted", "updated:", "updated", "date:",
            "on ",
        ]
        where text.lowercased().hasPrefix(prefix) {
            text = String(text.dropFirst(prefix.count)).trimmingPrefix { $0 == " " || $0 == ":" }.description
        }
        return text
    }

    /// `/2025/09/04/` or `/2025-09-04-` in an address.
    static func inPath(_ path: String) -> Timestamp? {
        let numbers = path.split { !$0.isNumber }.map(String.init)
        guard numbers.count >= 3 else { return nil }
        for index in 0..<(numbers.count - 2) where numbers[index].count == 4 {
            guard let year = Int(numbers[index]), (1990...2100).contains(year), let month = Int(numbers[index + 1]),
                numbers[index + 1].count <= 2,
                let day = Int(numbers[index + 2]), numbers[index + 2].count <= 2,
                let time = DateParser.moment(year: year, month: month, day: day), PageMetadata.plausible(time)
            else { continue }
            return time
        }
        return nil
    }
}
