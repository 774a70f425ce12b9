import HTML

/// Checks what ``SanitisedHTML`` has written, by what a browser would make of it; for tests and fuzzing.
enum SanitisedCheck {
    private static let elements: [String: Set<String>] = [
        "p": [], "h1": [], "h2": [], "h3": [], "h4": [], "h5": [], "h6": [], "blockquote": [], "figure": [],
        "figcaption": [], "ul": [], "ol": ["start"], "li": [], "dl": [], "dt": [], "dd": [], "table": [], "caption": [],
        "tbody": [], "tr": [], "th": ["colspan", "rowspan"], "td": ["colspan", "rowspan"], "pre": [], "code": ["class"],
        "hr": [], "br": [], "a": ["href"], "img": ["src", "alt", "width", "height"], "strong": [], "em": [], "del": [],
        "sub": [], "sup": [],
    ]

    /// What is in `html` that should not be, or nil.
    static func fault(in html: [UInt8]) -> String? {
        let document = HTMLParser.parseFragment(html)
        // Nodes 0 and 1 are the document and the root; what the parser has made is all in `nodes`, moved or not.
        for (index, node) in document.nodes.enumerated() {
            switch node.kind {
            case .comment, .doctype: return "a comment or doctype"
            case .element where node.parent != 0 && node.parent != HTMLDocument.none:
                let name = document.name(of: node.tag)
                guard node.namespace == .html, let attributes = elements[name] else { return "the element \(name)" }
                for attribute in document.attributes(of: Int32(index)) {
                    let key = document.name(of: attribute.name)
                    let value = document.string(attribute.value)
                    guard attributes.contains(key) else { return "the attribute \(key) of \(name)" }
                    if let fault = fault(key, value) { return fault }
                }
            default: break
            }
        }
        return nil
    }

    private static func fault(_ name: String, _ value: String) -> String? {
        let isFine =
            switch name {
            case "href": ["https://", "http://", "mailto:"].contains(where: value.hasPrefix)
            case "src": ["https://", "http://"].contains(where: value.hasPrefix)
            case "class": value.hasPrefix("language-") && !value.contains(" ")
            case "alt": true
            default: Int(value) != nil
            }
        return isFine ? nil : "\(name)=\"\(value)\""
    }
}
