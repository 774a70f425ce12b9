import HTML
import JSON
import Testing

@testable import Normalisation

/// Markdown and HTML hold what the text holds, for every kind of input.
@Suite struct ContentFormsTests {
    static let all: NormaliserSettings = NormaliserSettings(["content": ["text", "markdown", "html"]])

    static let page = """
        <!DOCTYPE html><html lang=en><head><title>Locks - Canal pages</title></head><body>
        <nav><ul><li><a href=/>Home</a><li><a href=/b>Boats</a></ul></nav>
        <main><article><h1>How a lock works</h1>
        <p>A lock lifts a boat from one level of a canal to another. It is a <em>chamber</em> of stone or steel with a gate
        at each end, and it <a href="/pumps">needs no pump</a>: water only ever runs downhill through it.</p>
        <h2>What is needed</h2>
        <ul><li>A windlass, which turns the paddles that let water in and out of the chamber.</li>
        <li>Two lines, one at the bow and one at the stern, to hold the boat where it should be.</li></ul>
        <pre><code class="language-text">fill()
            wait(until: level == upper)</code></pre>
        <p>The whole passage takes a quarter of an hour where nobody waits, and twice that on a summer Sunday.</p>
        <p style="display:none">A hidden line that nobody sees on the page.</p>
        </article></main>
        <footer><p>Copyright</p><a href=/legal>Legal</a></footer></body></html>
        """

    /// The words of what a browser would show.
    static func words(ofHTML html: String) -> [String] {
        let document = HTMLParser.parseFragment(Array(html.utf8))
        var text = ""
        var node: HTMLDocument.NodeIndex = 0
        while node != HTMLDocument.none {
            let entry = document.nodes[Int(node)]
            if entry.kind == .text { text += document.string(entry.text) }
            if entry.kind == .element,
                !["strong", "em", "del", "sub", "sup", "code", "a"].contains(document.name(of: entry.tag))
            {
                text += " "
            }
            node = document.next(node, within: 0)
        }
        return words(text)
    }

    static func words(_ text: String) -> [String] {
        text.unicodeScalars.split { $0.properties.isWhitespace }.map { String($0) }
    }

    @Test func pages() throws {
        let document = try #require(
            try documents(
                Array(Self.page.utf8), uri: "https://canals.example/locks", mediaType: "text/html", settings: Self.all
            )
            .first)
        let text = try #require(document["text"]?.string)
        let html = try #require(document["html"]?.string)
        let markdown = try #require(document["markdown"]?.string)
        #expect(Self.words(ofHTML: html) == Self.words(text))
        #expect(html.contains("<a href=\"https://canals.example/pumps\">needs no pump</a>"))
        #expect(!html.contains("hidden"))
        #expect(markdown.contains("## What is needed\n\n- A windlass"))
        #expect(markdown.contains("```\nfill()\n    wait(until: level == upper)\n```"))
        #expect(markdown.contains("[needs no pump](https://canals.example/pumps)"))
    }

    @Test func nothingIsMadeThatNobodyAskedFor() throws {
        let document = try #require(
            try documents(Array(Self.page.utf8), uri: "https://canals.example/locks", mediaType: "text/html").first)
        #expect(document["markdown"] == nil)
        #expect(document["html"] == nil)
    }

    @Test func feeds() throws {
        let feed = """
            <rss version="2.0"><channel><title>Notes</title><item><title>One</title><link>https://e.org/1</link>
            <description><![CDATA[<p>First &amp; <b>best</b> <a href="/x" onclick="y()">link</a></p><script>z()</script>]]></description>
            </item><item><title>Two</title><description>Plain *text* only</description></item></channel></rss>
            """
        let found = try documents(
            Array(feed.utf8), uri: "https://e.org/feed", mediaType: "application/rss+xml", settings: Self.all)
        #expect(
            found.first?["html"]?.string
                == "<p>First &amp; <strong>best</strong> <a href=\"https://e.org/x\">link</a></p>")
        #expect(found.first?["markdown"]?.string == "First & **best** [link](https://e.org/x)")
        #expect(found.last?["markdown"]?.string == "Plain \\*text\\* only")
        #expect(found.last?["html"]?.string == "<p>Plain *text* only</p>")
    }

    @Test func recordsAndPlainText() throws {
        let record = #"{"id":"1","html":"<h2>Head</h2><p>Te<i>x</i>t</p>"}"#
        let found = try #require(
            try documents(Array(record.utf8), mediaType: "application/x-ndjson", settings: Self.all).first)
        #expect(found["markdown"]?.string == "## Head\n\nTe*x*t")
        #expect(found["html"]?.string == "<h2>Head</h2>\n<p>Te<em>x</em>t</p>")
        let plain = try #require(
            try documents(
                Array(
                    "A headline\n\nA first line of the text with <b>signs</b> in it, which is long enough to be one.\n"
                        .utf8), mediaType: "text/plain",
                settings: Self.all
            ).first)
        #expect(plain["html"]?.string?.contains("&lt;b&gt;signs&lt;/b&gt;") == true)
        #expect(plain["markdown"]?.string?.contains("\\<b>signs\\</b>") == true)
    }

    /// On every page of the corpus the HTML is safe, stays the same, and has the words of the text.
    @Test(.enabled(if: Corpus.path != nil, "needs the corpus: set MILLRACE_CORPUS")) func corpus() throws {
        var random = Randomness(state: 3)
        var names = try #require(Corpus.pages)
        // A sample: the whole corpus takes minutes without optimisation.
        for _ in 0..<(names.count - min(names.count, 60)) { names.remove(at: random.next(names.count)) }
        for name in names {
            let bytes = try #require(Corpus.read("pages/html/" + name))
            let result = try normalise(bytes, uri: "https://example.org/p", mediaType: "text/html", settings: Self.all)
            guard let document = try lines(of: result).first, let html = document["html"]?.string else { continue }
            #expect(SanitisedCheck.fault(in: Array(html.utf8)) == nil, "\(name)")
            let again = SanitisedHTML.write(ContentForms.content(ofFragment: Array(html.utf8), base: nil))
            #expect(String(decoding: again, as: UTF8.self) == html, "\(name) changes when it is sanitised again")
            let text = Self.words(document["text"]?.string ?? "").joined()
            let shown = Self.words(ofHTML: html).joined()
            let same = zip(shown, text).prefix { $0 == $1 }.count
            #expect(
                shown.count == text.count && same == text.count,
                "\(name): HTML …\(shown.dropFirst(same).prefix(60)) and text …\(text.dropFirst(same).prefix(60)) differ"
            )
        }
    }
}
