import Testing

/// Feeds written for these tests: every format, the common namespaces, and what feeds in the wild get wrong.
enum FeedFixtures {
    struct Fixture: CustomTestStringConvertible, Sendable {
        let name: String
        let feed: [UInt8]
        /// Members of the first document, `feed.` before those of the feed; of a list, the first entry.
        let expected: [String: String]

        var testDescription: String { name }

        init(_ name: String, _ feed: String, _ expected: [String: String]) {
            self.init(name, bytes: Array(feed.utf8), expected)
        }

        init(_ name: String, bytes: [UInt8], _ expected: [String: String]) {
            self.name = name
            feed = bytes
            self.expected = expected
        }
    }

    static let formats = [
        Fixture(
            "RSS 0.91 with its document type",
            """
            <?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" \
            "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>Lock notes</title>
            <link>https://lock.example/</link><description>d</description><language>en-us</language>
            <item><title>Gate mended</title><link>https://lock.example/1</link><description>New oak.</description></item>
            </channel></rss>
            """,
            ["title": "Gate mended", "url": "https://lock.example/1", "text": "New oak.", "feed.language": "en-us"]),
        Fixture(
            "RSS 0.92: entries without titles, categories, sources",
            """
            <rss version="0.92"><channel><title>Lock notes</title><item><description>Water &lt;b&gt;high&lt;/b&gt; today.\
            </description><category domain="x">levels</category><source url="https://other.example/rss">Other</source>
            </item></channel></rss>
            """, ["text": "Water high today.", "tags": "levels", "site": "Lock notes"]),
        Fixture(
            "RSS 2.0 with people by mail address",
            """
            <rss version="2.0"><channel><title>Lock notes</title><item><title>Boats</title>
            <author>ines@lock.example (Ines Carvalho)</author><guid>https://lock.example/boats</guid>
            <comments>https://lock.example/boats#comments</comments></item></channel></rss>
            """, ["authors": "Ines Carvalho", "url": "https://lock.example/boats"]),
        Fixture(
            "RSS 1.0 (RDF) with Dublin Core",
            """
            <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" \
            xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://lock.example/"><title>Lock notes\
            </title><items><rdf:Seq><rdf:li resource="https://lock.example/2"/></rdf:Seq></items></channel>
            <item rdf:about="https://lock.example/2"><title>Sluice</title><link>https://lock.example/2</link>
            <dc:creator>Ben Adeyemi</dc:creator><dc:date>2026-03-02T08:00+01:00</dc:date><dc:subject>iron</dc:subject>
            <dc:language>en</dc:language></item></rdf:RDF>
            """,
            [
                "title": "Sluice", "source_id": "https://lock.example/2", "authors": "Ben Adeyemi", "tags": "iron",
                "published": "2026-03-02T07:00:00Z",
            ]),
        Fixture(
            "RSS 0.90 in its own namespace",
            """
            <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" \
            xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>Old</title></channel><item><title>First</title>
            <link>https://lock.example/old</link></item></rdf:RDF>
            """, ["title": "First", "url": "https://lock.example/old", "feed.title": "Old"]),
        Fixture(
            "Atom 0.3",
            """
            <feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="nl"><title>Sluis</title>
            <entry><title mode="escaped" type="text/html">De &lt;i&gt;poort&lt;/i&gt;</title>
            <link rel="alternate" type="text/html" href="https://sluis.example/1"/><issued>2026-01-05T09:00:00Z</issued>
            <modified>2026-01-06T09:00:00Z</modified><summary>Nieuw.</summary></entry></feed>
            """,
            [
                "title": "De poort", "url": "https://sluis.example/1", "published": "2026-01-05T09:00:00Z",
                "modified": "2026-01-06T09:00:00Z", "language": "nl", "text": "Nieuw.",
            ]),
        Fixture(
            "Atom 1.0: bases within bases, links by relation",
            """
            <feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://lock.example/notes/"><title>Lock notes</title>
            <entry xml:base="2026/"><id>tag:lock.example,2026:3</id><title>Level</title><link rel="self" href="3.atom"/>
            <link href="3.html"/><link rel="enclosure" type="audio/ogg" length="9" href="3.ogg"/>
            <content type="html" xml:base="march/">&lt;p&gt;&lt;a href="map"&gt;Map&lt;/a&gt;&lt;/p&gt;</content></entry></feed>
            """,
            [
                "url": "https://lock.example/notes/2026/3.html", "text": "Map",
                "links": "https://lock.example/notes/2026/march/map",
                "enclosures": "https://lock.example/notes/2026/3.ogg",
            ]),
        Fixture(
            "Atom 1.0: bases of elements inside of content",
            """
            <feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://lock.example/notes/"><title>Lock notes</title>
            <entry><id>tag:lock.example,2026:4</id><title>Level</title><content type="xhtml">
            <div xmlns="http://www.w3.org/1999/xhtml" xml:base="march/"><p xml:base="https://weir.example/a/"><a
            href="map?x=1&amp;y=2">Map</a></p><p><img src="gate.png"/></p></div></content></entry></feed>
            """,
            [
                "text": "Map", "links": "https://weir.example/a/map?x=1&y=2",
                "images": "https://lock.example/notes/march/gate.png",
            ]),
        Fixture(
            "CDF",
            """
            <CHANNEL HREF="https://lock.example/" LASTMOD="2026-02-01T10:00"><TITLE>Lock notes</TITLE>
            <ITEM HREF="https://lock.example/4" LASTMOD="2026-02-01T09:00"><TITLE>Ice</TITLE>
            <ABSTRACT>On the upper pond.</ABSTRACT></ITEM></CHANNEL>
            """,
            [
                "title": "Ice", "url": "https://lock.example/4", "text": "On the upper pond.",
                "modified": "2026-02-01T09:00:00Z",
            ]
        ),
        Fixture(
            "JSON Feed 1.0",
            """
            {"version": "https://jsonfeed.org/version/1", "title": "Lock notes", "author": {"name": "Ines Carvalho"},
             "items": [{"id": "5", "url": "https://lock.example/5", "title": "Otter", "content_text": "Seen again.",
             "date_published": "2026-04-01T07:00:00+02:00", "tags": ["otter"]}]}
            """,
            [
                "source_id": "5", "text": "Seen again.", "authors": "Ines Carvalho",
                "published": "2026-04-01T05:00:00Z", "tags": "otter",
            ]),
        Fixture(
            "JSON Feed 1.1",
            """
            {"version": "https://jsonfeed.org/version/1.1", "title": "Lock notes", "language": "en",
             "items": [{"id": 6, "content_html": "<p>One</p><p>Two</p>", "authors": [{"name": "Ben Adeyemi"}],
             "attachments": [{"url": "https://lock.example/6.mp3", "mime_type": "audio/mpeg"}]}]}
            """,
            [
                "source_id": "6", "text": "One\\n\\nTwo", "authors": "Ben Adeyemi",
                "enclosures": "https://lock.example/6.mp3",
            ]),
    ]

