import JSON
import PluginProtocol
import Synchronization
import Testing

@testable import HTTPFetching

/// Sources that are the feeds of a page.
@Suite("Feeds of a page")
struct DiscoveryTests {
    private func settings(_ url: String, _ what: String = "feed", _ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(
            ["url": .string(url), "allow_private": true, "robots": false, "discover": .string(what)].merging(more) {
                $1
            })
    }

    private static func feed(_ entry: String) -> WebServer.Answer {
        .text(
            "<rss version='2.0'><channel><item><guid>\(entry)</guid><link>/\(entry)</link></item></channel></rss>",
            "Content-Type: application/rss+xml", "ETag: \"\(entry)\"")
    }

    private static func page(_ links: String...) -> WebServer.Answer {
        let links = links.map { "<link rel=alternate type='application/rss+xml' href='\($0)'>" }
        return .text("<html><head>\(links.joined())</head><p>Welcome.", "Content-Type: text/html", "ETag: \"page\"")
    }

    @Test("The main feed of a page is the source; it is asked for by itself then, and found again when it is gone")
    func main() throws {
        let isMoved = Atomic<Bool>(false)
        let server = try WebServer { request in
            let moved = isMoved.load(ordering: .relaxed)
            switch request.target {
            case "/": return Self.page("/comments.xml", moved ? "/new.xml" : "/old.xml", "/more.xml")
            case "/old.xml":
                if moved { return .status("404 None") }
                return request.headers["if-none-match"] == "\"one\"" ? .status("304 Same") : Self.feed("one")
            case "/new.xml": return Self.feed("two")
            default: return .status("404 None")
            }
        }
        defer { server.stop() }
        let plugin = try PluginProcess()
        let first = try plugin.fetch(settings(server.url("/")))
        #expect(server.targets == ["/", "/old.xml"])
        #expect(first.items.count == 1 && first.items[0].item.description.key == server.url("/old.xml"))
        let second = try plugin.fetch(settings(server.url("/")), state: first.state)
        #expect(server.targets.count == 3 && second.items.isEmpty && second.done?.unchanged == true)
        isMoved.store(true, ordering: .relaxed)
        let third = try plugin.fetch(settings(server.url("/")), state: second.state)
        #expect(server.targets.suffix(3) == ["/old.xml", "/", "/new.xml"])
        #expect(third.done != nil && third.items.count == 1)
        #expect(third.items.first?.item.description.key == server.url("/new.xml"))
        #expect(third.state[server.url("/old.xml")] == nil)
        let fourth = try plugin.fetch(settings(server.url("/")), state: third.state)
        #expect(server.targets.last == "/new.xml" && fourth.done != nil)
    }

    @Test("All feeds, each with its entries followed; what is no feed is passed over")
    func all() throws {
        let server = try WebServer { request in
            switch request.target {
            case "/": return Self.page("/a.xml", "/gone.xml", "/page", "/b.xml")
            case "/a.xml", "/b.xml": return Self.feed(String(request.target.dropFirst().prefix(1)))
            case "/gone.xml": return .status("410 Gone")
            default: return .text("<p>page", "Content-Type: text/html")
            }
        }
        defer { server.stop() }
        let plugin = try PluginProcess()
        let result = try plugin.fetch(settings(server.url("/"), "feeds", ["follow": "entries"]))
        #expect(result.done != nil && result.items.count == 2)
        #expect(result.items.allSatisfy { $0.item.description.parts.count == 2 })
        let again = try plugin.fetch(settings(server.url("/"), "feeds", ["follow": "entries"]), state: result.state)
        #expect(again.done != nil && again.items.isEmpty)
        #expect(Array(server.targets.suffix(2)).sorted() == ["/a.xml", "/b.xml"])
        // Only the main one is wanted now.
        let one = try plugin.fetch(settings(server.url("/")), state: again.state)
        #expect(one.done != nil && server.targets.suffix(2) == ["/", "/a.xml"])
    }

    @Test("Without a declaration links that look like feeds are tried, then the usual places")
    func usualPlaces() throws {
        let links = Atomic<Bool>(true)
        let server = try WebServer { request in
            switch request.target {
            case "/blog/":
                return links.load(ordering: .relaxed)
                    ? .text("<p><a href='/blog/feed/'>RSS</a> <a href='/feed-me.html'>x", "Content-Type: text/html")
                    : .text("<p>Nothing here.", "Content-Type: text/html")
            case "/blog/feed/", "/atom.xml": return Self.feed("one")
            default: return .status("404 None")
            }
        }
        defer { server.stop() }
        let plugin = try PluginProcess()
        let linked = try plugin.fetch(settings(server.url("/blog/")))
        #expect(linked.items.count == 1 && server.targets == ["/blog/", "/blog/feed/"])
        links.store(false, ordering: .relaxed)
        let guessed = try plugin.fetch(settings(server.url("/blog/")))
        #expect(guessed.items.count == 1 && guessed.failed == nil)
        #expect(server.targets.suffix(4) == ["/blog/", "/feed.xml", "/rss.xml", "/atom.xml"])
    }

    @Test("A page without feeds fails and says what helps; one that is a feed is the source itself")
    func nothing() throws {
        let server = try WebServer { request in
            switch request.target {
            case "/": return .text("<p>Nothing.", "Content-Type: text/html")
            case "/feed":
                return request.headers["if-none-match"] == "\"one\"" ? .status("304 Same") : Self.feed("one")
            case "/image": return .text("GIF89a", "Content-Type: image/gif")
            default: return .status(request.target == "/slow" ? "503 Busy" : "404 None")
            }
        }
        defer { server.stop() }
        let plugin = try PluginProcess()
        let none = try plugin.fetch(settings(server.url("/")))
        // `/feed` is one of the usual places.
        #expect(none.items.count == 1 && none.done != nil)
        let direct = try plugin.fetch(settings(server.url("/feed")))
        let again = try plugin.fetch(settings(server.url("/feed")), state: direct.state)
        #expect(direct.items.count == 1 && again.items.isEmpty && again.done?.unchanged == true)
        #expect(try plugin.fetch(settings(server.url("/image"))).failed?.kind == .configuration)
        let empty = try WebServer { $0.target == "/" ? .text("<p>x", "Content-Type: text/html") : .status("404 None") }
        defer { empty.stop() }
        let failed = try plugin.fetch(settings(empty.url("/"))).failed
        #expect(failed?.kind == .permanent && failed?.remedy?.contains("discover") == true)
        #expect(failed?.message.hasPrefix("http") == true)
    }
}
