/// Text from outside, safe to be shown to people.
///
/// What a page, a feed or a file's name says must not be able to move a terminal's cursor, change colours, answer back, turn the
/// direction of writing or begin a line of its own: such characters are shown as what they are.
public enum VisibleText {
    /// The text on one line.
    public static func line(_ text: String) -> String { clean(text, keepsLines: false) }

    /// The text with its line breaks; tabs become spaces.
    public static func lines(_ text: String) -> String { clean(text, keepsLines: true) }

    private static func clean(_ text: String, keepsLines: Bool) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where keepsLines: result.append(scalar)
            case "\n", "\t", "\r":
                result.append(contentsOf: (keepsLines && scalar == "\t" ? "    " : " ").unicodeScalars)
            case _ where isUnsafe(scalar): result.append(contentsOf: escape(scalar).unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// Whether a terminal may obey the character instead of showing it.
    public static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        // Marks, embeddings, overrides and isolates of direction, and line separators.
        case 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029: true
        default: false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String { "\\u{\(String(scalar.value, radix: 16))}" }
}
