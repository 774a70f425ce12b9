import Testing

@testable import Normalisation

@Suite struct LineWriterTests {
    /// The rule character by character, without blocks of bytes and runs.
    private static func line(_ text: String) -> String {
        let spaces: Set<UInt32> = [0x85, 0xA0, 0x2028, 0x2029, 0x202F, 0x3000, 0xFEFF]
        let windows1252: [UInt32: UInt32] = [0x80: 0x20AC, 0x92: 0x2019, 0x81: 0x20]
        var output = ""
        var needsSpace = false
        for scalar in text.unicodeScalars {
            if scalar.value == 0x7F { continue }
            let value = scalar.value == 0x85 ? 0x85 : windows1252[scalar.value] ?? scalar.value
            if value <= 0x20 || spaces.contains(value) || (0x2000...0x200B).contains(value) {
                needsSpace = true
                continue
            }
            if needsSpace, !output.isEmpty { output += " " }
            needsSpace = false
            output.unicodeScalars.append(UnicodeScalar(value) ?? "?")
        }
        return output
    }

    private static let pieces = [
        "word", " ", "  ", "a", "longer words in a row, forty bytes of them,", " and more of them", "\n", "\u{A0}", "ä",
        "\u{7F}", "\u{80}", "\u{92}", "\u{81}", "\u{85}", "–", "\u{2003}", "\u{200B}", "日本", "\u{3000}", "\u{FEFF}",
        "ﬁ",
        "Ж", "é ", " é", "~",
    ]

    @Test func lineIsTheSameInAnyPieces() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let pieces = (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                Self.pieces.randomElement(using: &generator) ?? ""
            }
            let text = pieces.joined()
            let expected = Self.line(text)
            var output: [UInt8] = []
            var writer = LineWriter()
            for piece in pieces { writer.append(Array(piece.utf8).span, to: &output) }
            #expect(String(decoding: output, as: UTF8.self) == expected, "\(pieces)")
            #expect(TextBytes.line(Array(text.utf8)) == (expected.isEmpty ? nil : expected), "\(pieces)")
            #expect(TextBytes.line(text) == (expected.isEmpty ? nil : expected), "\(pieces)")
        }
    }
}
