import Document

/// Text from outside, made safe (``VisibleText``) and measured for a terminal.
public enum TerminalText {
    /// The text on one line.
    public static func line(_ text: String) -> String { VisibleText.line(text) }

    /// The text with its line breaks; tabs become spaces.
    public static func lines(_ text: String) -> String { VisibleText.lines(text) }

    /// JSON as it stands, but for the characters that JSON allows raw and terminals obey: those become `\uXXXX`.
    public static func json(_ bytes: [UInt8]) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        // Line feeds and tabs stand between values there, never inside a string.
        func mustEscape(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= 0x7F && VisibleText.isUnsafe(scalar) }
        guard text.unicodeScalars.contains(where: mustEscape) else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 64)
        for scalar in text.unicodeScalars {
            if mustEscape(scalar) {
                let digits = String(scalar.value, radix: 16)
                result.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8)
            } else {
                result.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            }
        }
        return result
    }

    /// How many columns the text takes, by Unicode's East Asian widths.
    public static func width(_ text: String) -> Int {
        var width = 0
        for character in text { width += columns(character) }
        return width
    }

    /// The text cut to at most `columns`, its end marked where something was left out.
    public static func cut(_ text: String, to columns: Int) -> String {
        guard columns > 0 else { return "" }
        var used = 0
        var end = text.startIndex
        for index in text.indices {
            let next = used + self.columns(text[index])
            if next > columns { return String(text[..<end]) + "…" }
            used = next
            // Keeps room for the mark.
            if next <= columns - 1 { end = text.index(after: index) }
        }
        return text
    }

    /// The text in lines of at most `columns`, broken between words.
    public static func wrap(_ text: String, to columns: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var used = 0
        for word in text.split(separator: " ") {
            let width = width(String(word))
            if used > 0, used + 1 + width > columns {
                lines.append(line)
                line = ""
                used = 0
            }
            if used > 0 {
                line += " "
                used += 1
            }
            line += word
            used += width
        }
        if used > 0 || lines.isEmpty { lines.append(line) }
        return lines
    }

    private static func columns(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        // Most text is ASCII.
        if first.value < 0x300 { return 1 }
        let properties = first.properties
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        if properties.isEmojiPresentation { return 2 }
        if character.unicodeScalars.contains("\u{FE0F}") { return 2 }
        switch first.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x16FE0...0x18DFF, 0x1B000...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
