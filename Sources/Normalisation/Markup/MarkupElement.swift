import XML

/// What an element of HTML means for text.
enum MarkupElement {
    case inline, block, lineBreak, preformatted, hidden, image, anchor, cell

    /// The element whose name has this hash.
    init(nameHash: UInt64) { self = Self.table[nameHash] }

    static let table: WordTable<MarkupElement> = {
        var pairs: [(hash: UInt64, value: MarkupElement)] = []
        func add(_ names: String, _ element: MarkupElement) {
            for name in names.split(separator: " ") { pairs.append((NameHash.of(String(name)), element)) }
        }
        add(
            "p div h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table tr caption section article aside header footer main nav "
                + "figure hr form body html center address details summary tbody thead tfoot blockquote figcaption "
                + "fieldset", .block)
        add("br", .lineBreak)
        add("pre", .preformatted)
        add("script style head template noscript iframe object select textarea", .hidden)
        add("img", .image)
        add("a", .anchor)
        add("td th", .cell)
        return WordTable(pairs, absent: .inline)
    }()
}

extension MarkupElement {
    /// Whether the name in `bytes[range]` is that of an element that text is commonly marked up with.
    static func isKnown(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        if MarkupElement(nameHash: NameHash.of(bytes.span, range)) != .inline { return true }
        return ["b", "i", "em", "strong", "span", "font", "u", "code", "small", "sub", "sup", "cite"].contains(
            String(decoding: bytes[range], as: UTF8.self).lowercased())
    }
}
