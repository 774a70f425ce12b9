import Glibc
import Testing

@testable import HTML

/// No input costs more than its length: what is made to be slow grows with it.
@Suite(.serialized) struct LimitTests {
    /// Names and inputs, for about so many bytes.
    static let hostile: [(name: String, make: @Sendable (Int) -> String)] = [
        ("nested elements", { times("<div>", $0) }),
        ("nested elements of no special kind", { times("<x>", $0 / 2) + times("</y>", $0 / 2) }),
        ("nested formatting", { times("<b>", $0) + "x" }),
        ("formatting opened anew", { times("<i>", 300) + times("<p>x", $0 / 40) }),
        ("different formatting", { numbered("<font size=", "><p>x", $0 / 40) }),
        ("links around blocks", { times("<a><div>", $0) }),
        ("adoption", { times("<b><div>x</b>", $0) }),
        ("adoption through many", { times("<b><i><u><s><em><div>x</b></i></u></s></em>", $0) }),
        ("adoption of many children", { "<b><i><u><div>" + times("<br>", $0) + "</b></i></u>" }),
        ("formatting around other elements", { times("<t><i>x", $0) }),
        ("nobr", { times("<nobr>x", $0) }),
        ("fostered text beside a cell's", { "<table>" + times("x<tr><td>&amp;</td></tr>", $0) }),
        ("fostered text and references", { "<table>" + times("&lt;<tr>", $0) }),
        ("nested tables", { times("<table><tr><td>", $0) }),
        ("tables in tables", { times("<table>", $0) }),
        ("table parts", { "<table>" + times("<td><tr><tbody><caption><col>", $0) }),
        ("attributes of one element", { "<p " + numbered("a", " ", $0) + ">" }),
        ("attributes with the same name", { "<p " + times("a ", $0) + ">" }),
        ("one element with a long attribute", { "<p title='" + times("&amp;x", $0) + "'>" }),
        ("attributes of the body", { numbered("<body a", ">", $0) }),
        ("tags that never end", { times("<p a='", $0) }),
        ("names of elements", { numbered("<n", ">", $0) }),
        ("comments that never end", { times("<!--", $0) }),
        ("comments", { times("<!--->", $0) }),
        ("dashes", { "<!--" + times("--", $0) }),
        ("declarations", { times("<!x>", $0) + times("<?", $0 / 2) }),
        ("scripts", { times("<script></script>", $0) }),
        ("a script full of beginnings", { "<script><!--" + times("<script", $0) }),
        ("text areas full of ends", { "<textarea>" + times("</textare", $0) }),
        ("styles", { times("<style><", $0) }),
        ("ampersands", { times("&", $0) }),
        ("names of references that are none", { times("&CounterClockwiseContourIntegra", $0) }),
        ("NUL", { times("x\0", $0) }),
        ("NUL in scripts", { "<script>" + times("x\0", $0) }),
        ("templates", { times("<template>", $0) }),
        ("paragraphs' ends", { times("</p>", $0) }),
        ("foreign elements", { times("<svg><desc>", $0) }),
        ("ends in foreign elements", { times("<svg>", $0 / 2) + times("</x>", $0 / 2) }),
        ("breaking out", { times("<svg><g><p>", $0) }),
        ("lists", { times("<ul><li>", $0) }),
        ("items", { times("<li>", $0) }),
        ("buttons", { times("<button>", $0) }),
        ("selects", { times("<select><option>", $0) }),
        ("framesets", { times("<frameset>", $0) }),
        ("line ends", { times("\r\n\r", $0) }),
    ]

    private static func times(_ piece: String, _ bytes: Int) -> String {
        String(repeating: piece, count: bytes / piece.utf8.count)
    }

    private static func numbered(_ before: String, _ after: String, _ bytes: Int) -> String {
        (0..<bytes / (before.utf8.count + after.utf8.count + 5)).map { "\(before)\($0 + 10_000)\(after)" }.joined()
    }

