import Glibc
import JSON
import PluginProtocol
import Synchronization
import Testing

@testable import HTTPFetching

/// Entries of feeds as the built program follows them.
@Suite("Following a feed's entries")
struct FollowingTests {
    private static func rss(_ entries: [(id: String, link: String, text: String)]) -> WebServer.Answer {
        let items = entries.map { "<item><guid>\($0.id)</guid><link>\($0.link)</link><title>\($0.text)</title></item>" }
        return .text(
            "<rss version='2.0'><channel><title>Mill</title>\(items.joined())</channel></rss>",
            "Content-Type: application/rss+xml", "ETag: \"\(items.joined().utf8.count)\"")
    }

    private func settings(_ url: String, _ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(
            ["url": .string(url), "allow_private": true, "follow": "entries"].merging(more) { $1 })
    }

    /// The parts of an item's body.
    private func parts(_ item: (item: FetchedItem, body: [UInt8])) -> [String] {
        var start = 0
        return item.item.description.parts.map { part in
            defer { start += part.length }
            return String(decoding: item.body[start..<start + part.length], as: UTF8.self)
        }
    }

    @Test("Each entry comes with its page; what is known does not come again, what changed does")
    func entries() throws {
        let changed = Atomic<Bool>(false)
        let server = try WebServer { request in
            switch request.target {
            case "/feed":
                let second = changed.load(ordering: .relaxed) ? "two again" : "two"
                return Self.rss([("1", "/1", "one"), ("2", "/2", second), ("3", "", "three")])
            case "/1", "/2": return .text("<p>page \(request.target)", "Content-Type: text/html; charset=utf-8")
            default: return .status("404 None")
            }
        }
        defer { server.stop() }
        let plugin = try PluginProcess()
        let first = try plugin.fetch(settings(server.url("/feed")))
        #expect(first.done != nil && first.items.count == 3)
        let all = first.items.map(parts).sorted { $0.count > $1.count }
        #expect(all.map(\.count) == [2, 2, 1])
        #expect(Set(all.prefix(2).map { $0[1] }) == ["<p>page /1", "<p>page /2"])
        #expect(all.allSatisfy { $0[0].contains("<title>Mill</title>") && $0[0].hasSuffix("</item>") })
        let page = first.items.first { $0.item.description.parts.count == 2 }?.item.description.parts[1]
        #expect(page?.mediaType == "text/html" && page?.charset == "utf-8")
        #expect(first.state.keys.filter { $0.hasPrefix("found ") }.isEmpty)
        let second = try plugin.fetch(settings(server.url("/feed")), state: first.state)
        #expect(second.items.isEmpty)
        changed.store(true, ordering: .relaxed)
        let third = try plugin.fetch(settings(server.url("/feed")), state: second.state)
        #expect(third.items.count == 1 && parts(third.items[0])[0].contains("two again"))
    }

    @Test("What was found is written down first: after a kill -9 it is fetched though the feed forgot it")
    func killed() throws {
        let isSlow = Atomic<Bool>(true)
        let server = try WebServer { request in
            switch request.target {
            case "/feed":
                return Self.rss(isSlow.load(ordering: .relaxed) ? (1...5).map { ("\($0)", "/\($0)", "e") } : [])
            case "/1": return .text("<p>1")
            case "/robots.txt": return .status("404 None")
            default:
                if isSlow.load(ordering: .relaxed) { sleep(5) }
                return .text("<p>" + request.target)
            }
        }
        defer { server.stop() }
        var state: [String: JSONValue] = [:]
        var delivered: [String] = []
        let plugin = try PluginProcess()
        let job = try plugin.open(settings(server.url("/feed")))
        while delivered.isEmpty, let message = try plugin.receive() {
            var result = PluginProcess.Result(state: state)
            switch message {
            case .checkpoint(let point): result.apply(point.state)
            case .item(let item) where item.job == job:
                result.apply(item.state)
                delivered.append(item.description.uri)
            default: break
            }
            state = result.state
        }
        kill(plugin.process, SIGKILL)
        #expect(state.keys.filter { $0.hasPrefix("found ") }.count == 4)
        isSlow.store(false, ordering: .relaxed)
        let rest = try PluginProcess().fetch(settings(server.url("/feed")), state: state)
        #expect((delivered + rest.items.map(\.item.description.uri)).sorted() == (1...5).map { server.url("/\($0)") })
        #expect(rest.state.keys.filter { $0.hasPrefix("found ") }.isEmpty)
    }

    @Test("A page that is gone, forbidden or refused: the entry comes alone; one that fails is tried in three runs")
    func withoutPages() throws {
        let server = try WebServer { request in
            switch request.target {
            case "/robots.txt": return .text("User-agent: *\nDisallow: /no")
            case "/feed":
                let links = ["/gone", "/no", "ftp://a.test/", "http://10.255.255.1/", "/broken"]
                return Self.rss(links.map { ($0, $0, "entry") })
            case "/broken": return .status("500 Broken")
            default: return .status("410 Gone")
            }
        }
        defer { server.stop() }
        let plugin = try PluginProcess()
        let own = settings(server.url("/feed"), ["allow_private": ["127.0.0.0/8"]])
        var result = try plugin.fetch(own)
        #expect(result.items.count == 4 && result.items.allSatisfy { $0.item.description.parts.count == 1 })
        #expect(result.failed?.kind == .transient)
        result = try plugin.fetch(own, state: result.state)
        #expect(result.items.isEmpty && result.failed != nil)
        result = try plugin.fetch(own, state: result.state)
        #expect(result.items.count == 1 && result.done != nil && !server.targets.contains("/no"))
        result = try plugin.fetch(own, state: result.state)
        #expect(result.items.isEmpty && result.done != nil)
    }

    @Test("One run takes `limit` entries, the next ones the rest, and credentials stay with their origin")
    func limit() throws {
        let other = try WebServer { request in .text("<p>" + (request.headers["authorization"] ?? "none")) }
        let link = other.url("/", host: "127.0.0.2")
        let server = try WebServer { request in
            request.target == "/feed" ? Self.rss((1...5).map { ("\($0)", "\(link)\($0)", "e") }) : .status("404 None")
        }
        defer {
            server.stop()
            other.stop()
        }
        let plugin = try PluginProcess()
        let own = settings(server.url("/feed"), ["limit": 2, "bearer_token": "secret"])
        var state: [String: JSONValue] = [:]
        var counts: [Int] = []
        for _ in 0..<4 {
            let result = try plugin.fetch(own, state: state)
            state = result.state
            counts.append(result.items.count)
            #expect(result.items.allSatisfy { parts($0).last == "<p>none" })
        }
        #expect(counts == [2, 2, 1, 0])
        #expect(other.requests.filter { $0.target == "/robots.txt" }.count == 1)
    }

    @Test("A page with its entry is no larger than an item may be; other answers are taken as they are")
    func sizes() throws {
        let server = try WebServer { request in
            switch request.target {
            case "/feed": Self.rss([("1", "/1", "e")])
            case "/page": .text("<p>no feed", "Content-Type: text/html")
            default: .text(String(repeating: "x", count: 1000))
            }
        }
        defer { server.stop() }
        let plugin = try PluginProcess()
        let result = try plugin.fetch(settings(server.url("/feed")), maximumItemSize: 1050)
        #expect(result.items.map { $0.item.description.parts.count } == [1])
        #expect(result.logs.contains { $0.contains("is larger than") })
        let page = try plugin.fetch(settings(server.url("/page")))
        #expect(page.items.map { $0.item.description.parts.count } == [0])
    }
}
