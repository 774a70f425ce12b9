import JSON
import Normalisation
import Testing

@Suite("Feeds of every kind")
struct FeedFixtureTests {
    @Test("Formats", arguments: FeedFixtures.formats)
    func format(_ fixture: FeedFixtures.Fixture) throws { try check(fixture) }

    @Test("Namespaces", arguments: FeedFixtures.namespaces)
    func namespace(_ fixture: FeedFixtures.Fixture) throws { try check(fixture) }

    @Test("What feeds get wrong", arguments: FeedFixtures.faults)
    func fault(_ fixture: FeedFixtures.Fixture) throws { try check(fixture) }

    @Test("What else there is", arguments: FeedFixtures.oddities)
    func oddity(_ fixture: FeedFixtures.Fixture) throws { try check(fixture) }

    @Test("An entry without id and link keeps its id when others come before it, and shares it with none")
    func nameless() throws {
        func ids(_ items: [String]) throws -> [String?] {
            let feed = "<rss><channel>" + items.map { "<item>\($0)</item>" }.joined() + "</channel></rss>"
            return try documents(feed).map { $0["id"]?.string }
        }
        let old = [
            "<title>Level</title><pubDate>2026-03-01</pubDate>", "<title>Level</title><pubDate>2026-02-01</pubDate>",
            "<description>Water is high.</description>", "<description>Water is low.</description>",
        ]
        let before = try ids(old)
        #expect(Set(before).count == 4)
        let after = try ids(["<description>Ice.</description>", "<title>Boats</title>"] + old)
        #expect(Array(after.dropFirst(2)) == before)
        // One more of the same title moves none but the first.
        let more = try ids(["<title>Level</title><pubDate>2026-04-01</pubDate>"] + old)
        #expect(Set(more).count == 5)
        #expect(Array(more.dropFirst(2)) == Array(before.dropFirst()))
    }

    @Test(
        "Entries of one name are told apart, wherever they stand",
        arguments: [
            ["<guid isPermaLink='false'>0</guid><link>/a</link>", "<guid isPermaLink='false'>0</guid><link>/b</link>"],
            ["<link>/</link><title>Gate</title>", "<link>/</link><title>Weir</title>"],
            ["<guid isPermaLink='false'>0</guid>", "<guid isPermaLink='false'>0</guid><link>/b</link>"],
        ])
    func ambiguous(_ items: [String]) throws {
        func ids(_ items: [String]) throws -> [String?] {
            let feed = "<rss><channel>" + items.map { "<item>\($0)</item>" }.joined() + "</channel></rss>"
            return try documents(feed, uri: "https://lock.example/feed").map { $0["id"]?.string }
        }
        let found = try ids(items)
        #expect(Set(found).count == 2)
        // The same entry twice is one document.
        #expect(try ids(items.reversed() + [items[0]]) == [found[1], found[0], found[0]])
        // What has a name of its own is not concerned, and neither is what alone has the name.
        let other = "<guid isPermaLink='false'>1</guid><link>/c</link><title>Boat</title>"
        #expect(try ids([other]) == [ids([other] + items)[0]])
        let alone = try ids([items[0]])
        #expect(try ids([items[0] + "<description>Revised.</description>"]) == alone)
    }

    @Test("A location that is none of the web does not become the base")
    func location() throws {
        let feed = "<rss><channel><item><title>Gate</title><link>/gate</link></item></channel></rss>"
        for (location, url) in [
            ("javascript:alert(1)", "https://lock.example/gate"), ("//other.example/x", "https://other.example/gate"),
        ] {
            let found = try documents(
                Array(feed.utf8), uri: "https://lock.example/feed", headers: ["content-location": location])
            #expect(found.first?["url"]?.string == url)
        }
    }

    @Test("Each of the entries that were not closed is one")
    func unclosed() throws {
        let feed = "<rss><channel><item><title>One</title><item><title>Two</title><item><title>Three</channel></rss>"
        #expect(try documents(feed).map { $0["title"]?.string } == ["One", "Two", "Three"])
    }

    private func check(_ fixture: FeedFixtures.Fixture) throws {
        let document = try #require(try documents(fixture.feed, uri: "https://lock.example/feed").first)
        for (name, expected) in fixture.expected {
            let value = name.hasPrefix("feed.") ? document["feed"]?[String(name.dropFirst(5))] : document[name]
            let text = value?.string ?? value?[0]?.string ?? value?[0]?["url"]?.string
            #expect(text == expected.replacing("\\n", with: "\n"), "\(name)")
        }
    }
}

/// Feeds that are made to cost time or memory, or to reach what is not theirs.
@Suite("Hostile feeds")
struct HostileFeedTests {
    private func feed(_ type: String, _ title: String) -> [UInt8] {
        Array("<!DOCTYPE rss [\(type)]><rss><channel><item><title>\(title)</title></item></channel></rss>".utf8)
    }

    @Test("Entities that grow, and those that mean themselves, end at the limit")
    func entities() throws {
        var bomb = "<!ENTITY l0 'mill'>"
        for level in 1...30 {
            bomb += "<!ENTITY l\(level) '" + String(repeating: "&l\(level - 1);", count: 10) + "'>"
        }
        for (type, title) in [(bomb, "&l30;"), ("<!ENTITY x '&x;&x;'>", "&x;")] {
            let result = try normalise(feed(type, title))
            #expect(result.failure == nil)
            #expect(result.body.count < 1 << 20)
        }
        // One that is used very often may not add up to more either.
        let wide = "<!ENTITY w '" + String(repeating: "w", count: 1000) + "'>"
        let result = try normalise(feed(wide, String(repeating: "&w;", count: 100_000)))
        #expect(result.body.count < 1 << 20)
    }

    @Test(
        "What is outside of the text is never read",
        arguments: [
            "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "<!ENTITY x PUBLIC 'p' 'http://127.0.0.1:1/'>",
            "<!ENTITY % x SYSTEM 'file:///etc/passwd'> %x;",
        ])
    func external(_ type: String) throws {
        let result = try normalise(feed(type, "&x;"))
        #expect(!String(decoding: result.body, as: UTF8.self).contains("root:"))
    }

    @Test(
        "A hundred thousand elements in each other",
        arguments: [
            "<a>", "<item>", "<description><p>", "<div xml:base='x/'>", "<a xmlns:b='urn:b'>", "<b:a xmlns:b='c'>",
        ])
    func nesting(_ element: String) throws {
        let text = "<rss><channel><item><title>Deep</title>" + String(repeating: element, count: 100_000)
        let result = try normalise(Array(text.utf8))
        #expect(result.failure == nil)
        #expect(!result.documents.isEmpty)
    }

    @Test("End tags that match nothing, behind as many open elements as are remembered")
    func strayEnds() throws {
        let text =
            "<rss><channel>" + String(repeating: "<x>", count: 300) + String(repeating: "</y>", count: 200_000)
            + "<item><title>Lost</title></item>"
        #expect(try normalise(Array(text.utf8)).failure == nil)
    }

    @Test("A million entries: those up to the limit become documents, the rest is counted")
    func million() throws {
        let text =
            "<rss><channel>" + String(repeating: "<item/>", count: 900_000)
            + String(repeating: "<item><guid>x</guid></item>", count: 100_000) + "</channel></rss>"
        let result = try normalise(Array(text.utf8))
        #expect(result.documents.count == 100_000)
        #expect(result.rejected.first?.reason.hasPrefix("900000 entries") == true)
    }
}