    static let namespaces = [
        Fixture(
            "Podcasts and media, places and threads",
            """
            <rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" \
            xmlns:media="http://search.yahoo.com/mrss/" xmlns:georss="http://www.georss.org/georss" \
            xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:thr="http://purl.org/syndication/thread/1.0">
            <channel><title>Lock talk</title><item><title>Episode</title><itunes:author>Ines Carvalho</itunes:author>
            <itunes:summary>About gates.</itunes:summary><itunes:keywords>gates, oak</itunes:keywords>
            <media:thumbnail url="https://lock.example/t.jpg"/><georss:point>52.1 4.3</georss:point>
            <slash:comments>7</slash:comments><thr:in-reply-to ref="x"/>
            <enclosure url="https://lock.example/e.mp3" type="audio/mpeg" length="123"/></item></channel></rss>
            """,
            [
                "authors": "Ines Carvalho", "text": "About gates.", "tags": "gates",
                "images": "https://lock.example/t.jpg",
                "enclosures": "https://lock.example/e.mp3",
            ]),
        Fixture(
            "Prefixes that were never declared mean what they usually do",
            """
            <rss version="2.0"><channel><item><title>Weir</title><dc:creator>Ben Adeyemi</dc:creator>
            <content:encoded><![CDATA[<p>Whole text.</p>]]></content:encoded><description>Teaser.</description>
            <feedburner:origLink>https://lock.example/7</feedburner:origLink><link>https://feeds.example/~r/7</link></item>
            </channel></rss>
            """,
            [
                "authors": "Ben Adeyemi", "text": "Whole text.", "summary": "Teaser.", "url": "https://lock.example/7",
            ]),
        Fixture(
            "Other prefixes for the same namespaces; the same prefix for others",
            """
            <a:feed xmlns:a="http://www.w3.org/2005/Atom" xmlns:dc="urn:example:depots"><a:entry><a:title>Gate</a:title>
            <dc:title>Depot</dc:title><a:author><a:name>Ines Carvalho</a:name></a:author></a:entry></a:feed>
            """, ["title": "Gate", "authors": "Ines Carvalho"]),
    ]

