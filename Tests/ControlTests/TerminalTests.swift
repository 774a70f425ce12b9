import ControlAPI
import ControlClient
import Document
import JSON
import Testing

/// What stands on the terminal.
@Suite struct TerminalTests {
    @Test(arguments: [
        ("\u{1B}[31mred\u{1B}[0m", "\\u{1b}[31mred\\u{1b}[0m"), ("a\u{9B}2Jb", "a\\u{9b}2Jb"),
        ("a\nb\tc\rd", "a b c d"),
        ("\u{7F}\u{7}", "\\u{7f}\\u{7}"), ("ab\u{202E}cd", "ab\\u{202e}cd"), ("Grüße, 世界", "Grüße, 世界"),
    ])
    func controlCharactersAreShownNotObeyed(_ text: String, _ shown: String) {
        #expect(TerminalText.line(text) == shown)
    }

    @Test func linesKeepTheirBreaks() {
        #expect(TerminalText.lines("a\n\tb\u{1B}") == "a\n    b\\u{1b}")
    }

    @Test func jsonForATerminalStaysTheSameJSON() throws {
        let text = "{\"a\":\"x\u{9B}y\u{202E}z\",\"b\":\"ü\"}\n"
        let safe = TerminalText.json(Array(text.utf8))
        #expect(!String(decoding: safe, as: UTF8.self).unicodeScalars.contains { $0 == "\u{9B}" || $0 == "\u{202E}" })
        #expect(try JSONValue.parse(safe) == JSONValue.parse(text))
    }

    @Test(arguments: [
        ("abc", 3), ("世界", 4), ("e\u{301}", 1), ("한국", 4), ("👍", 2), ("👨‍👩‍👧", 2), ("ｱｲｳ", 3), ("ＡＢ", 4), ("", 0),
    ])
    func widths(_ text: String, _ width: Int) { #expect(TerminalText.width(text) == width) }

    @Test func cutsFitTheirColumns() {
        for text in ["a short text", "世界世界世界", "mixed 世界 text", ""] {
            for columns in 0...20 { #expect(TerminalText.width(TerminalText.cut(text, to: columns)) <= columns) }
            #expect(TerminalText.cut(text, to: 40) == text)
        }
    }

    @Test func columnsOfATableStandBelowEachOther() {
        var table = Table(["name", .number("count"), "title"])
        table.add([.init("世界"), .init(12_345), .init("first")])
        table.add([.init("abcdefgh"), .init(7), .init("second\u{1B}[2J")])
        let lines = table.render(.plain).split(separator: "\n")
        #expect(lines == ["name       count  title", "世界      12,345  first", "abcdefgh       7  second\\u{1b}[2J"])
    }

    @Test func coloursOnlyWhereTheyAreWanted() {
        #expect(Style.plain.apply(.bad, "x") == "x")
        #expect(Style(isColoured: true, columns: 80).apply(.bad, "x") == "\u{1B}[31mx\u{1B}[0m")
    }

    @Test func amounts() {
        #expect(Amounts.size(1023) == "1023 B")
        #expect(Amounts.size(1536) == "1.5 KiB")
        #expect(Amounts.size(64 << 20) == "64 MiB")
        #expect(Amounts.size(.max) == "16 EiB")
        #expect(Amounts.grouped(1234) == "1234")
        #expect(Amounts.grouped(-1_234_567) == "-1,234,567")
        #expect(Amounts.grouped(Int64.min) == "-9,223,372,036,854,775,808")
        let now = Timestamp(seconds: 1_000_000)
        #expect(Amounts.relative(Timestamp(seconds: 1_000_090), to: now) == "in 1m")
        #expect(Amounts.relative(Timestamp(seconds: 1_000_000 - 7500), to: now) == "2h 5m ago")
        #expect(Amounts.relative(nil, to: now) == "-")
        #expect(!Amounts.relative(Timestamp(seconds: .min), to: now).isEmpty)
    }

    @Test func aHostileDocumentCanNotLeaveItsPage() throws {
        let document: JSONValue = [
            "id": "00", "title": "A\u{1B}]0;owned\u{7}", "text": "one\u{1B}[2J\ntwo", "authors": ["\u{9B}x"],
            "tags": ["\u{1B}c"], "url": "https://a.example/\u{1B}[H", "site": "s\n\u{8}",
        ]
        for page in [DocumentPages.page(document, .plain), DocumentPages.line(document, .plain)] {
            #expect(!page.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || (0x7F..<0xA0).contains($0.value) })
        }
    }
}
