/// One line of a text that has something on it.
struct TextLine {
    /// Without white space at its ends, runs of it made one space.
    var text: String
    /// Empty lines before it, lines of nothing but no-break spaces included.
    var blanksBefore: Int
    /// Columns of white space in front of it.
    var indentation: Int
    /// Whether a line of dashes, asterisks and the like or a form feed stands before it.
    var isAfterRule = false

    /// Characters.
    var width: Int { text.unicodeScalars.count }
}

/// Cuts a text into lines and leaves out what pages leave behind when they are copied.
enum TextLines {
    /// Lines that are read of one text.
    static let maximumLines = 1_000_000

    static func read(_ bytes: [UInt8]) -> [TextLine] {
        var lines: [TextLine] = []
        var blanks = 0
        var isAfterRule = false
        var start = 0
        while start < bytes.count, lines.count < maximumLines {
            var end = start
            while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D, bytes[end] != 0x0C { end += 1 }
            let isCarriageReturn = end + 1 < bytes.count && bytes[end] == 0x0D && bytes[end + 1] == 0x0A
            if end < bytes.count, bytes[end] == 0x0C { isAfterRule = true }
            var output: [UInt8] = []
            TextBytes.appendLine(bytes, start..<end, to: &output)
            let indentation = bytes[start..<end].prefix { $0 == 0x20 || $0 == 0x09 }.reduce(0) {
                $0 + ($1 == 0x09 ? 4 : 1)
            }
            start = end + (isCarriageReturn ? 2 : 1)
            if output.isEmpty {
                blanks += 1
                continue
            }
            if isRule(output) {
                isAfterRule = true
                blanks += 1
                continue
            }
            let text = String(decoding: output, as: UTF8.self)
            // A crumb parts what is around it as an empty line does.
            if PageCrumbs.isCrumb(text) {
                blanks += 1
                continue
            }
            lines.append(TextLine(text: text, blanksBefore: blanks, indentation: indentation, isAfterRule: isAfterRule))
            blanks = 0
            isAfterRule = false
        }
        return lines
    }

    private static func isRule(_ line: [UInt8]) -> Bool {
        let marks = line.filter { $0 != 0x20 }
        guard marks.count >= 3, let first = marks.first, "-=*_~#+".utf8.contains(first) else { return false }
        return marks.allSatisfy { $0 == first }
    }
}

/// What buttons and counters of a page leave behind in its text.
enum PageCrumbs {
    static func isCrumb(_ line: String) -> Bool {
        let length = line.utf8.count
        guard length <= 40 else { return false }
        if length <= 7, line.utf8.allSatisfy({ "AaTt+- ".utf8.contains($0) }),
            line.utf8.contains(where: { $0 | 0x20 > 0x60 })
        {
            // Buttons for the size of the text: TT, A A, A+ A-, Aa.
            let letters = line.utf8.filter { $0 | 0x20 > 0x60 }
            return letters.count >= 2 && Set(letters.map { $0 | 0x20 }).count == 1 || line.utf8.contains(0x2B)
        }
        return words.contains(line.lowercased())
    }

    private static let words: Set<String> = [
        "advertisement", "advertisements", "advertising", "anzeige", "werbung", "publicité", "publicidad", "pubblicità",
        "share", "share this", "share this article", "share on facebook", "share on twitter", "share on whatsapp",
        "tweet",
        "facebook", "twitter", "whatsapp", "linkedin", "pinterest", "email", "e-mail", "print", "print this page",
        "save",
        "copy link", "read more", "continue reading", "listen to this article", "skip advertisement", "back to top",
        "teilen", "drucken", "merken", "partager", "imprimer", "compartir", "imprimir", "condividi", "text size",
        "font size", "follow us", "sign up", "log in", "subscribe", "click to expand", "click here to subscribe",
    ]
}
