/// Makes an article of a PDF's text blocks: running heads and page numbers go, parted words and paragraphs are joined.
enum PDFArticle {
    static func make(_ layout: PDFLayout) -> Article {
        var article = Article()
        let blocks = withoutRunningHeads(layout)
        let body = medianHeight(blocks)
        var largest: (text: String, height: Double)?
        for block in blocks {
            if block.page == 1, block.height > body * 1.25, block.height > largest?.height ?? 0,
                block.text.utf8.count <= 300
            {
                largest = (block.text, block.height)
            }
            append(block, to: &article.paragraphs)
        }
        article.title = plausible(layout.title) ?? largest?.text
        if let title = article.title, let place = article.paragraphs.prefix(5).firstIndex(of: title) {
            article.paragraphs.remove(at: place)
        }
        article.authors = (layout.information["Author"] ?? "").split { $0 == ";" || $0 == "," }.compactMap {
            TextBytes.line($0.utf8)
        }
        article.tags = (layout.information["Keywords"] ?? "").split { $0 == ";" || $0 == "," }.prefix(100).compactMap {
            TextBytes.line($0.utf8)
        }
        article.published = layout.information["CreationDate"].flatMap { DateParser.parse($0) }
        article.modified = layout.information["ModDate"].flatMap { DateParser.parse($0) }
        return article
    }

    /// Titles that a program put there are none: a file's name, `untitled`.
    private static func plausible(_ title: String?) -> String? {
        guard let title, title.utf8.count >= 3 else { return nil }
        let lower = title.lowercased()
        let endings = [
            ".doc", ".docx", ".odt", ".tex", ".dvi", ".indd", ".qxd", ".pdf", ".rtf", ".ppt", ".pptx", ".xls",
        ]
        if endings.contains(where: { lower.hasSuffix($0) }) || lower.hasPrefix("microsoft word") { return nil }
        return ["untitled", "title", "document", "unknown"].contains(lower) ? nil : title
    }

    /// What stands in the outer tenth of several pages, but for its digits, is no part of the text; nor is a lone number.
    private static func withoutRunningHeads(_ layout: PDFLayout) -> [PDFLayout.Block] {
        func pattern(_ text: String) -> String {
            String(decoding: text.utf8.filter { !(0x30...0x39).contains($0) && $0 > 0x20 }, as: UTF8.self)
        }
        func isAtEdge(_ block: PDFLayout.Block) -> Bool {
            (block.place < 0.1 || block.place > 0.9) && block.lines.count <= 2
        }
        var seen: [String: Int] = [:]
        for block in layout.blocks where isAtEdge(block) { seen[pattern(block.text), default: 0] += 1 }
        return layout.blocks.filter { block in
            guard isAtEdge(block) else { return !block.text.isEmpty }
            let pattern = pattern(block.text)
            return pattern.utf8.contains { $0 > 0x2F } && (seen[pattern] ?? 0) < 3
        }
    }

    /// The height of most lines: what is higher is a heading.
    private static func medianHeight(_ blocks: [PDFLayout.Block]) -> Double {
        let heights = blocks.flatMap { $0.lines.map(\.height) }.sorted()
        return heights.isEmpty ? 0 : heights[heights.count / 2]
    }

    private static func append(_ block: PDFLayout.Block, to paragraphs: inout [String]) {
        let left = block.lines.map(\.left).min() ?? 0
        var isFirst = true
        var previous = left
        for line in block.lines where !line.text.isEmpty {
            // A line set in after one that is not begins a paragraph.
            let isSetIn = !isFirst && line.left > left + line.height * 0.8 && previous <= left + line.height * 0.2
            let isContinued = isFirst && continues(line.text, paragraphs.last)
            previous = line.left
            if isFirst && !isContinued || isSetIn {
                paragraphs.append(line.text)
            } else {
                LineJoining.join(line.text, to: &paragraphs[paragraphs.count - 1])
            }
            isFirst = false
        }
    }

    /// Whether a paragraph that a page or column ended goes on with `text`.
    private static func continues(_ text: String, _ paragraph: String?) -> Bool {
        guard let paragraph, paragraph.utf8.count > 40, let last = paragraph.unicodeScalars.last,
            let first = text.unicodeScalars.first
        else { return false }
        return first.properties.isLowercase && (last.properties.isAlphabetic || last == "-" || last == ",")
    }
}
