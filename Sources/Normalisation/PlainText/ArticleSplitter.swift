import Document

/// Finds the articles in a plain text, with their titles, captions and paragraphs.
enum ArticleSplitter {
    static func split(_ bytes: [UInt8]) -> [Article] {
        let lines = TextLines.read(bytes)
        guard !lines.isEmpty else { return [] }
        let units = LineJoining.units(lines)
        let starts = self.starts(units)
        var articles: [Article] = []
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : units.count
            articles.append(article(Array(units[start..<end])))
        }
        return articles
    }

    // MARK: - Where articles begin

    private static func starts(_ units: [TextLine]) -> [Int] {
        var starts = [0]
        var hasBody = false
        var index = 0
        while index < units.count {
            if index > 0, hasBody, begins(units, at: index) {
                starts.append(index)
                hasBody = false
            }
            if isBody(units[index]), !isCaption(units[index].text) { hasBody = true }
            index += 1
        }
        return starts
    }

    private static func begins(_ units: [TextLine], at index: Int) -> Bool {
        let unit = units[index]
        guard isHeadline(unit.text) else { return false }
        // A headline that comes again a little later, with nothing but captions and crumbs in between.
        for next in units.indices[(index + 1)...].prefix(8) {
            if units[next].text == unit.text { return true }
            if isBody(units[next]), !isCaption(units[next].text), !isRepeated(units, next) { break }
        }
        guard unit.isAfterRule || unit.blanksBefore >= 3, index + 1 < units.count else { return false }
        return units[(index + 1)...].prefix(4).contains { isBody($0) }
    }

    private static func isRepeated(_ units: [TextLine], _ index: Int) -> Bool {
        let text = units[index].text
        let next = index + 1 < units.count && units[index + 1].text == text
        return next || index > 0 && units[index - 1].text == text
    }

    static func isHeadline(_ text: String) -> Bool {
        guard text.utf8.count <= 250, let last = text.unicodeScalars.last, !".,;:)…".unicodeScalars.contains(last)
        else {
            return false
        }
        guard let first = text.unicodeScalars.first else { return false }
        return !first.properties.isLowercase && !"-*•·–—>".unicodeScalars.contains(first)
            && text.split(separator: " ").count <= 30
    }

    private static func isBody(_ unit: TextLine) -> Bool {
        guard unit.width >= 80, let last = unit.text.unicodeScalars.last else { return false }
        return ".!?…\"”’'»)。！？:".unicodeScalars.contains(last)
    }

    // MARK: - What an article is made of

    private static func article(_ units: [TextLine]) -> Article {
        var article = Article()
        var units = units
        if let first = units.first, units.count > 1, isHeadline(first.text), first.width <= 250,
            units[1].blanksBefore > 0 || units[1].text == first.text
                || units.dropFirst().contains(where: { $0.text == first.text })
        {
            article.title = first.text
            units = units.filter { $0.text != first.text }
        }
        var counts: [String: Int] = [:]
        for unit in units { counts[unit.text, default: 0] += 1 }
        let bodyStart = units.firstIndex { isBody($0) && !isCaption($0.text) && counts[$0.text] == 1 } ?? units.count
        var seen: Set<String> = []
        var previous: String?
        for (index, unit) in units.enumerated() {
            defer { previous = unit.text }
            // The same line twice in a row is the page's doing, wherever it stands.
            if unit.text == previous { continue }
            let isDoubled = (counts[unit.text] ?? 0) > 1
            if let credit = PictureCredit.of(unit.text), isDoubled || index < bodyStart && unit.width <= 400 {
                if seen.insert(unit.text).inserted {
                    article.images.append(Document.Image(caption: unit.text, credit: credit))
                }
                continue
            }
            if isDoubled, index < bodyStart, unit.width > 30 {
                if seen.insert(unit.text).inserted { article.images.append(Document.Image(caption: unit.text)) }
                continue
            }
            if isDoubled, unit.width >= 80, !seen.insert(unit.text).inserted { continue }
            article.paragraphs.append(unit.text)
        }
        return article
    }

    static func isCaption(_ text: String) -> Bool { PictureCredit.of(text) != nil }
}