    @Test(arguments: hostile.indices) func timeIsLinear(_ index: Int) {
        let input = Self.hostile[index]
        let small = Array(input.make(8000).utf8)
        let large = Array(input.make(64_000).utf8)
        // Eight times the input may take 32 times as long before it is called quadratic (64 times); caches and other
        // work on the machine blur the rest. Five milliseconds are beneath notice.
        let limit = max(processorTime(small), 0.005) * 32
        #expect(processorTime(large) < limit, "\(input.name)")
    }

    /// The quicker of two.
    private func processorTime(_ input: [UInt8]) -> Double {
        (0..<2).map { _ in
            let begin = Self.clock()
            let document = HTMLParser.parse(input)
            #expect(document.nodes.count <= HTMLLimits().nodes + 1000)
            return Self.clock() - begin
        }.min() ?? 0
    }

    private static func clock() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test func moreThanTheLimitIsCut() {
        var limits = HTMLLimits()
        limits.bytes = 1000
        limits.nodes = 100
        limits.attributes = 3
        limits.depth = 10
        let long = HTMLParser.parse(Array(String(repeating: "x", count: 2000).utf8), limits: limits)
        #expect(long.isTruncated)
        #expect(long.textContent(of: 0).utf8.count == 1000)
        let many = HTMLParser.parse(Array(String(repeating: "<br>", count: 200).utf8), limits: limits)
        #expect(many.isTruncated)
        #expect(many.nodes.count < 110)
        let rich = HTMLParser.parse(Array("<p a b c d e><body f g h i>".utf8), limits: limits)
        #expect(!rich.isTruncated)
        let counts = rich.nodes.indices.map { rich.attributes(of: Int32($0)).count }
        #expect(counts.max() == 3)
    }

    /// Of these some did not end: formatting elements that were opened anew made room for what stood behind them, and tables
    /// were not counted.
    @Test(arguments: [
        "<div>", "<t><i>", "<b><t><i>", "<a><p>", "<i><p></i>", "<form><div></form>", "<table><td>",
        "<i><table><td><b>",
        "<svg><g>", "<select><option>", "<ul><li><i>", "<ruby><rb><i><rt>", "<template><i>", "<nobr><b><t>",
        "<template>", "<table><template>", "<table><div>", "<table><tr><td><div>", "<table><caption>", "<table><a>",
        "<a><table>", "<table><tr><form>", "<b></table><table>", "<svg><foreignObject><table>", "<math><mi><table><tr>",
        "<table><select>", "<table><colgroup><template>", "<table><td></tr><b>",
    ]) func noInputMakesATreeTooDeep(_ piece: String) {
        var limits = HTMLLimits()
        limits.depth = 40
        let document = HTMLParser.parse(Array(String(repeating: piece, count: 2000).utf8), limits: limits)
        var deepest = 0
        var depths = [0: 0]
        var waiting: [HTMLDocument.NodeIndex] = [0]
        while let node = waiting.popLast() {
            let depth = depths[Int(node)] ?? 0
            deepest = max(deepest, depth)
            var child = document.nodes[Int(node)].firstChild
            while child != HTMLDocument.none {
                depths[Int(child)] = depth + 1
                waiting.append(child)
                child = document.nodes[Int(child)].nextSibling
            }
        }
        #expect(deepest <= 2 * limits.depth + 80)
    }

    /// Whoever chooses his names so that they meet in the table gets elements without a name, not a slow page.
    @Test func namesThatMeetCostNothing() {
        var table = NameTable.tags
        let known = table.number(of: "div")
        for number in 0..<30_000 { _ = table.number(of: "name-\(number)") }
        #expect(table.number(of: "div") == known)
        #expect(table.name(table.number(of: "name-3")) == "name-3")
        #expect(table.name(table.number(of: "name-29999")) == "")
        #expect(table.name(table.number(of: String(repeating: "n", count: 2000))) == "")
    }
}
