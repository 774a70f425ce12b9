/// What an element of HTML means for text.
enum MarkupElement {
    case inline, block, lineBreak, preformatted, hidden, image, anchor, cell

    /// By its name in any case.
    init(_ name: ArraySlice<UInt8>) {
        self = name.count <= 10 ? Self.table[Self.key(name)] : .inline
    }

    private static func key(_ name: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte | 0x20)) &* 0x0000_0100_0000_01B3 }
        return hash
    }

    private static let table: WordTable<MarkupElement> = {
        var pairs: [(hash: UInt64, value: MarkupElement)] = []
        func add(_ names: String, _ element: MarkupElement) {
            for name in names.split(separator: " ") { pairs.append((key(name.utf8), element)) }
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
    /// Whether this is the name of an element that text is commonly marked up with.
    static func isKnown(_ name: ArraySlice<UInt8>) -> Bool {
        guard !name.isEmpty else { return false }
        if MarkupElement(name) != .inline { return true }
        return ["b", "i", "em", "strong", "span", "font", "u", "code", "small", "sub", "sup", "cite"].contains(
            String(decoding: name, as: UTF8.self).lowercased())
    }
}
