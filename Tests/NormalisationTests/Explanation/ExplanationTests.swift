import JSON
import Testing

@testable import Normalisation

/// What `preview --explain` is told.
@Suite struct ExplanationTests {
    static func explanation(
        _ text: String, uri: String = "https://canals.example/locks", mediaType: String? = "text/html"
    ) throws -> JSONValue {
        var settings = NormaliserSettings()
        settings.explains = true
        return try #require(
            try normalise(Array(text.utf8), uri: uri, mediaType: mediaType, settings: settings).explanation)
    }

    @Test func pages() throws {
        let head = """
            <meta property="og:title" content="How a lock works">
            <meta property="article:published_time" content="2024-03-02T10:00:00Z">
            <meta name="author" content="Ines Carvalho"><link rel=canonical href="https://canals.example/handbook/locks">
            <script type="application/ld+json">{"@type":"Article","headline":"How a lock works",
            "datePublished":"2024-03-01T08:00:00Z","author":{"@type":"Person","name":"Ines Carvalho"}}</script>
            """
        let found = try Self.explanation(ContentFormsTests.page.replacing("<head>", with: "<head>" + head))
        #expect(found["taken_for"]?.string == "page")
        #expect(found["because"]?.string == "of the declared media type")
        #expect(found["charset"]?["name"]?.string == "utf-8")
        let page = try #require(found["page"])
        #expect(page["kind"]?.string == "article")
        let sum = (page["probabilities"]?.object ?? [:]).values.compactMap(\.number).reduce(0, +)
        #expect(abs(sum - 1) < 0.01)

        let published = try #require(found["fields"]?["published"])
        #expect(published["value"]?.string == "2024-03-01T08:00:00Z")
        #expect(published["evidence"]?.string == "json-ld")
        #expect(published["others"]?[0]?["value"]?.string == "2024-03-02T10:00:00Z")
        #expect(published["others"]?[0]?["evidence"]?.string == "meta")
        let title = try #require(found["fields"]?["title"])
        #expect(title["value"]?.string == "How a lock works")
        #expect(title["score"]?.number ?? 0 > 0)
        #expect(title["others"]?.array?.contains { $0["evidence"]?.string == "title element" } == true)
        #expect(found["fields"]?["canonical"]?["evidence"]?.string == "link")

        let content = try #require(found["content"])
        let blocks = try #require(content["blocks"]?.array)
        #expect(Int64(blocks.count) == (content["kept"]?.integer ?? 0) + (content["cut"]?.integer ?? 0))
        let home = try #require(blocks.first { $0["text"]?.string == "Home" })
        #expect(home["kept"]?.bool == false)
        #expect(home["in"]?.string?.contains("nav ul li") == true)
        #expect(home["score"]?.number ?? 1 < content["threshold"]?.number ?? 0)
        #expect(blocks.first { $0["text"]?.string?.hasPrefix("A lock lifts") == true }?["kept"]?.bool == true)
    }

    @Test(arguments: [
        (
            "<rss version='2.0'><channel><item><title>x</title></item></channel></rss>", "text/html", "feed",
            "its first bytes"
        ),
        ("A line of text.\n", nil, "plain text", "its first bytes"),
        ("# Head\n\nText.\n", "text/markdown", "Markdown", "the declared media type"),
        ("{\"title\":\"x\"}", "application/x-ndjson", "records", "the declared media type"),
    ])
    func otherInputs(_ text: String, _ mediaType: String?, _ kind: String, _ ground: String) throws {
        let found = try Self.explanation(text, mediaType: mediaType)
        #expect(found["taken_for"]?.string == kind)
        #expect(found["because"]?.string == "of " + ground)
    }

    @Test func nothingIsExplainedThatNobodyAskedFor() throws {
        #expect(try normalise(Array(ContentFormsTests.page.utf8), mediaType: "text/html").explanation == nil)
    }

    /// What is taken is the same, explained or not, on pages of the corpus.
    @Test(.enabled(if: Corpus.path != nil, "needs the corpus: set MILLRACE_CORPUS")) func changesNothing() throws {
        var settings = NormaliserSettings()
        settings.explains = true
        for name in try #require(Corpus.pages).enumerated().filter({ $0.offset % 60 == 0 }).map(\.element) {
            let bytes = try #require(Corpus.read("pages/html/" + name))
            let plain = try normalise(bytes, mediaType: "text/html")
            let explained = try normalise(bytes, mediaType: "text/html", settings: settings)
            #expect(plain.body == explained.body, "\(name)")
        }
    }
}
