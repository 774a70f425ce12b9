import Glibc
import JSON
import TestSupport
import Testing

/// Pages and feeds from a real web server.
@Suite(
    .serialized,
    .enabled(if: RunningDaemon.isBuilt && WebServer.isInstalled, "nginx is not installed: apt-get install nginx"))
struct WebTests {
    let directory = Workspace()

    @Test func pagesAndFeedsFromNginx() throws {
        directory.makeDirectory("www")
        directory.write(
            "www/feed.xml",
            """
            <?xml version="1.0"?><rss version="2.0"><channel><title>Mill news</title><link>http://mill.test/</link>
            <item><title>The wheel turns</title><guid isPermaLink="false">wheel-1</guid><link>http://mill.test/1</link>
            <pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate><description>It turns again after the long repair of the summer.</description></item>
            <item><title>The stone is new</title><guid isPermaLink="false">stone-2</guid><link>http://mill.test/2</link>
            <description>A new stone was brought from the quarry by six horses.</description></item></channel></rss>
            """)
        directory.write(
            "www/page.html",
            """
            <html lang="en"><head><title>About the mill</title></head><body><nav><a href="/">Home</a></nav><main><h1>About the mill</h1>
            <p>The mill stands at the river, where it has stood for longer than anyone remembers.</p></main></body></html>
            """)
        let server = try WebServer(directory)
        func source(_ name: String, _ path: String) -> String {
            "[source.\(name)]\nplugin = \"http\"\nurl = \"http://127.0.0.1:\(server.port)/\(path)\"\nallow_private = true\nevery = \"1h\"\n"
        }
        let daemon = try RunningDaemon(
            """
            [[sink]]
            name = "archive"
            plugin = "jsonl"
            path = "out.jsonl"
            \(source("feed", "feed.xml"))
            \(source("page", "page.html"))
            \(source("missing", "missing.html"))
            [source.nobody]
            plugin = "http"
            url = "http://127.0.0.1:1/"
            allow_private = true
            [source.private]
            plugin = "http"
            url = "http://127.0.0.1:\(server.port)/page.html"
            """, in: directory)
        try daemon.settle(items: 2)
        let titles = Set(daemon.lines("out.jsonl").compactMap { $0["title"]?.string })
        #expect(titles == ["The wheel turns", "The stone is new", "About the mill"])
        for (name, word) in [("missing", "404"), ("nobody", "127.0.0.1"), ("private", "allow_private")] {
            try wait("\(name) to fail", seconds: 20) { try daemon.get("sources", name)["last_error"] != nil }
            let error = try daemon.get("sources", name)["last_error"]
            #expect((error?["what"]?.string ?? "").contains(word) || (error?["remedy"]?.string ?? "").contains(word))
        }
        // Nothing new: 304, no item. A new entry: one document more.
        _ = try daemon.post("sources", "feed", "run")
        try wait("the second run", seconds: 20) { server.log.contains("\" 304 ") }
        #expect(try daemon.get("sources", "feed")["counts"]?["items"]?.integer == 1)
        let feed = directory.read("www/feed.xml").replacing(
            "</channel>",
            with:
                "<item><title>A third thing</title><guid>third</guid><description>More of it, in a third entry of the feed.</description></item></channel>"
        )
        sleep(1)
        directory.write("www/feed.xml", feed)
        _ = try daemon.post("sources", "feed", "run")
        try daemon.settle(items: 3)
        let counts = try daemon.get("sources", "feed")["counts"]
        #expect(counts?["new"]?.integer == 3)
        #expect(counts?["unchanged"]?.integer == 2)
        // What the last run failed of is known before the next one.
        try daemon.killAndRestart()
        try wait("the failure", seconds: 20) { try daemon.get("sources", "private")["failures"]?.integer == 1 }
        #expect(
            try daemon.get("sources", "private")["last_error"]?["remedy"]?.string?.contains("allow_private") == true)
        #expect(daemon.stop() == 0)
    }

    @Test("An address becomes a source file, and its source is shown with what it met")
    func addedSources() throws {
        directory.makeDirectory("www")
        directory.makeDirectory("sources.d")
        directory.write(
            "www/index.html",
            "<html><head><title>Mill</title><link rel=alternate type=application/rss+xml href=feed.xml title=News>"
                + "<link rel=alternate type=application/atom+xml href=other.xml></head><p>Welcome.</html>")
        directory.write(
            "www/feed.xml",
            "<rss version=\"2.0\"><channel><title>Mill</title><item><guid isPermaLink=\"false\">1</guid><link>/1.html</link>"
                + "<title>One</title><description>Short.</description></item></channel></rss>")
        directory.write("www/1.html", "<html><title>One</title><p>The stone was brought from the quarry by six horses.")
        directory.write("www/sitemap.xml", "<urlset><url><loc>/1.html</loc></url></urlset>")
        let server = try WebServer(directory)
        let daemon = try RunningDaemon("", in: directory)
        func control(_ arguments: String...) throws -> (code: Int32, output: String) {
            let process = try Process(
                ["\(RunningDaemon.programs)/millracectl"] + arguments, errors: directory.path("err"),
                output: directory.path("out"))
            let code = process.waitForEnd()
            return (code, directory.read("out"))
        }
        let url = "http://127.0.0.1:\(server.port)/"
        func add(_ path: String, _ more: String...) throws -> (code: Int32, output: String) {
            let process = try Process(
                [
                    "\(RunningDaemon.programs)/millracectl", "sources", "add", "--socket", directory.path("s"),
                    "--directory", directory.path("sources.d"), "--allow-private", url + path,
                ] + more, errors: directory.path("err"), output: directory.path("out"))
            let code = process.waitForEnd()
            return (code, directory.read("out"))
        }
        #expect(try add("", "--dry-run").output.contains("a page with a feed: a feed of 1 entry, with teasers"))
        let site = try add("", "--name", "mill")
        #expect(site.code == 0 && site.output.contains("also there: \(url)other.xml"))
        let file = directory.read("sources.d/mill.toml")
        #expect(file.contains("url = \"\(url)feed.xml\"") && file.contains("follow = \"entries\""))
        try daemon.settle(items: 1)
        let again = try add("feed.xml")
        #expect(again.code == 1 && directory.read("err").contains("'mill' fetches"))
        #expect(try add("1.html", "--name", "mill").code == 1 && directory.read("sources.d/mill.toml") == file)
        #expect(try add("1.html", "--name", "../mill").code == 2)
        #expect(try add("sitemap.xml", "--name", "map").output.contains("a sitemap of 1 address\n"))
        #expect(try add("none.html").code == 1 && directory.read("err").contains("404"))
        try wait("the sitemap's run", seconds: 20) { try daemon.get("sources", "map")["last_success"] != nil }
        _ = try daemon.post("sources", "mill", "run")
        try wait("a second run", seconds: 20) {
            try daemon.get("sources", "mill")["report"]?["answers"]?["304"]?.integer == 1
        }
        let shown = try control("sources", "show", "--socket", directory.path("s"), "mill").output
        #expect(shown.contains("answers       200: 2, 304: 1") && shown.contains("how often it was found to change"))
        #expect(shown.contains("not modified  1 answer without anything new (304)\n"))
        #expect(shown.contains("host          127.0.0.1: answers"))
        try daemon.killAndRestart()
        #expect(try daemon.get("sources", "mill")["report"]?["answers"]?["200"]?.integer ?? 2 == 2)
        #expect(daemon.stop() == 0)
        // Without a daemon.
        #expect(try add("1.html").output.contains("no daemon runs here"))
    }

    @Test("Entries are followed to their pages; what was found survives kill -9, and nothing is there twice")
    func followedEntries() throws {
        let count = 40
        writePages(count)
        var items = ""
        for number in 1...count {
            items += "<item><guid isPermaLink=\"false\">e\(number)</guid><title>Entry \(number)</title>"
            items += "<link>/\(number).html</link><description>Short.</description></item>"
        }
        directory.write("www/feed.xml", "<rss version=\"2.0\"><channel><title>Mill</title>\(items)</channel></rss>")
        let server = try WebServer(directory)
        let daemon = try RunningDaemon(
            """
            [[sink]]
            name = "archive"
            plugin = "jsonl"
            path = "out.jsonl"
            [source.feed]
            plugin = "http"
            url = "http://127.0.0.1:\(server.port)/feed.xml"
            allow_private = true
            host_interval = "50ms"
            follow = "entries"
            every = "1h"
            """, in: directory)
        try wait("the first pages", seconds: 30) { server.log.contains("/3.html") }
        // The feed forgets all that was found before it was fetched.
        directory.write("www/feed.xml", "<rss version=\"2.0\"><channel><title>Mill</title></channel></rss>")
        for _ in 0..<2 {
            try daemon.killAndRestart()
            usleep(500_000)
        }
        _ = try daemon.post("sources", "feed", "run")
        try wait("all documents: \(daemon.lines("out.jsonl").count)", seconds: 60) {
            daemon.lines("out.jsonl").count >= count
        }
        try daemon.settle(items: Int64(count))
        let documents = daemon.lines("out.jsonl")
        #expect(documents.count == count && Set(documents.compactMap { $0["id"]?.string }).count == count)
        #expect(documents.allSatisfy { $0["text"]?.string?.contains("from the quarry") == true })
        #expect(documents.allSatisfy { $0["summary"]?.string == "Short." && $0["revision"]?.integer ?? 1 == 1 })
        #expect(daemon.stop() == 0)
    }

    @Test("A sitemap goes on where it was after kill -9; nothing is lost, nothing is there or fetched twice")
    func sitemap() throws {
        let count = 40
        writePages(count)
        let server = try WebServer(directory)
        let entries = (1...count).map { number in
            "<url><loc>http://127.0.0.1:\(server.port)/\(number).html</loc><lastmod>2026-11-01</lastmod></url>"
        }
        directory.write(
            "www/map.xml",
            "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\(entries.joined())</urlset>")
        let daemon = try RunningDaemon(
            """
            [[sink]]
            name = "archive"
            plugin = "jsonl"
            path = "out.jsonl"
            [source.map]
            plugin = "http"
            url = "http://127.0.0.1:\(server.port)/map.xml"
            kind = "sitemap"
            allow_private = true
            host_interval = "50ms"
            every = "1h"
            """, in: directory)
        for pages in [3, 15] {
            try wait("\(pages) pages", seconds: 30) { server.log.split(separator: ".html").count > pages }
            try daemon.killAndRestart()
        }
        try wait("all documents: \(daemon.lines("out.jsonl").count)", seconds: 60) {
            daemon.lines("out.jsonl").count >= count
        }
        let documents = daemon.lines("out.jsonl")
        #expect(documents.count == count && Set(documents.compactMap { $0["id"]?.string }).count == count)
        // What was on its way when the daemon died is all that is asked for again.
        #expect(server.log.split(separator: ".html").count - 1 <= count + 8)
        #expect(daemon.stop() == 0)
    }

    /// Pages `1.html` and so on, each with a text of its own.
    private func writePages(_ count: Int) {
        directory.makeDirectory("www")
        for number in 1...count {
            directory.write(
                "www/\(number).html",
                "<html><title>Page</title><main><h1>Page</h1><p>Stone \(number) was brought from the quarry by six "
                    + "horses over the old road, and the miller counted it on the yard at noon.</p></main></html>")
        }
    }
}