    static let faults = [
        Fixture(
            "Escaped twice, and once",
            """
            <rss><channel><item><title>Locks &amp;amp; weirs</title><description>&amp;lt;p&amp;gt;One.&amp;lt;/p&amp;gt;\
            &amp;lt;p&amp;gt;Two.&amp;lt;/p&amp;gt;</description></item></channel></rss>
            """, ["title": "Locks & weirs", "text": "One.\\n\\nTwo."]),
        Fixture(
            "Names of HTML that XML does not know, bare ampersands, numbers of windows-1252",
            "<rss><channel><item><title>Caf&eacute; &ndash; R&D &#147;x&#148;</title></item></channel></rss>",
            ["title": "Café – R&D “x”"]),
        Fixture(
            "Junk in front, tags never closed, the end missing",
            "\u{FEFF}\n\n<!-- x --><rss><channel><title>A</title><item><title>Half</title><link>https://lock.example/8</link><description>And",
            ["feed.title": "A", "title": "Half", "url": "https://lock.example/8", "text": "And"]),
        Fixture(
            "Attributes without quotation marks, names in capitals, a stray end tag",
            "<RSS version=2.0><CHANNEL></b><ITEM><TITLE>Caps</TITLE><GUID isPermaLink=false>g</GUID></ITEM></CHANNEL></RSS>",
            ["title": "Caps", "source_id": "g"]),
        Fixture(
            "Elements of HTML in the middle of an entry",
            "<rss><channel><item><title>One<br/>two</title><description><p>First.</p><p>Second.</p></description></item></channel></rss>",
            ["text": "First.\\n\\nSecond."]),
        Fixture(
            "Declared as UTF-8, written in windows-1252",
            bytes: Array("<?xml version=\"1.0\" encoding=\"utf-8\"?><rss><channel><item><title>Stra".utf8) + [0xDF]
                + Array("e </title></item></channel></rss>".utf8), ["title": "Straße"]),
        Fixture(
            "Declared as ISO-8859-1, with quotation marks of windows-1252",
            bytes: Array("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><rss><channel><item><title>".utf8)
                + [0x93, 0x78, 0x94] + Array("</title></item></channel></rss>".utf8), ["title": "“x”"]),
        Fixture(
            "UTF-16 with its mark",
            bytes: [0xFF, 0xFE]
                + "<rss><channel><item><title>Ż</title></item></channel></rss>".utf16.flatMap {
                    [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
                }, ["title": "Ż"]),
        Fixture(
            "Shift_JIS by its declaration",
            bytes: Array("<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><rss><channel><item><title>".utf8)
                + [0x90, 0x85, 0x8E, 0xD4] + Array("</title></item></channel></rss>".utf8), ["title": "水車"]),
        Fixture(
            "Dates as no standard has them",
            "<rss><channel><item><title>x</title><pubDate>2026년 3월 4일 오후 2:05</pubDate></item></channel></rss>",
            ["published": "2026-03-04T05:05:00Z"]),
    ]
}
