import Glibc
import JSON
import PluginProtocol
import Testing

@testable import HTTPFetching

@Suite("Sitemaps")
struct SitemapTests {
    private func parse(_ text: String) -> Sitemap? { Sitemap(Array(text.utf8)) }

    @Test("A sitemap with extensions: only its own addresses and dates")
    func markup() throws {
        let sitemap = try #require(
            parse(
                """
                \u{FEFF}<?xml version="1.0"?><!-- mill --><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
                 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
                <url><loc> http://a/1?x=1&amp;y=2 </loc><lastmod>2026-11-24</lastmod>
                 <image:image><image:loc>http://a/i.png</image:loc></image:image></url>
                <url><lastmod></lastmod><loc><![CDATA[http://a/2]]></loc></url>
                <url><lastmod>2026</lastmod></url></urlset>
                """))
        #expect(!sitemap.isIndex)
        #expect(
            sitemap.entries == [
                .init(location: "http://a/1?x=1&y=2", modified: "2026-11-24"), .init(location: "http://a/2"),
            ])
    }

    @Test("An index, and a list as plain text")
    func otherForms() throws {
        let index = try #require(
            parse("<sitemapindex><sitemap><loc>http://a/s.xml</loc></sitemap></sitemapindex>"))
        #expect(index.isIndex && index.entries.map(\.location) == ["http://a/s.xml"])
        let list = try #require(parse("http://a/1\r\nnonsense\n https://a/2 \n"))
        #expect(!list.isIndex && list.entries.map(\.location) == ["http://a/1", "https://a/2"])
    }

    @Test(
        "What is no sitemap", arguments: ["", "hello", "<html><body>http://a/</body></html>", "<rss><url/></rss>", "<"])
    func none(text: String) { #expect(parse(text) == nil) }

    @Test("No more entries than the protocol allows, whatever comes")
    func flood() throws {
        let entry = "<url><loc>http://a/1</loc></url>"
        let sitemap = try #require(parse("<urlset>" + String(repeating: entry, count: 60_000)))
        #expect(sitemap.entries.count == Sitemap.longest)
    }

    @Test("A gzip file is unpacked up to the limit", .enabled(if: Command.find("gzip") != nil, "gzip is not installed"))
    func gunzip() throws {
        let path = "/tmp/millrace-gunzip-\(getpid())"
        defer { unlink(path + ".gz") }
        try Command.write(path, [UInt8](repeating: 0x61, count: 100_000))
        try Command.run([try #require(Command.find("gzip")), "-f", path])
        var packed = [UInt8](repeating: 0, count: 4096)
        let file = try #require(fopen(path + ".gz", "r"))
        packed.removeLast(4096 - fread(&packed, 1, 4096, file))
        fclose(file)
        #expect(Gunzip.isLikely(packed))
        #expect(try Gunzip.unpack(packed, limit: 100_000).count == 100_000)
        #expect(throws: Gunzip.Fault.tooLarge) { try Gunzip.unpack(packed, limit: 99_999) }
        #expect(throws: Gunzip.Fault.damaged) { try Gunzip.unpack(Array(packed.prefix(50)), limit: 100_000) }
        #expect(!Gunzip.isLikely([]))
    }
}

/// Sitemaps as the built program follows them on a real server.
@Suite("Sitemaps and nginx", .enabled(if: Nginx.isInstalled, "nginx is not installed"))
struct SitemapFetchingTests {
    private let nginx: Nginx
    private let plugin: PluginProcess

    init() throws {
        nginx = try Nginx()
        plugin = try PluginProcess()
        for page in 1...6 { try Command.write(nginx.pages + "/\(page).html", Array("<p>page \(page)".utf8)) }
    }

    private func write(_ name: String, _ entries: [(path: String, date: String?)], index: Bool = false) throws {
        let (root, element) = index ? ("sitemapindex", "sitemap") : ("urlset", "url")
        let lines = entries.map { entry in
            let date = entry.date.map { "<lastmod>\($0)</lastmod>" } ?? ""
            let location = entry.path.hasPrefix("http") ? entry.path : nginx.url(entry.path)
            return "<\(element)><loc>\(location)</loc>\(date)</\(element)>"
        }
        // nginx tells versions of one second apart by their size alone: each is longer than the one before.
        var before = stat()
        let padding = stat(nginx.pages + "/" + name, &before) == 0 ? Int(before.st_size) : 0
        try Command.write(
            nginx.pages + "/" + name,
            [UInt8](repeating: 0x0A, count: padding) + Array("<\(root)>\(lines.joined())</\(root)>".utf8))
    }

    private func fetch(
        _ name: String, _ state: [String: JSONValue] = [:], _ more: [String: JSONValue] = [:]
    ) throws -> PluginProcess.Result {
        let settings: [String: JSONValue] = [
            "url": .string(nginx.url("/" + name)), "allow_private": ["127.0.0.1"], "kind": "sitemap",
        ]
        return try plugin.fetch(.object(settings.merging(more) { $1 }), state: state)
    }

    private func paths(_ result: PluginProcess.Result) -> [String] {
        result.items.map { String($0.item.description.uri.dropFirst(nginx.url("").utf8.count)) }.sorted()
    }

    @Test("New and changed pages come, known ones don't; what is no longer listed is forgotten")
    func changes() throws {
        try write("sitemap.xml", [("/1.html", "2026-01-01"), ("/2.html", "2026-01-02")])
        let first = try fetch("sitemap.xml")
        #expect(paths(first) == ["/1.html", "/2.html"])
        #expect(first.done?.unchanged == false)
        let second = try fetch("sitemap.xml", first.state)
        #expect(second.items.isEmpty && second.done?.unchanged == true)
        try Command.write(nginx.pages + "/2.html", Array("<p>changed".utf8))
        try write("sitemap.xml", [("/2.html", "2026-01-05"), ("/3.html", "2026-01-04")])
        let third = try fetch("sitemap.xml", second.state)
        #expect(paths(third) == ["/2.html", "/3.html"])
        #expect(third.state[nginx.url("/1.html")] == nil)
        #expect(third.state[nginx.url("/2.html")]?["lastmod"] == "2026-01-05")
    }

    @Test("A date that changes without the page costs a 304")
    func touched() throws {
        try write("sitemap.xml", [("/1.html", "2026-01-01")])
        let first = try fetch("sitemap.xml")
        try write("sitemap.xml", [("/1.html", "2026-02-02")])
        let second = try fetch("sitemap.xml", first.state)
        #expect(second.items.isEmpty && second.done?.unchanged == true)
        #expect(second.state[nginx.url("/1.html")]?["lastmod"] == "2026-02-02")
    }

    @Test("One run takes `limit` pages, the newest first; the next runs take the rest")
    func limit() throws {
        try write("sitemap.xml", (1...5).map { ("/\($0).html", "2026-01-0\($0)") })
        let first = try fetch("sitemap.xml", [:], ["limit": 2])
        #expect(paths(first) == ["/4.html", "/5.html"])
        #expect(first.logs.contains { $0.contains("limit") })
        let second = try fetch("sitemap.xml", first.state, ["limit": 2])
        #expect(paths(second) == ["/2.html", "/3.html"])
        let third = try fetch("sitemap.xml", second.state, ["limit": 2])
        #expect(paths(third) == ["/1.html"])
        let fourth = try fetch("sitemap.xml", third.state, ["limit": 2])
        #expect(fourth.items.isEmpty && fourth.done?.unchanged == true)
    }

    @Test("An index with a gzip sitemap; a sitemap whose date is known is not asked for again")
    func index() throws {
        try write("a.xml", [("/1.html", "2026-01-01")])
        try write("b.xml", [("/2.html", "2026-01-01")])
        try Command.run([Command.find("gzip") ?? "gzip", "-f", nginx.pages + "/b.xml"])
        try write("index.xml", [("/a.xml", "2026-01-01"), ("/b.xml.gz", nil)], index: true)
        let first = try fetch("index.xml")
        #expect(paths(first) == ["/1.html", "/2.html"])
        unlink(nginx.pages + "/a.xml")
        try write("b.xml", [("/2.html", "2026-01-01"), ("/3.html", "2026-01-01")])
        try Command.run([Command.find("gzip") ?? "gzip", "-f", nginx.pages + "/b.xml"])
        try write("index.xml", [("/a.xml", "2026-01-01"), ("/b.xml.gz", nil), ("/c.html", nil)], index: true)
        let second = try fetch("index.xml", first.state)
        #expect(paths(second) == ["/3.html"])
        #expect(second.failed?.message.contains("/c.html answered 404") == true)
        #expect(second.state[nginx.url("/1.html")] != nil)
    }

    @Test("An index that lists itself ends")
    func loop() throws {
        try write("index.xml", [("/index.xml", nil), ("/index.xml?2", nil)], index: true)
        #expect(try fetch("index.xml").done != nil)
    }

    /// A state that knows pages with addresses of some length.
    private func known(_ count: Int, bytes: Int) -> [String: JSONValue] {
        let padding = String(repeating: "x", count: bytes - 40)
        return Dictionary(
            uniqueKeysWithValues: (0..<count).map { (nginx.url("/\($0).html?\(padding)"), ["lastmod": "2026-01-01"]) })
    }

    @Test("More that is forgotten than a frame holds goes in several")
    func largeChange() throws {
        try write("sitemap.xml", [("/1.html", "2026-01-01")])
        // More than the 16 MiB that the core takes.
        let result = try fetch("sitemap.xml", known(10_000, bytes: 2000))
        #expect(result.done != nil && paths(result) == ["/1.html"])
        #expect(Set(result.state.keys.filter(StateKey.isAddress)) == [nginx.url("/1.html"), nginx.url("/sitemap.xml")])
    }

    @Test("What is known of a site takes a bounded part of the state, though a sitemap never changes")
    func largeState() throws {
        try write("old.xml", [("/1.html", "2026-01-01")])
        try write("new.xml", [("/2.html", "2026-01-01")])
        try write("index.xml", [("/old.xml", "2026-01-01"), ("/new.xml", "2026-01-01")], index: true)
        var state = try fetch("index.xml").state
        try write("new.xml", [("/3.html", "2026-01-01")])
        try write("index.xml", [("/old.xml", "2026-01-01"), ("/new.xml", "2026-01-02")], index: true)
        // What old.xml lists is not read again, so that nothing would be forgotten.
        state.merge(known(10_000, bytes: 8000)) { $1 }
        let result = try fetch("index.xml", state)
        #expect(paths(result) == ["/3.html"] && result.done != nil)
        let size = result.state.reduce(0) { $0 + $1.key.utf8.count }
        #expect(size < 64 << 20 && size > 60 << 20 && result.state[nginx.url("/3.html")] != nil)
        #expect(result.logs.count { $0.contains("than there is room for") } == 1)
    }

    @Test("A thousand reasons for a line in the log bring a few")
    func manyNotes() throws {
        let names = (0..<40).map { "s\($0).xml" }
        for name in names { try write(name, [("http://127.0.0.2/", nil)]) }
        try write("index.xml", names.map { ("/\($0)", nil) }, index: true)
        let logs = try fetch("index.xml").logs
        #expect(logs.count == 21 && logs.last == "20 more lines like these are left out", "\(logs)")
    }

    @Test("Other hosts' pages are passed over; a dead link becomes a dead letter, once; secrets stay")
    func entries() throws {
        try write(
            "sitemap.xml",
            [("/1.html", "2026-01-01"), ("/none.html", "2026-01-01"), ("http://127.0.0.2:\(nginx.port)/echo", nil)])
        let first = try fetch("sitemap.xml")
        #expect(paths(first) == ["/1.html"])
        #expect(first.rejected.map(\.uri) == [nginx.url("/none.html")])
        #expect(first.rejected.first?.reason.contains("404") == true)
        #expect(first.logs.contains { $0.contains("1 addresses of other hosts") })
        #expect(first.done != nil)
        let second = try fetch("sitemap.xml", first.state)
        #expect(second.items.isEmpty && second.rejected.isEmpty)
    }

    @Test("`auto` knows a sitemap when it sees one; `page` takes it as it is")
    func detection() throws {
        try write("sitemap.xml", [("/1.html", "2026-01-01")])
        #expect(paths(try fetch("sitemap.xml", [:], ["kind": "auto"])) == ["/1.html"])
        #expect(paths(try fetch("sitemap.xml", [:], ["kind": "page"])) == ["/sitemap.xml"])
        #expect(try fetch("1.html").failed?.message.contains("is no sitemap") == true)
    }
}
