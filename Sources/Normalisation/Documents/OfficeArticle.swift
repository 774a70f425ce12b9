import XML

/// Makes an article of the HTML that pandoc writes with `--standalone`.
enum OfficeArticle {
    static func make(_ html: [UInt8], base: String?) -> Article {
        var article = Article()
        var tokenizer = XMLTokenizer(html)
        var body = 0
        head: while true {
            switch tokenizer.next() {
            case .end: break head
            case .startElement:
                switch String(decoding: html[tokenizer.name], as: UTF8.self) {
                case "html": article.language = value("lang", &tokenizer)
                case "title":
                    // Where there is no title pandoc writes the input's name, which is "-".
                    let title = content(&tokenizer)
                    article.title = title == "-" ? nil : title
                case "meta": meta(&article, &tokenizer)
                case "body": body = tokenizer.offset
                case "header" where value("id", &tokenizer) == "title-block-header":
                    // Title, authors and date once more; the text begins behind it.
                    body = end(of: "header", &tokenizer)
                    break head
                default: if body > 0 { break head }
                }
            case .text where body > 0 && tokenizer.content.contains(where: { html[$0] > 0x20 }): break head
            default: continue
            }
        }
        var text = Array(html[min(body, html.count)...])
        // Nearly nobody fills in the property; what stands first in large letters is the title, too.
        if article.title == nil, let heading = leadingHeading(text) {
            article.title = heading.title
            text.removeFirst(heading.end)
        }
        let rendered = FragmentRenderer.render(text, base: base)
        article.paragraphs = rendered.text.isEmpty ? [] : [String(decoding: rendered.text, as: UTF8.self)]
        article.links = rendered.links.strings
        return article
    }

    /// The heading of the first order that the text begins with, and where it ends.
    private static func leadingHeading(_ text: [UInt8]) -> (title: String, end: Int)? {
        var tokenizer = XMLTokenizer(text)
        space: while true {
            switch tokenizer.next() {
            case .text where tokenizer.content.allSatisfy({ text[$0] <= 0x20 }): continue
            case .startElement where text[tokenizer.name].elementsEqual("h1".utf8): break space
            default: return nil
            }
        }
        let start = tokenizer.offset
        let end = end(of: "h1", &tokenizer)
        let line = TextBytes.line(FragmentRenderer.render(Array(text[start..<end]), base: nil).text)
        return line.map { ($0, end) }
    }

    private static func meta(_ article: inout Article, _ tokenizer: inout XMLTokenizer) {
        guard let text = value("content", &tokenizer) else { return }
        switch value("name", &tokenizer) {
        case "author": if article.authors.count < 50 { article.authors.append(text) }
        case "dcterms.date": article.published = DateParser.parse(text)
        case "keywords": article.tags = text.split(separator: ",").prefix(100).compactMap { TextBytes.line($0.utf8) }
        default: return
        }
    }

    private static func end(of name: String, _ tokenizer: inout XMLTokenizer) -> Int {
        while true {
            switch tokenizer.next() {
            case .end: return tokenizer.offset
            case .endElement where tokenizer.bytes[tokenizer.name].elementsEqual(name.utf8): return tokenizer.offset
            default: continue
            }
        }
    }

    private static func content(_ tokenizer: inout XMLTokenizer) -> String? {
        guard tokenizer.next() == .text else { return nil }
        var text: [UInt8] = []
        tokenizer.appendContent(to: &text, isCharacterData: false)
        return TextBytes.line(text)
    }

    private static func value(_ name: String, _ tokenizer: inout XMLTokenizer) -> String? {
        for attribute in tokenizer.attributes where tokenizer.bytes[attribute.name].elementsEqual(name.utf8) {
            var bytes: [UInt8] = []
            tokenizer.appendValue(of: attribute, to: &bytes)
            return TextBytes.line(bytes)
        }
        return nil
    }
}
