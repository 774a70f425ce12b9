import HTML

/// Links of headings to themselves, which show a sign when the mouse is over them and are no text of the page.
enum Permalink {
    private static let signs: [[UInt8]] = ["#", "¶", "§", "🔗", "∞"].map { Array($0.utf8) }

    /// Whether a link leads to a place on its own page and holds nothing but such a sign.
    static func isOne(_ link: HTMLDocument.NodeIndex, _ document: HTMLDocument) -> Bool {
        guard let href = document.attribute(.href, of: link),
            document.withBytes(href, { $0.first }) == UInt8(ascii: "#")
        else { return false }
        let child = document.nodes[Int(link)].firstChild
        guard child != HTMLDocument.none, child == document.nodes[Int(link)].lastChild,
            document.nodes[Int(child)].kind == .text
        else { return false }
        return document.withBytes(document.nodes[Int(child)].text) { bytes in
            bytes.count <= 4 && signs.contains { $0.elementsEqual(bytes) }
        }
    }
}