/// nginx on a port of its own.
final class WebServer: @unchecked Sendable {
    // Used by one test.
    static let isInstalled = access("/usr/sbin/nginx", X_OK) == 0
    let port: UInt16
    private let process: Process
    private let directory: Workspace

    /// - Parameters:
    ///   - maps: what else stands in the `http` block.
    ///   - locations: what else stands in the `server` block.
    init(_ directory: Workspace, maps: String = "", locations: String = "") throws {
        self.directory = directory
        port = try freePort()
        directory.write(
            "nginx.conf",
            """
            daemon off; worker_processes 1; pid \(directory.path("nginx.pid")); error_log \(directory.path("nginx.err"));
            events { worker_connections 64; }
            http { access_log \(directory.path("access.log")); types { text/html html; application/rss+xml xml; }
              client_body_temp_path \(directory.path("b")); proxy_temp_path \(directory.path("p")); fastcgi_temp_path \(directory.path("f"));
              uwsgi_temp_path \(directory.path("u")); scgi_temp_path \(directory.path("c"));
              \(maps)
              server { listen 127.0.0.1:\(port); root \(directory.path("www")); \(locations) } }
            """)
        // It serves as whoever runs the tests; root's workers become nobody, who must be able to read.
        chmod(directory.path(""), 0o755)
        process = try Process([
            "/usr/sbin/nginx", "-c", directory.path("nginx.conf"), "-e", directory.path("nginx.err"),
        ])
        try wait("nginx: \(directory.read("nginx.err"))", seconds: 10) {
            access(directory.path("nginx.pid"), F_OK) == 0
        }
    }

    deinit {
        process.signal(SIGTERM)
        process.waitForEnd()
    }

    var log: String { directory.read("access.log") }
}
