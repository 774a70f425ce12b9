import Configuration
import Glibc
import TestSupport
import Testing

@testable import ControlClient

@Suite("Subscriptions")
final class SubscriptionTests {
    private let directory = TemporaryDirectory()

    private func write(_ name: String, _ text: String) throws -> String {
        let path = directory.file(name)
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
        return path
    }

    private func load() throws -> [SourceFiles.Entry] { try SourceFiles.read(directory.path) }

    private func run(_ path: String, replaces: Bool = false) throws -> SubscriptionImport.Outcome {
        try SubscriptionImport(directory: directory.path, interval: "30m", replaces: replaces).run(path)
    }

    private let outlines = """
        <?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><head><title>x</title></head><body>
        <outline text="Rivers"><outline text="Upper"><outline type="rss" text="The Mill &amp; Weir" \
        xmlUrl="https://mill.example/feed?a=1&amp;b=2" htmlUrl="https://mill.example/"/></outline>
        <outline text="The mill, weir" XMLURL="https://other.example/feed"/></outline>
        <outline title="川の水車" xmlUrl="https://kawa.example/rss"/>
        <outline text="Twice" xmlUrl="HTTPS://Kawa.example/rss/"/>
        <outline text="Bad" xmlUrl="file:///etc/passwd"/><outline text="Worse" xmlUrl="https://x.example/&quot;]&#10;y"/>
        </body></opml>
        """

    @Test("Folders become part of names; nothing comes twice; addresses that are none are told")
    func imported() throws {
        let outcome = try run(write("my feeds.opml", outlines))
        #expect(outcome.file == directory.file("my-feeds.toml"))
        #expect(outcome.names == ["rivers-upper-the-mill-weir", "rivers-the-mill-weir", "kawa-example"])
        #expect(outcome.known == 1)
        #expect(outcome.refused.count == 2)
        #expect(try load().flatMap(\.urls).sorted().first == "https://kawa.example/rss")
        #expect(try load().contains { $0.urls == ["https://mill.example/feed?a=1&b=2"] })
        let main = try write("millrace.conf", "[daemon]\nsources = \"\(directory.path)\"\n")
        let parsed = Loader.load(file: main, knownPlugins: ["http"])
        #expect(parsed.problems.isEmpty, "\(parsed.problems)")
        #expect(Set(parsed.configuration.sources.map(\.name)) == Set(outcome.names))
        #expect(parsed.configuration.sources.allSatisfy { $0.schedule == .every(1800) })
    }

    @Test("What is there stays, unless it is to be replaced")
    func again() throws {
        let path = try write("feeds.opml", outlines)
        _ = try run(path)
        let second = try run(path)
        #expect(second.names.isEmpty && second.known == 4)
        let more = outlines.replacing("</body>", with: "<outline xmlUrl='https://new.example/f'/></body>")
        _ = try write("feeds.opml", more)
        let failure = #expect(throws: CommandFailure.self) { try run(path) }
        #expect(failure?.what.hasSuffix("feeds.toml exists") == true)
        #expect(try load().count == 3)
        #expect(try run(path, replaces: true).names.count == 4)
        #expect(try load().count == 4)
    }

    @Test("Titles can't break out of comments or names; namesakes are numbered; depth and nonsense end")
    func hostile() throws {
        let feeds = (1...3).map { "<outline text='A&#10;[source.evil]&#0;&#x202e;' xmlUrl='https://a.example/\($0)'/>" }
        let deep = String(repeating: "<outline text='d'>", count: 100_000)
        let outcome = try run(write("evil.opml", "<opml>" + feeds.joined() + deep))
        #expect(outcome.names == ["a-source-evil", "a-source-evil-2", "a-source-evil-3"])
        #expect(try load().map(\.name) == outcome.names)
        #expect(throws: CommandFailure.self) { try run(write("page.html", "<html><body>x</body></html>")) }
    }

    @Test("No address becomes a variable of the daemon's environment, and all are known again")
    func variables() throws {
        let texts = ["${HOME}": "$${HOME}", "$$": "$$$", "$${HOME}": "$$$${HOME}", "$": "$", "$x$": "$x$"]
        for (text, written) in texts { #expect(SourceFile.quoted(text) == "\"\(written)\"") }
        let outlines = texts.keys.map { "<outline text='a' xmlUrl='https://a.example/?x=\($0)'/>" }.joined()
        let path = try write("feeds.opml", "<opml><body>\(outlines)</body></opml>")
        #expect(try run(path).names.count == texts.count)
        #expect(Set(try load().flatMap(\.urls)) == Set(texts.keys.map { "https://a.example/?x=\($0)" }))
        #expect(try run(path).known == texts.count)
    }

    @Test("What is exported is escaped, and comes in again as it was")
    func exported() throws {
        let feeds = [
            Subscription(title: "A <b> & \"c\"\u{1}", url: "https://a.example/?x=1&y='2'", site: "https://a.example/"),
            Subscription(title: "é 川", url: "https://b.example/"),
        ]
        let text = OPMLWriter.write(feeds, title: "T & <t>")
        let content = try #require(OPMLReader.read(Array(text.utf8)))
        #expect(content.subscriptions.map(\.url) == feeds.map(\.url))
        #expect(content.subscriptions.map(\.title) == ["A <b> & \"c\"", "é 川"])
        #expect(content.subscriptions[0].site == "https://a.example/")
        #expect(!text.utf8.contains(1))
    }
}
