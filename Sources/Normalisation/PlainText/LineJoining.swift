/// Decides whether a text's lines were wrapped at a width, and joins those that were.
enum LineJoining {
    /// The text's paragraphs and single lines.
    static func units(_ lines: [TextLine]) -> [TextLine] {
        guard isWrapped(lines) else { return lines }
        var units: [TextLine] = []
        for line in lines {
            let beginsParagraph = line.blanksBefore > 0 || line.isAfterRule || isListItem(line.text)
            // A first line set in is a new paragraph where the line before it is not.
            let isSetIn = units.isEmpty ? false : line.indentation >= 2 && previousIndentation(units) == 0
            if units.isEmpty || beginsParagraph || isSetIn {
                units.append(line)
                continue
            }
            let last = units.count - 1
            join(line.text, to: &units[last].text)
            units[last].indentation = line.indentation
        }
        return units
    }

    /// Puts a line behind the text that it goes on with.
    static func join(_ line: String, to text: inout String) {
        if text.hasSuffix("-"), let before = text.dropLast().unicodeScalars.last, before.properties.isAlphabetic,
            let first = line.unicodeScalars.first, first.properties.isLowercase
        {
            // A word that was parted at the end of a line; "well-" before "known" keeps the hyphen only by chance.
            text.removeLast()
            text += line
        } else {
            text += (endsWithoutSpaces(text) ? "" : " ") + line
        }
    }

    /// Units with no empty line between them as one paragraph of several lines.
    static func paragraphs(_ units: [TextLine]) -> [String] {
        var paragraphs: [String] = []
        for unit in units {
            if unit.blanksBefore > 0 || unit.isAfterRule || paragraphs.isEmpty {
                paragraphs.append(unit.text)
            } else {
                paragraphs[paragraphs.count - 1] += "\n" + unit.text
            }
        }
        return paragraphs
    }

    private static func previousIndentation(_ units: [TextLine]) -> Int { units.last?.indentation ?? 0 }

    /// Whether nearly every line within a paragraph ends where the next word would not have fitted.
    static func isWrapped(_ lines: [TextLine]) -> Bool {
        var width = 0
        for (line, next) in zip(lines, lines.dropFirst()) where next.blanksBefore == 0 {
            width = max(width, line.width, next.width)
        }
        guard width >= 30, width <= 160 else { return false }
        var pairs = 0
        var full = 0
        for (line, next) in zip(lines, lines.dropFirst()) where next.blanksBefore == 0 && !isListItem(next.text) {
            pairs += 1
            let word = next.text.prefix { $0 != " " }.unicodeScalars.count
            if line.width + 1 + word > width - 2 { full += 1 }
        }
        return pairs >= 2 && full * 10 >= pairs * 7
    }

    private static func isListItem(_ text: String) -> Bool {
        for mark in ["- ", "* ", "• ", "– ", "· ", "> "] where text.hasPrefix(mark) { return true }
        let digits = text.prefix { $0.isNumber }
        guard !digits.isEmpty, digits.count <= 3 else { return false }
        let rest = text.dropFirst(digits.count)
        return rest.hasPrefix(". ") || rest.hasPrefix(") ")
    }

    private static func endsWithoutSpaces(_ text: String) -> Bool {
        guard let last = text.unicodeScalars.last else { return false }
        return (0x3000...0x9FFF).contains(last.value) || (0xFF00...0xFFEF).contains(last.value)
    }
}
