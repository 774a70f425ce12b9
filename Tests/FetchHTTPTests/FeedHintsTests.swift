import HTTPFetching
import JSON
import Testing

@Suite("When a feed says to come again")
struct FeedHintsTests {
    private func hints(_ text: String) -> FeedHints { FeedHints(feed: Array(text.utf8)) }

    @Test("RSS: ttl, skipHours, skipDays; only before the first entry, only in feeds")
    func rss() {
        let head = "<rss version='2.0'><channel><title>x</title>"
        let feed = hints(
            head + "<ttl> 90 </ttl><skipHours><hour>24</hour><hour>3</hour><hour>3</hour></skipHours>"
                + "<skipDays><day>Sunday</day><day>sATURDAY</day><day>Someday</day></skipDays><item/></channel></rss>")
        #expect(feed.wait == 5400 && feed.skipHours == [0, 3] && feed.skipDays == [0, 6])
        #expect(hints(head + "<item><ttl>5</ttl></item>") == FeedHints())
        #expect(hints("<html><body><ttl>60</ttl></body></html>") == FeedHints())
        for bad in ["", "x", "-5", "0", "1e5"] { #expect(hints(head + "<ttl>\(bad)</ttl>").wait == nil) }
        #expect(hints("{\"ttl\": 5}") == FeedHints() && hints("") == FeedHints())
        #expect(hints(head + String(repeating: "<hour>5", count: 10_000)).skipHours == [5])
    }

    @Test("Syndication module")
    func syndication() {
        func feed(_ text: String) -> FeedHints {
            hints(
                "<rdf:RDF xmlns:rdf='x' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel>\(text)</channel></rdf:RDF>"
            )
        }
        #expect(feed("<sy:updatePeriod>\n daily </sy:updatePeriod>").wait == 86_400)
        #expect(feed("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>").wait == 900)
        #expect(
            feed("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>").wait == 3600)
        #expect(feed("<sy:updatePeriod>now</sy:updatePeriod>").wait == nil)
    }

    @Test("The hint comes with each answer, also when nothing is new, and bounded to a day")
    func fetched() throws {
        let server = try WebServer { request in
            switch request.target {
            case "/feed" where request.headers["if-none-match"] == "\"1\"": .status("304 Not Modified", "ETag: \"1\"")
            case "/feed":
                .text("<rss><channel><ttl>30</ttl><skipHours><hour>4</hour></skipHours></channel></rss>", "ETag: \"1\"")
            case "/forever": .text("<p>x", "Cache-Control: max-age=31536000")
            case "/cached": .text("<rss><channel><ttl>5</ttl></channel></rss>", "Cache-Control: max-age=600")
            default: .status("404 None")
            }
        }
        defer { server.stop() }
        let plugin = try PluginProcess()
        func settings(_ paths: String...) -> JSONValue {
            ["urls": .array(paths.map { .string(server.url($0)) }), "allow_private": true]
        }
        let first = try plugin.fetch(settings("/feed"))
        #expect(first.done?.next == 1800 && first.done?.skipHours == [4])
        let second = try plugin.fetch(settings("/feed"), state: first.state)
        #expect(second.done?.unchanged == true && second.done?.next == 1800 && second.done?.skipHours == [4])
        #expect(second.state == first.state, "nothing is written where nothing is new")
        #expect(try plugin.fetch(settings("/forever")).done?.next == 86_400)
        #expect(try plugin.fetch(settings("/cached")).done?.next == 600)
        let both = try plugin.fetch(settings("/feed", "/forever"))
        #expect(both.done?.next == 1800 && both.done?.skipHours == [])
    }
}
