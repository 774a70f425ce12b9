/// What else feeds in the wild hold: written for these tests, each what some program writes.
extension FeedFixtures {
    private static func rss(_ item: String, _ name: String = "") -> String {
        "<rss version=\"2.0\" \(name)><channel><title>Lock notes</title><item>\(item)</item></channel></rss>"
    }

    private static func atom(_ entry: String) -> String {
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Lock notes</title><entry>\(entry)</entry></feed>"
    }

    static let oddities = [
        Fixture(
            "A CDATA section that was escaped",
            rss(
                "<title>&lt;![CDATA[Oak gate]]&gt;</title><description>&lt;![CDATA[&lt;p&gt;New.&lt;/p&gt;]]&gt;</description>"
            ),
            ["title": "Oak gate", "text": "New."]),
        Fixture(
            "A CDATA section in another one",
            rss(
                "<title><![CDATA[<![CDATA[Oak gate]]]]><![CDATA[>]]></title>"
                    + "<description><![CDATA[<![CDATA[<p>New.</p>]]&gt;]]></description>"),
            ["title": "Oak gate", "text": "New."]),
        Fixture(
            "A page of errors behind the feed",
            rss("<title>Gate</title>") + "<!DOCTYPE html><html><head><title>504</title></head><body>No</body></html>",
            ["title": "Gate", "feed.title": "Lock notes"]),
        Fixture(
            "Messages of a program before the feed",
            "<br />\n<b>Warning</b>: no river in <b>/lock.php</b><br />\n<?xml version=\"1.0\"?>"
                + rss("<title>Gate</title>"),
            ["title": "Gate", "feed.title": "Lock notes"]),
        Fixture(
            "A document type of HTML",
            "<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"x\">"
                + rss("<title>Gate</title>"),
            ["title": "Gate"]),
        Fixture(
            "An entry that is never closed",
            "<rss><channel><item><title>One</title><link>https://lock.example/1</link><item><title>Two</title></item></channel></rss>",
            ["title": "One", "url": "https://lock.example/1"]),
        Fixture(
            "A description and a summary: the longer one is the content",
            rss("<description>All about the gate of oak.</description><summary>A gate.</summary>"),
            ["text": "All about the gate of oak.", "summary": "A gate."]),
        Fixture(
            "A summary and a description",
            rss("<summary>A gate.</summary><description>All about the gate of oak.</description>"),
            ["text": "All about the gate of oak.", "summary": "A gate."]),
        Fixture(
            "A picture of the entry with a title and a link of its own",
            rss(
                "<title>Gate</title><link>https://lock.example/1</link><image><url>https://lock.example/g.jpg</url>"
                    + "<title>Photograph</title><link>https://lock.example/p</link></image>"),
            ["title": "Gate", "url": "https://lock.example/1", "images": "https://lock.example/g.jpg"]),
        Fixture(
            "Podcasts: a subtitle alone, categories, a picture in the wrong attribute",
            rss(
                "<title>Talk</title><itunes:subtitle>On gates</itunes:subtitle><itunes:category text=\"Rivers\">"
                    + "<itunes:category text=\"Locks\"/></itunes:category><itunes:image url=\"https://lock.example/t.png\"/>"
            ),
            ["text": "On gates", "tags": "Rivers", "images": "https://lock.example/t.png"]),
        Fixture(
            "Podcasts: a subtitle before what says more",
            rss("<itunes:subtitle>On gates</itunes:subtitle><itunes:summary>On gates and weirs.</itunes:summary>"),
            ["text": "On gates and weirs."]),
        Fixture(
            "Namespaces by https",
            "<feed xmlns=\"https://www.w3.org/2005/Atom\"><entry><title>Gate</title><summary>Short.</summary>"
                + "<c:encoded xmlns:c=\"https://purl.org/rss/1.0/modules/content/\">Whole text.</c:encoded></entry></feed>",
            ["title": "Gate", "text": "Whole text.", "summary": "Short."]),
        Fixture(
            "No page, but another form of the entry",
            atom(
                "<title>Map</title><link rel=\"alternate\" type=\"application/pdf\" href=\"https://lock.example/map.pdf\"/>"
            ),
            ["url": "https://lock.example/map.pdf"]),
        Fixture(
            "A page behind another form of the entry; white space in the relation",
            atom(
                "<title>Map</title><link rel=\"alternate\" type=\"application/json\" href=\"https://lock.example/j\"/>"
                    + "<link rel=\" alternate \" href=\"https://lock.example/h\"/>"),
            ["url": "https://lock.example/h"]),
        Fixture(
            "Content that is elsewhere",
            atom("<title>Film</title><content type=\"video/mp4\" src=\"https://lock.example/f.mp4\"/>"),
            ["enclosures": "https://lock.example/f.mp4"]),
        Fixture(
            "Content that is a picture is no text",
            atom(
                "<title>Dot</title><summary>A dot.</summary><content type=\"image/png\">iVBORw0KGgoAAAANSUhEUgAA</content>"
            ),
            ["text": "A dot."]),
        Fixture(
            "A name in brackets that is none of an element", rss("<title>Gates&lt;Oak&gt; and weirs</title>"),
            ["title": "Gates<Oak> and weirs"]),
        Fixture(
            "A mail address with an empty name", rss("<title>Gate</title><author>ines@lock.example ( )</author>"),
            ["authors": "ines@lock.example"]),
        Fixture(
            "A name in quotation marks",
            rss("<title>Gate</title><author>\"Ines Carvalho\" &lt;ines@lock.example&gt;</author>"),
            ["authors": "Ines Carvalho"]),
        Fixture(
            "A picture that scripts load late",
            rss(
                "<description>&lt;img src=\"data:image/gif;base64,R0\" data-src=\"https://lock.example/l.jpg\"&gt; Gate</description>"
            ),
            ["images": "https://lock.example/l.jpg"]),
        Fixture(
            "Declared as UTF-8, with one byte of another encoding",
            bytes: Array("<?xml version=\"1.0\" encoding=\"utf-8\"?><rss><channel><item><title>Fluß über </title>".utf8)
                + Array("<description>gro".utf8) + [0xDF] + Array("</description></item></channel></rss>".utf8),
            ["title": "Fluß über"]),
        Fixture(
            "An encoding by the name that a program has for it",
            bytes: Array("<?xml version=\"1.0\" encoding=\"windows_1251\"?><rss><channel><item><title>".utf8)
                + [0xD8, 0xEB, 0xFE, 0xE7] + Array("</title></item></channel></rss>".utf8), ["title": "Шлюз"]),
        Fixture(
            "A day in Polish", rss("<title>x</title><pubDate>śr., 04 lut 2026 10:00:00 +0100</pubDate>"),
            ["published": "2026-02-04T09:00:00Z"]),
        Fixture(
            "JSON Feed with values of other types",
            """
            {"version": "https://jsonfeed.org/version/1.1", "title": 5, "items": ["x", null, {"id": 12.5, "title": 2026,
             "content_html": "", "content_text": 7, "tags": "gates, oak", "authors": {"name": "Ines Carvalho"},
             "attachments": {"url": "https://lock.example/a.mp3", "size_in_bytes": "9"}}]}
            """,
            [
                "feed.title": "5", "title": "2026", "source_id": "12.5", "text": "7", "tags": "gates",
                "authors": "Ines Carvalho", "enclosures": "https://lock.example/a.mp3",
            ]),
    ]
}
