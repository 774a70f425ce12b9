import JSON
import Normalisation
import Testing

/// An entry with the page that it leads to.
@Suite struct PartsTests {
    private let sentence = "The wheel of the mill turns again after the long repair of the summer. "

    private func rss(_ description: String) -> String {
        """
        <rss version="2.0"><channel><title>Mill news</title><item><guid isPermaLink="false">w1</guid>
        <title>The wheel turns</title><link>https://mill.example/w</link><author>ann@mill.example (Ann Reed)</author>
        <pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate><description>\(description)</description></item>
        """
    }

    private func page(_ text: String) -> String {
        """
        <html lang="en"><head><title>Wheel | Mill</title><link rel="canonical" href="https://mill.example/wheel">
        </head><body><nav><a href="/">Home</a></nav><main><h1>Wheel</h1><p>\(text)</p></main></body></html>
        """
    }

    private func normalise(_ parts: [(isEntry: Bool, text: String, type: String?)]) throws -> NormaliserResult {
        let normaliser = try #require(Normaliser())
        var input = NormaliserInput(
            bytes: parts.flatMap { Array($0.text.utf8) }, source: "test", uri: "https://mill.example/w")
        input.parts = parts.map {
            .init(
                isEntry: $0.isEntry, length: $0.text.utf8.count,
                uri: $0.isEntry ? "https://mill.example/feed" : "https://mill.example/w",
                mediaType: $0.type, charset: "utf-8")
        }
        return normaliser.normalise(input)
    }

    @Test func aTeaserGetsThePagesText() throws {
        let text = String(repeating: sentence, count: 8)
        let result = try normalise([
            (true, rss("It turns again."), "application/xml"), (false, page(text), "text/html"),
        ])
        let document = try #require(try lines(of: result).first)
        #expect(result.documents.count == 1)
        #expect(document["text"]?.string?.contains("long repair of the summer") == true)
        #expect(document["title"]?.string == "The wheel turns")
        #expect(document["summary"]?.string == "It turns again.")
        #expect(document["authors"] == ["Ann Reed"])
        #expect(document["published"]?.string == "2026-11-24T10:00:00Z")
        #expect(document["url"]?.string == "https://mill.example/wheel")
        #expect(document["feed"]?["title"]?.string == "Mill news")
        // What the entry is without its page has the same id.
        let alone = try lines(of: try normalise([(true, rss("It turns again."), "application/xml")]))
        #expect(alone.first?["id"] == document["id"] && alone.first?["text"]?.string == "It turns again.")
    }

    @Test func aWholeEntryKeepsItsText() throws {
        let text = String(repeating: sentence, count: 8)
        let result = try normalise([
            (true, rss(text), "application/xml"), (false, page("Please subscribe."), "text/html"),
        ])
        let document = try #require(try lines(of: result).first)
        #expect(document["text"]?.string?.hasPrefix(sentence) == true)
        #expect(document["text"]?.string?.contains("subscribe") == false)
    }

    @Test func pagesContinueEachOther() throws {
        let one = String(repeating: sentence, count: 4)
        let two = String(repeating: "The second page tells how the stone was brought from the quarry. ", count: 4)
        let result = try normalise([(false, page(one), "text/html"), (false, page(two), "text/html")])
        let text = try #require(try lines(of: result).first?["text"]?.string)
        #expect(result.documents.count == 1 && text.contains("wheel of the mill") && text.contains("from the quarry"))
    }

    @Test func whatCannotBeReadIsLeftOut() throws {
        let broken = try normalise([
            (true, rss("It turns."), "application/xml"), (false, "\u{0}\u{1}\u{2}", "image/png"),
        ])
        #expect(try lines(of: broken).first?["text"]?.string == "It turns.")
        let nothing = try normalise([(false, "\u{0}\u{1}", "image/png")])
        #expect(nothing.failure?.contains("image/png") == true)
        var input = NormaliserInput(bytes: [1, 2], source: "test", uri: "x")
        for lengths in [[1], [3], [-1, 3], [Int.max, Int.max]] {
            input.parts = lengths.map { .init(isEntry: false, length: $0, uri: "x") }
            #expect(Normaliser()?.normalise(input).failure?.contains("parts") == true)
        }
    }
}
