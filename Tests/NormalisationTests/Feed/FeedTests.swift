import JSON
import Normalisation
import Testing

@Suite("Feeds")
struct FeedTests {
    @Test("RSS 2.0 with its common modules")
    func rss() throws {
        let text = """
            <?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" \
            xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"><channel>
            <title>Mill &amp; River</title><link>https://mill.example/</link><language>en-gb</language>
            <atom:link rel="self" href="https://mill.example/feed"/>
            <item><title>The wheel turns</title><link>/news/1?utm_source=rss</link><guid isPermaLink="false">tag:1</guid>
            <pubDate>Tue, 4 May 2021 10:11:12 +0200</pubDate><dc:creator>Ann Miller</dc:creator><category>Water</category>
            <description>Short.</description>
            <content:encoded><![CDATA[<p>First &amp; foremost.</p><p>Then <a href="more">more</a>.<br>New line</p>\
            <script>x()</script><img src="/a.jpg" alt="Wheel">]]></content:encoded>
            <enclosure url="https://mill.example/a.mp3" type="audio/mpeg" length="123"/>
            <media:thumbnail url="https://mill.example/t.png" width="60" height="40"/></item></channel></rss>
            """
        let document = try #require(try documents(text, uri: "https://mill.example/feed").first)
        #expect(document["title"]?.string == "The wheel turns")
        #expect(document["url"]?.string == "https://mill.example/news/1")
        #expect(document["source_id"]?.string == "tag:1")
        #expect(document["published"]?.string == "2021-05-04T08:11:12Z")
        #expect(document["authors"] == ["Ann Miller"])
        #expect(document["tags"] == ["Water"])
        #expect(document["summary"]?.string == "Short.")
        #expect(document["text"]?.string == "First & foremost.\n\nThen more.\nNew line")
        #expect(document["links"] == ["https://mill.example/more"])
        #expect(document["images"]?[0]?["url"]?.string == "https://mill.example/t.png")
        #expect(document["images"]?[1]?["url"]?.string == "https://mill.example/a.jpg")
        #expect(
            document["enclosures"]?[0] == ["url": "https://mill.example/a.mp3", "type": "audio/mpeg", "length": 123])
        #expect(document["feed"]?["title"]?.string == "Mill & River")
        #expect(document["feed"]?["url"]?.string == "https://mill.example/")
        #expect(document["site"]?.string == "Mill & River")
    }

    @Test("What a feed says of itself behind its entries counts for all of them")
    func feedBehindEntries() throws {
        let text = """
            <rss version="2.0"><channel><item><title>One</title></item><item><title>Two</title></item>
            <title>Late &amp; last</title><link>https://mill.example/</link><language>nl</language>
            <managingEditor>Ann Miller</managingEditor></channel></rss>
            """
        let found = try documents(text)
        #expect(found.map { $0["title"]?.string } == ["One", "Two"])
        #expect(found.map { $0["part"]?.integer } == [1, 2])
        for document in found {
            #expect(document["site"]?.string == "Late & last")
            #expect(document["authors"] == ["Ann Miller"])
            #expect(document["language"]?.string == "nl")
            #expect(document["feed"]?["url"]?.string == "https://mill.example/")
        }
    }

    @Test("Atom 1.0 with bases, constructs and links")
    func atom() throws {
        let text = """
            <feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/x/" xml:lang="de"><title>Blatt</title>
            <author><name>Redaktion</name></author><id>urn:feed</id>
            <entry xml:base="y/"><title type="html">A &amp;lt;b&amp;gt; &lt;i&gt;c&lt;/i&gt;</title><id>urn:1</id>
            <link rel="enclosure" href="f.pdf" type="application/pdf"/><link href="z.html"/>
            <published>2021-05-04T10:11:12Z</published><updated>2021-05-05T00:00:00Z</updated>
            <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Eins</p><p>Zwei &lt;drei&gt;</p></div></content>
            </entry></feed>
            """
        let document = try #require(try documents(text).first)
        #expect(document["title"]?.string == "A <b> c")
        #expect(document["url"]?.string == "https://a.example/x/y/z.html")
        #expect(document["enclosures"]?[0]?["url"]?.string == "https://a.example/x/y/f.pdf")
        #expect(document["text"]?.string == "Eins\n\nZwei <drei>")
        #expect(document["modified"]?.string == "2021-05-05T00:00:00Z")
        #expect(document["authors"] == ["Redaktion"])
        #expect(document["language"]?.string == "de")
        #expect(document["feed"]?["source_id"]?.string == "urn:feed")
    }

    /// Some software wraps escaped markup in a `div`; its declared type says that it is markup all the same.
    @Test(
        "Escaped markup beside elements is markup where the type says so, and text where not",
        arguments: [
            ("type='html'", "Mill race"), ("type='xhtml'", "Mill <b>race</b>"),
            ("type='text/html' mode='escaped'", "Mill race"), ("type='text/html' mode='xml'", "Mill <b>race</b>"),
        ])
    func escapedMarkupInElement(attributes: String, text: String) throws {
        let feed =
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><content \(attributes)>"
            + "<div>Mill &lt;b&gt;race&lt;/b&gt;</div></content></entry></feed>"
        #expect(try documents(feed).first?["text"]?.string == text)
    }

    @Test(
        "RDF, CDF, JSON Feed and Atom 0.3",
        arguments: [
            (
                "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><channel><title>C</title></channel><item rdf:about='https://r.example/1'><title>T</title><link>https://r.example/1</link></item></rdf:RDF>",
                "https://r.example/1"
            ),
            (
                "<CHANNEL HREF='https://c.example/'><ITEM HREF='https://c.example/1'><TITLE>T</TITLE></ITEM></CHANNEL>",
                "https://c.example/1"
            ),
            (
                "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"J\",\"items\":[{\"id\":7,\"url\":\"https://j.example/1\",\"title\":\"T\",\"content_html\":\"<p>x\"}]}",
                "https://j.example/1"
            ),
            (
                "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title mode='base64'>VA==</title><link rel='alternate' type='text/html' href='https://o.example/1'/></entry></feed>",
                "https://o.example/1"
            ),
        ])
    func forms(_ text: String, _ url: String) throws {
        let document = try #require(try documents(text).first)
        #expect(document["title"]?.string == "T")
        #expect(document["url"]?.string == url)
    }

    @Test("Ill-formed feeds are read as far as they can be")
    func illFormed() throws {
        let text =
            "\n<rss><channel><title>A & B</title><item><title>One &nbsp;two</title><description>x<b>y</description></item><item><title>Last"
        let found = try documents(text)
        #expect(found.map { $0["title"]?.string } == ["One two", "Last"])
    }

    @Test("Text that was escaped twice, and code that looks like it")
    func escapedTwice() throws {
        let twice =
            "<rss><channel><item><title>t</title><description>&amp;lt;p&amp;gt;One&amp;lt;/p&amp;gt;&amp;lt;p&amp;gt;Two&amp;lt;/p&amp;gt;</description></item></channel></rss>"
        #expect(try documents(twice).first?["text"]?.string == "One\n\nTwo")
        let code =
            "<rss><channel><item><title>t</title><description>&lt;p&gt;Use &amp;lt;p&amp;gt;&amp;lt;/p&amp;gt;.&lt;/p&gt;</description></item></channel></rss>"
        #expect(try documents(code).first?["text"]?.string == "Use <p></p>.")
    }

    @Test("The same entry keeps its id, and its hash while its content stays")
    func identity() throws {
        func feed(_ text: String, _ date: String) -> String {
            "<rss><channel><item><guid>g1</guid><title>T</title><pubDate>\(date)</pubDate><description>\(text)</description></item></channel></rss>"
        }
        let one = try #require(try documents(feed("a", "2021-01-01")).first)
        let two = try #require(try documents(feed("a", "2022-01-01")).first)
        let three = try #require(try documents(feed("b", "2022-01-01")).first)
        #expect(one["id"] == two["id"] && one["hash"] == two["hash"])
        #expect(one["id"] == three["id"] && one["hash"] != three["hash"])
    }

    @Test("No entries is no failure; no feed is one")
    func empty() throws {
        let result = try normalise(Array("<rss><channel><title>Quiet</title></channel></rss>".utf8))
        #expect(result.failure == nil && result.documents.isEmpty && result.feed?.title == "Quiet")
        for text in ["garbage", "<html><body>404</body></html>", "", "<svg/>"] {
            let result = try normalise(Array(text.utf8), mediaType: "application/rss+xml")
            #expect(result.failure?.contains("declared as a feed") == true)
        }
    }

    @Test("Mutated feeds give documents or a reason, never a crash")
    func mutations() throws {
        let seeds = [
            "<rss version='2.0' xml:base='http://a/'><channel><title>A &amp; B</title><item><title><![CDATA[<b>x</b>]]></title><link>/a?b#c</link><pubDate>Tue, 4 May 2021 10:11:12 GMT</pubDate><description>&lt;p&gt;x&lt;/p&gt;&lt;pre&gt; a\n b&lt;/pre&gt;</description><enclosure url='x' length='9'/></item></channel></rss>",
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title type='html'>x &amp;amp; y</title><content mode='base64'>PGI+</content><author><name>n</name></author><link href='../x'/></entry></feed>",
            "{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{\"id\":\"1\",\"content_text\":\"a\\u00e9\\n\\nb\",\"tags\":[\"x\"]}]}",
        ]
        let normaliser = try #require(Normaliser())
        var random = Randomness(state: 99)
        for round in 0..<6000 {
            let bytes = random.mutated(Array(seeds[round % seeds.count].utf8))
            let result = normaliser.normalise(NormaliserInput(bytes: bytes, source: "fuzz", uri: "https://x.example/"))
            if round % 50 == 0 { _ = try lines(of: result) }
        }
    }
}
