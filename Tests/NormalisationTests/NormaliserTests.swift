import JSON
import Normalisation
import Testing

@Suite("Normaliser")
struct NormaliserTests {
    @Test(
        "What an input is, is seen from its bytes",
        arguments: [
            ("<?xml version='1.0'?><rss><channel><item><title>x</title></item></channel></rss>", "text/html", "feed"),
            ("<rss><channel><item><title>x</title></item></channel></rss>", nil, "feed"),
            (
                "<!-- c --><feed xmlns='http://www.w3.org/2005/Atom'><entry><title>x</title></entry></feed>",
                "application/xml", "feed"
            ),
            ("just words", nil, "plain-text"), ("# Head\n\nwords", "text/markdown", "markdown"),
            ("{\"text\":\"words\"}", "application/json", "record"),
        ] as [(String, String?, String)])
    func kinds(_ text: String, _ mediaType: String?, _ method: String) throws {
        let document = try #require(try documents(text, mediaType: mediaType).first)
        #expect(document["extraction"]?["method"]?.string == method)
    }

    @Test(
        "What can't be used fails with its reason and a remedy",
        arguments: [
            ([0x89, 0x50, 0x4E, 0x47, 0, 0] as [UInt8], "text/html", "image/png"),
            ([0, 1, 2, 3, 0, 0], nil, "binary data"),
            (Array("x".utf8), "application/x-unknown-thing", "unsupported media type: application/x-unknown-thing"),
            (Array("<urlset><url><loc>http://a/</loc></url></urlset>".utf8), "application/xml", "sitemap"),
        ] as [([UInt8], String?, String)])
    func failures(_ bytes: [UInt8], _ mediaType: String?, _ reason: String) throws {
        let result = try normalise(bytes, mediaType: mediaType)
        #expect(result.failure?.contains(reason) == true && result.failure?.contains("remedy") == true)
        #expect(result.documents.isEmpty && result.body.isEmpty)
    }

    @Test("Gzip is unpacked; damaged gzip is said")
    func gzip() throws {
        // `printf 'just words' | gzip -n`
        let packed: [UInt8] = [
            0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0xCB, 0x2A, 0x2D, 0x2E, 0x51, 0x28, 0xCF, 0x2F, 0x4A, 0x29, 0x06,
            0,
            0xB9, 0xF4, 0x70, 0x15, 0x0A, 0, 0, 0,
        ]
        let result = try normalise(packed, mediaType: "application/gzip")
        #expect(try lines(of: result).first?["text"]?.string == "just words")
        var broken = packed
        broken[12] ^= 0xFF
        #expect(try normalise(Array(broken.prefix(20)), mediaType: "text/plain").failure?.contains("gzip") == true)
    }

    @Test("A settled page: the same bytes give the same lines")
    func deterministic() throws {
        let text = Array(
            "<html lang=en><head><title>A &amp;\n page</title></head><body><p>One</p><p>Two</p></body></html>".utf8)
        let one = try normalise(text, mediaType: "text/html")
        let two = try normalise(text, mediaType: "text/html")
        #expect(one.body == two.body && !one.body.isEmpty)
        #expect(try lines(of: one).first?["title"]?.string == "A & page")
    }

    @Test(
        "The seed page of the corpus, in full",
        .enabled(if: Corpus.path != nil, "needs the corpus: set MILLRACE_CORPUS"))
    func seed() throws {
        let expected = try JSONValue.parse(try #require(Corpus.read("seed/expected.json")))["documents"]?.array ?? []
        let found = try documents(try #require(Corpus.read("seed/news-page.txt")), mediaType: "text/plain")
        #expect(found.count == expected.count && !found.isEmpty)
        for (document, wanted) in zip(found, expected) {
            #expect(document["title"] == wanted["title"])
            #expect(document["images"] == wanted["images"])
            #expect(
                document["text"]?.string == wanted["paragraphs"]?.array?.compactMap(\.string).joined(separator: "\n\n"))
        }
    }
}
