import Glibc
import JSON
import PluginProtocol
import Synchronization
import Testing

@testable import HTTPFetching

@Suite("A bounded crawl")
struct CrawlTests {
    private func settings(_ url: String, _ crawl: [String: JSONValue], _ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(["url": .string(url), "allow_private": true, "crawl": .object(crawl)].merging(more) { $1 })
    }

    /// Serves pages whose links are given; everything has an entity tag.
    private func server(_ links: @escaping @Sendable (String) -> [String]?) throws -> WebServer {
        try WebServer { request in
            guard request.target != "/robots.txt" else { return .text("User-agent: *\nDisallow: /forbidden") }
            guard let links = links(request.target) else { return .status("404 None") }
            let body = "<title>t</title><p>\(request.target)" + links.map { "<a href='\($0)'>x</a>" }.joined()
            let tag = "\"\(body.utf8.count)\""
            if request.headers["if-none-match"] == tag { return .status("304 Same", "ETag: \(tag)") }
            return .text(body, "Content-Type: text/html", "ETag: \(tag)")
        }
    }

    private func paths(_ result: PluginProcess.Result, _ server: WebServer) -> [String] {
        result.items.map { String($0.item.description.uri.dropFirst(server.url("").utf8.count)) }.sorted()
    }

    @Test("Links are followed as deep as is said, within the site and the patterns")
    func patterns() throws {
        let server = try server { path in
            switch path {
            case "/": ["/news/1", "news/2#part", "/about", "/news/skip/1", "http://127.0.0.9:1/news/x", "/news/p.jpg"]
            case "/news/1": ["/news/3", "mailto:a@b.test", "/news/1", "//", "/forbidden/news"]
            case "/news/3": ["/news/4"]
            case "/news/2", "/news/4": []
            default: nil
            }
        }
        defer { server.stop() }
        let crawl: [String: JSONValue] = ["include": ["/news/"], "exclude": ["/news/skip"], "depth": 2]
        let plugin = try PluginProcess()
        let first = try plugin.fetch(settings(server.url("/"), crawl))
        #expect(paths(first, server) == ["/news/1", "/news/2", "/news/3"])
        #expect(first.done != nil && first.state.keys.filter { $0.hasPrefix("found ") }.isEmpty)
        #expect(Set(server.targets) == ["/", "/news/1", "/news/2", "/news/3"])
        // Nothing new: every page is asked for, none comes.
        let second = try plugin.fetch(settings(server.url("/"), crawl), state: first.state)
        #expect(second.items.isEmpty && second.done != nil && server.targets.count == 8)
    }

    @Test("`nofollow` in its three forms")
    func nofollow() throws {
        let server = try WebServer { request in
            switch request.target {
            case "/": .text("<a href=/a>a</a><a rel='x nofollow' href=/b>b</a><a href=/c>", "Content-Type: text/html")
            case "/a": .text("<meta name=ROBOTS content='noindex, nofollow'><a href=/d>", "Content-Type: text/html")
            case "/c": .text("<a href=/d>", "Content-Type: text/html", "X-Robots-Tag: nofollow")
            case "/robots.txt": .status("404 None")
            default: .text("<p>no")
            }
        }
        defer { server.stop() }
        let result = try PluginProcess().fetch(settings(server.url("/"), [:]))
        #expect(paths(result, server) == ["/", "/a", "/c"])
    }

    @Test("A trap of endless links is bounded by limit and depth; what is left waits for the next run")
    func trap() throws {
        let server = try server { path in
            let number = Int(path.dropFirst()) ?? 0
            return [1, 2, 3].map { "/\(number * 3 + $0)" }
        }
        defer { server.stop() }
        let plugin = try PluginProcess()
        var state: [String: JSONValue] = [:]
        var all: [String] = []
        for _ in 0..<3 {
            let result = try plugin.fetch(settings(server.url("/"), ["limit": 10, "depth": 3]), state: state)
            state = result.state
            all += paths(result, server).filter { $0 != "/" }
        }
        // 3 + 9 + 27 pages lie within reach; each comes once.
        #expect(all.count == 30 && Set(all).count == 30)
        #expect(state.keys.filter { $0.hasPrefix("found ") }.count <= 9)
    }

    @Test("New pages come before known ones are looked at again; a dead link is told once")
    func news() throws {
        let second = Atomic<Bool>(false)
        let server = try server { path in
            switch path {
            case "/": (second.load(ordering: .relaxed) ? ["/new"] : []) + ["/1", "/2", "/3", "/dead"]
            case "/3": second.load(ordering: .relaxed) ? nil : []
            case "/1", "/2", "/new": []
            default: nil
            }
        }
        defer { server.stop() }
        let plugin = try PluginProcess()
        let first = try plugin.fetch(settings(server.url("/"), ["limit": 10]))
        #expect(first.items.count == 4 && first.rejected.map(\.uri) == [server.url("/dead")])
        second.store(true, ordering: .relaxed)
        let next = try plugin.fetch(settings(server.url("/"), ["limit": 10]), state: first.state)
        #expect(paths(next, server) == ["/", "/new"])
        #expect(next.rejected.isEmpty && next.done != nil)
        let asked = Array(server.targets.dropFirst(5))
        #expect(asked.first == "/" && asked.dropFirst().first == "/new" && Set(asked).count == 5)
    }

    @Test("What was found survives a kill -9, and is not fetched twice")
    func killed() throws {
        let isSlow = Atomic<Bool>(true)
        let pages = try server { path in path == "/" ? (1...8).map { "/\($0)" } : [] }
        let server = try WebServer { request in
            if isSlow.load(ordering: .relaxed), let number = Int(request.target.dropFirst()), number > 2 { sleep(5) }
            return .status("307 There", "Location: \(pages.url(request.target))")
        }
        defer {
            server.stop()
            pages.stop()
        }
        var result = PluginProcess.Result(state: [:])
        let plugin = try PluginProcess()
        _ = try plugin.open(settings(server.url("/"), ["limit": 100]))
        while result.items.count < 3, let message = try plugin.receive() {
            if case .item(let item) = message {
                result.items.append((item, []))
                result.apply(item.state)
            }
        }
        kill(plugin.process, SIGKILL)
        #expect(result.state.keys.filter { $0.hasPrefix("found ") }.count == 6)
        isSlow.store(false, ordering: .relaxed)
        let rest = try PluginProcess().fetch(settings(server.url("/"), ["limit": 100]), state: result.state)
        let all = (result.items + rest.items).compactMap(\.item.description.key)
        #expect(Set(all).count == 9 && all.count == 9)
    }
}
