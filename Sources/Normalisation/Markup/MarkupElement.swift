/// What an element of HTML means for text.
enum MarkupElement {
    case inline, block, lineBreak, preformatted, hidden, image, anchor, cell

    /// By its name in any case.
    init(_ name: ArraySlice<UInt8>) {
        guard name.count <= 12 else {
            self = .inline
            return
        }
        // Names of at most eight letters fit one word, which is compared faster than a string.
        var key: UInt64 = 0
        if name.count <= 8 { for byte in name { key = key << 8 | UInt64(byte | 0x20) } }
        self = Self.table[key] ?? (name.count > 8 ? Self.long(name) : .inline)
    }

    private static func long(_ name: ArraySlice<UInt8>) -> MarkupElement {
        switch String(decoding: name, as: UTF8.self).lowercased() {
        case "blockquote", "figcaption", "fieldset": .block
        default: .inline
        }
    }

    private static let table: [UInt64: MarkupElement] = {
        var table: [UInt64: MarkupElement] = [:]
        func add(_ names: String, _ element: MarkupElement) {
            for name in names.split(separator: " ") {
                var key: UInt64 = 0
                for byte in name.utf8 { key = key << 8 | UInt64(byte | 0x20) }
                table[key] = element
            }
        }
        add(
            "p div h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table tr caption section article aside header footer main nav "
                + "figure hr form body html center address details summary tbody thead tfoot", .block)
        add("br", .lineBreak)
        add("pre", .preformatted)
        add("script style head template noscript iframe object select textarea", .hidden)
        add("img", .image)
        add("a", .anchor)
        add("td th", .cell)
        return table
    }()
}

extension MarkupElement {
    /// Whether this is the name of an element that text is commonly marked up with.
    static func isKnown(_ name: ArraySlice<UInt8>) -> Bool {
        guard !name.isEmpty else { return false }
        if MarkupElement(name) != .inline { return true }
        return ["b", "i", "em", "strong", "span", "font", "u", "code", "small", "sub", "sup", "cite"].contains(
            String(decoding: name, as: UTF8.self).lowercased())
    }
}
