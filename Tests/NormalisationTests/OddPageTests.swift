import Glibc
import HTML
import Normalisation
import Testing

/// Pages that no author writes end within the stated limits, in a time that grows with their length.
/// `millrace-bench odd-pages` measures larger ones.
@Suite("Odd pages", .serialized) struct OddPageTests {
    static let pages: [(name: String, make: @Sendable (Int) -> String)] = [
        ("nested elements", { times("<div>", $0) + "text" }),
        ("nested elements with blocks", { times("<div class=content><p>a few words", $0) }),
        ("blocks below many elements", { times("<div>", 500) + times("<p>x</p>", $0) }),
        ("tiny elements", { times("<b>x</b>", $0) }),
        ("tiny paragraphs", { times("<p>x</p>", $0) }),
        ("cells", { "<table><tr>" + times("<td>x", $0) }),
        ("items with links", { "<ul>" + times("<li><a href=/x>x</a></li>", $0) }),
        ("the same heading", { "<title>" + times("w ", 900) + "</title>" + times("<h1>a few words</h1>", $0) }),
        ("headings", { numbered("<h2>Heading ", "</h2><p>words", $0) }),
        ("pictures", { numbered("<p>x<img src=/", ".png>", $0) }),
        ("line breaks", { times("<p>x<br>", $0) }),
        ("a title of many parts", { "<title>" + times("a - ", $0) + "</title><h1>a</h1>" }),
        ("a class", { "<p class='" + times("author date ", $0) + "'>text" }),
        ("a type", { "<p itemtype='" + times("/a", $0) + "'>text" }),
        ("a style", { "<p style='" + times("display:non ", $0) + "'>text" }),
        ("hidden elements", { times("<div style='display:none'>x", $0) + "text" }),
        ("by-lines", { times("<a rel=author class=author href=/author/x>By A. Writer, B. Other</a>", $0) }),
        ("dates", { times("<time class=date>updated 3 May 2020</time>", $0) }),
        ("texts with a year", { times("<p>in 2020 and 2021", $0) }),
        ("meta elements", { times("<meta name=author content='a, b and c'>", $0) + "<p>text" }),
        ("things in JSON-LD", { script(times(#"{"@type":"Article","author":"y"},"#, $0)) }),
        ("levels of JSON-LD", { script(times("[", $0)) }),
        ("references in JSON-LD", { script(numbered(#"{"@id":"#, #","author":{"@id":1}},"#, $0)) }),
        ("opening brackets", { "text" + times("<", $0) }),
        ("letters with marks", { "<p>" + times("e\u{301} ", $0) }),
        ("the same sentence", { times("<p>All that is said is said again.", $0) }),
    ]

    private static func times(_ piece: String, _ bytes: Int) -> String {
        String(repeating: piece, count: bytes / piece.utf8.count)
    }

    private static func numbered(_ before: String, _ after: String, _ bytes: Int) -> String {
        (0..<bytes / (before.utf8.count + after.utf8.count + 5)).map { "\(before)\($0 + 10_000)\(after)" }.joined()
    }

    private static func script(_ text: String) -> String {
        "<script type='application/ld+json'>[" + text + "{}]</script><p>text"
    }

    @Test(arguments: pages.indices) func timeIsLinear(_ index: Int) throws {
        let page = Self.pages[index]
        let small = try processorTime(page.make(16_000))
        let large = try processorTime(page.make(128_000))
        // Eight times the page may take 32 times as long before it is called quadratic (64 times).
        #expect(large < max(small, 0.01) * 32, "\(page.name)")
    }

    private func processorTime(_ page: String) throws -> Double {
        let bytes = Array(page.utf8)
        let begin = clock()
        _ = try normalise(bytes, mediaType: "text/html")
        return Double(clock() - begin) / Double(CLOCKS_PER_SEC)
    }

    @Test("What is beyond the limits is cut, the rest is kept") func limits() throws {
        let beyond = HTMLLimits().bytes
        let page = Array("<p>Before the limit.</p>".utf8) + [UInt8](repeating: 0x20, count: beyond) + "<p>behind".utf8
        let document = try #require(try documents(page, mediaType: "text/html").first)
        #expect(document["text"]?.string == "Before the limit.")
    }

    @Test("Blocks beyond those that the model decides are taken like others of their kind") func manyBlocks() throws {
        let row = "<p class=row>The river rose again in the night, and the mill stood still until noon.</p>"
        let document = try #require(
            try documents(Array(("<h1>Log</h1>" + String(repeating: row, count: 51_000)).utf8), mediaType: "text/html")
                .first)
        let kept = document["text"]?.string?.utf8.split(separator: UInt8(ascii: "\n")).count ?? 0
        #expect(kept <= 1 || kept > 50_100)
    }
}
