import Testing
import XML

@Suite struct TakeTextTests {
    private static let pieces = [
        "<a>", "</a>", "<b>", "</b>", "<b/>", "</ b>", "</B>", "</b", "<x:a xml:base='u'>", "</x:a>", "text", " ",
        "&amp;",
        "&lt;b&gt;", "&", "<", ">", "]]>", "<![CDATA[", "<![CDATA[c <b> &amp; ]]>", "<!-- -->", "<?p?>",
    ]

    /// Every element's name, depth and own text, in the order of the ends.
    private func elements(_ text: String, takesText: Bool) -> [String] {
        var reader = XMLReader(Array(text.utf8))
        var open: [[UInt8]] = [[]]
        var found: [String] = []
        func end(_ reader: borrowing XMLReader) {
            found.append("\(reader.localName) \(reader.depth) \(String(decoding: open.removeLast(), as: UTF8.self))")
        }
        while true {
            switch reader.next() {
            case .finished: return found
            case .text: reader.appendText(to: &open[open.count - 1])
            case .end: end(reader)
            case .start:
                open.append([])
                if takesText, reader.takeText(to: &open[open.count - 1]) { end(reader) }
            }
        }
    }

    /// Elements that hold only text read the same whether their text is taken at once or token by token.
    @Test func textTakenAtOnceIsTheSame() {
        var generator = SystemRandomNumberGenerator()
        var taken = 0
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 1...14, using: &generator)).map { _ in Self.pieces.randomElement() ?? "" }
                .joined()
            let whole = "<r>\(text)</r>"
            #expect(elements(whole, takesText: true) == elements(whole, takesText: false), "\(whole)")
            var reader = XMLReader(Array(whole.utf8))
            var output: [UInt8] = []
            if reader.next() == .start, reader.takeText(to: &output) { taken += 1 }
        }
        #expect(taken > 100)
    }
}
