/// Pages that no author writes: each is made to cost as much as its bytes can.
struct OddPage: Sendable {
    var name: String
    var make: @Sendable () -> [UInt8]

    private static let mebibyte = 1 << 20

    static let all: [OddPage] = [
        OddPage(name: "100,000 nested elements") { times("<div>", 100_000) + bytes("text") },
        OddPage(name: "400,000 elements and formatting in each other") { times("<t><i>x", 400_000) },
        OddPage(name: "400,000 tables in each other's cells") { times("<table><td>", 400_000) },
        OddPage(name: "100,000 nested elements with blocks") { times("<div class=content><p>a few words", 100_000) },
        OddPage(name: "a million open elements of formatting") { times("<i>", 1_000_000) },
        OddPage(name: "a million tiny elements") { times("<b>x</b>", 1_000_000) },
        OddPage(name: "a million tiny paragraphs") { times("<p>x</p>", 1_000_000) },
        OddPage(name: "a million cells") { bytes("<table><tr>") + times("<td>x", 1_000_000) },
        OddPage(name: "a million items with links") { bytes("<ul>") + times("<li><a href=/x>x</a></li>", 1_000_000) },
        OddPage(name: "a million pictures") { times("<p>x<img src=/a.png>", 1_000_000) },
        OddPage(name: "two million line breaks") { times("<p>x<br>", 2_000_000) },
        OddPage(name: "blocks below 500 elements") { times("<div>", 500) + times("<p>x</p>", 300_000) },
        OddPage(name: "an attribute of 50 MiB") { attribute("title", "word ") },
        OddPage(name: "a class of 50 MiB") { attribute("class", "author date ") },
        OddPage(name: "a style of 50 MiB") { attribute("style", "display:non ") },
        OddPage(name: "a type of 50 MiB") { attribute("itemtype", "/a?b") },
        OddPage(name: "an address of 50 MiB") { attribute("href", "/a?b&c") },
        OddPage(name: "a comment without an end") { bytes("<p>text</p><!--") + times("a-", 25 * mebibyte) },
        OddPage(name: "scripts in scripts") { bytes("<script>") + times("<!--<script", 4 * mebibyte) },
        OddPage(name: "50 MiB of text") { bytes("<p>") + times("word ", 10 * mebibyte) },
        OddPage(name: "50 MiB of one word") { bytes("<p>") + times("w", 50 * mebibyte) },
        OddPage(name: "50 MiB of letters beyond ASCII") { bytes("<p>") + times("é ñ ü Ωμέ ", 3 * mebibyte) },
        OddPage(name: "50 MiB of opening brackets") { times("<", 50 * mebibyte) },
        OddPage(name: "five million references") { bytes("<p>") + times("&amp;&copy;&notit;&#x41;", 1_250_000) },
        OddPage(name: "a title of 50 MiB") { bytes("<title>") + times("word - ", 7 * mebibyte) + bytes("</title>") },
        OddPage(name: "100,000 headings") {
            bytes("<title>") + times("w ", 900) + bytes("</title>") + times("<h1>a few words</h1>", 100_000)
        },
        OddPage(name: "a million things in JSON-LD") {
            script(times(#"{"@type":"Article","headline":"x","author":"y"},"#, 1_000_000))
        },
        OddPage(name: "JSON-LD ten million levels deep") { script(times("[", 10_000_000)) },
        OddPage(name: "an article of 50 MiB in JSON-LD") {
            script(bytes(#"{"@type":"Article","articleBody":""#) + times("é ñ ü ", 5 * mebibyte) + bytes(#""}"#))
        },
        OddPage(name: "500,000 meta elements") { times("<meta name=author content='a, b and c'>", 500_000) },
        OddPage(name: "500,000 dates") { times("<time class=date>updated 3 May 2020</time>", 500_000) },
        OddPage(name: "500,000 by-lines") { times("<a rel=author href=/author/x>By A. Writer, B. Other</a>", 500_000) },
        OddPage(name: "64 MiB of paragraphs") { times("<p>a few words text</p>", 64 * mebibyte / 23) },
    ]

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func times(_ text: String, _ count: Int) -> [UInt8] {
        let piece = bytes(text)
        var result: [UInt8] = []
        result.reserveCapacity(piece.count * count)
        for _ in 0..<count { result.append(contentsOf: piece) }
        return result
    }

    private static func attribute(_ name: String, _ value: String) -> [UInt8] {
        bytes("<a \(name)=\"") + times(value, 50 * mebibyte / value.utf8.count) + bytes("\">text</a>")
    }

    private static func script(_ text: [UInt8]) -> [UInt8] {
        bytes("<script type=application/ld+json>[") + text + bytes("{}]</script><p>text")
    }
}
