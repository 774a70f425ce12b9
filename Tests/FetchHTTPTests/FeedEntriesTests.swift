import Testing

@testable import HTTPFetching

@Suite("A feed cut into entries")
struct FeedEntriesTests {
    private func cut(_ text: String, charset: String? = nil) -> [FeedEntries.Entry]? {
        FeedEntries(Array(text.utf8), mediaType: nil, charset: charset)?.entries
    }

    @Test("RSS: id, link and a feed of its own for each entry")
    func rss() throws {
        let entries = try #require(
            cut(
                """
                <?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/">
                <channel><title>Mill</title><link>http://mill.test/</link>
                <item><guid isPermaLink="false">g1</guid><link>http://mill.test/1</link><title>One</title>
                <media:group><media:title>none</media:title><link>http://no.test/</link></media:group></item>
                <media:item>no entry</media:item>
                <item><guid>http://mill.test/2</guid><title>Two</title></item>
                <item><link>/3</link><title>Three</title></item></channel></rss>
                """))
        #expect(entries.map(\.identity) == ["g1", "http://mill.test/2", "/3"])
        #expect(entries.map(\.link) == ["http://mill.test/1", "http://mill.test/2", "/3"])
        let second = String(decoding: entries[1].feed, as: UTF8.self)
        #expect(second.contains("<title>Mill</title>") && second.contains("<title>Two</title>"))
        #expect(!second.contains("One") && !second.contains("Three") && !second.contains("<?xml"))
    }

    @Test("Atom: the alternate link that is a page; the mark changes with the entry alone")
    func atom() throws {
        func feed(_ head: String, _ text: String) -> String {
            """
            <feed xmlns="http://www.w3.org/2005/Atom"><title>\(head)</title><entry><id>tag:1</id>
            <link rel="self" href="http://mill.test/self"/><link rel="alternate" type="text/plain" href="/plain"/>
            <link type="text/html" href="/page"/><content>\(text)</content></entry></feed>
            """
        }
        let one = try #require(cut(feed("A", "x"))?.first)
        #expect(one.identity == "tag:1" && one.link == "/page")
        #expect(cut(feed("B", "x"))?.first?.mark == one.mark)
        #expect(cut(feed("A", "y"))?.first?.mark != one.mark)
    }

    @Test("JSON Feed, RDF, and another encoding")
    func others() throws {
        let json = try #require(
            cut(
                #"{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":7,"url":"/7"},{"id":"8"}]}"#
            ))
        #expect(json.map(\.identity) == ["7", "8"] && json.map(\.link) == ["/7", nil])
        #expect(String(decoding: json[1].feed, as: UTF8.self).contains(#""items":[{"id":"8"}]"#))
        let rdf = try #require(
            cut(
                """
                <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
                <channel rdf:about="http://a/"><title>T</title></channel>
                <item rdf:about="http://a/1"><link>http://a/1</link></item></rdf:RDF>
                """))
        #expect(rdf.map(\.identity) == ["http://a/1"])
        let latin = Array("<?xml version='1.0' encoding='iso-8859-1'?><rss><channel><item><guid>M".utf8) + [0xFC]
        let entry = FeedEntries(latin, mediaType: nil, charset: nil)?.entries.first
        #expect(entry?.identity == "M\u{FC}")
    }

    @Test("What is no feed", arguments: ["", "hello", "<html><item>", "{}", #"{"items":[]}"#, "<urlset><entry/>"])
    func none(text: String) { #expect(cut(text) == nil) }

    @Test("A head that is too large is left out, not sent with each entry")
    func head() throws {
        let head = "<rss><channel><title>" + String(repeating: "x", count: 20_000) + "</title>"
        let entries = try #require(cut(head + "<item><guid>1</guid></item><item><guid>2</guid></item>"))
        #expect(entries.count == 2 && entries.allSatisfy { $0.feed.count < 100 })
    }
}
