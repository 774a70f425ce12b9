import JSON
import PluginProtocol
import Testing

@testable import HTTPFetching

@Suite("Answers that continue each other")
struct PagingTests {
    private func settings(_ url: String, _ paging: JSONValue, _ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(["url": .string(url), "allow_private": true, "paginate": paging].merging(more) { $1 })
    }

    @Test(
        "The Link header",
        arguments: [
            (#"</2>; rel="next""#, "/2"), (#"</1>; rel=prev, <b?x=,>; title="a, b; c"; rel="last next""#, "b?x=,"),
            (#"</1>; title="<x>; rel=next", </2>; REL=NEXT"#, "/2"), (#"</1>; rel="nexte""#, nil), ("", nil),
            ("<", nil),
            (#"</1>; rel="prev"; rel="next""#, nil),
        ] as [(String, String?)])
    func linkHeader(value: String, next: String?) { #expect(LinkHeader.next(value) == next) }

    @Test("JSON pointers")
    func pointers() throws {
        let tree: JSONValue = ["a": ["b/c": [1, ["~": "x"]]], "": 2, "0": 3]
        for (text, value) in [("/a/b~1c/1/~0", "x"), ("/", 2), ("/0", 3), ("", tree)] as [(String, JSONValue)] {
            #expect(JSONPointer(text)?.value(in: tree) == value)
        }
        #expect(JSONPointer("/a/b~1c/2")?.value(in: tree) == nil && JSONPointer("a") == nil)
    }

    @Test("A parameter in a query")
    func parameter() throws {
        let address = try WebAddress("http://a.test/x?cursor=1&q=%20&cursor=2")
        #expect(address.setting("cursor", to: "a b&c")?.text == "http://a.test/x?q=%20&cursor=a%20b%26c")
        #expect(try WebAddress("http://a.test/x").setting("p", to: "2")?.text == "http://a.test/x?p=2")
    }

    @Test("`Link: rel=next` up to the limit; the next run goes on there")
    func header() throws {
        let server = try WebServer { request in
            guard let number = request.target.hasPrefix("/api?page=") ? Int(request.target.dropFirst(10)) : nil else {
                return .status("404 None")
            }
            let next = number < 7 ? ["Link: </api?page=\(number + 1)>; rel=\"next\""] : []
            return WebServer.Answer(
                headers: next + ["Content-Type: application/json"], body: Array("[{\"text\":\"\(number)\"}]".utf8))
        }
        defer { server.stop() }
        let plugin = try PluginProcess()
        let own = settings(server.url("/api?page=1"), ["limit": 3], ["headers": ["X-Key": "k"]])
        let first = try plugin.fetch(own)
        #expect(first.items.count == 3 && first.logs.contains { $0.contains("paginate.limit") })
        let second = try plugin.fetch(own, state: first.state)
        #expect(Set(second.items.map(\.item.description.uri)).contains(server.url("/api?page=7")) == false)
        let third = try plugin.fetch(own, state: second.state)
        let all = Set((first.items + second.items + third.items).map(\.item.description.uri))
        #expect(all.count == 7)
        #expect(server.requests.filter { $0.target != "/robots.txt" }.allSatisfy { $0.headers["x-key"] == "k" })
    }

    @Test("A cursor of JSON in a parameter, and the records out of their envelope")
    func cursor() throws {
        let server = try WebServer { request in
            switch request.target {
            case "/api?n=2": .text(#"{"data":{"rows":[{"text":"a"},{"text":"b"}]},"meta":{"next":"x y"}}"#)
            case "/api?n=2&after=x%20y": .text(#"{"data":{"rows":[{"text":"c"}]},"meta":{"next":17}}"#)
            case "/api?n=2&after=17": .text(#"{"data":{"rows":[]},"meta":{"next":null}}"#)
            default: .status("404 None")
            }
        }
        defer { server.stop() }
        let own = settings(
            server.url("/api?n=2"), ["next": "/meta/next", "parameter": "after"], ["records_at": "/data/rows"])
        let result = try PluginProcess().fetch(own)
        #expect(result.done != nil && server.targets.count == 3)
        #expect(
            result.items.map { String(decoding: $0.body, as: UTF8.self) } == [
                #"[{"text":"a"},{"text":"b"}]"#, #"[{"text":"c"}]"#,
            ])
        #expect(result.items.allSatisfy { $0.item.description.mediaType == "application/json" })
        let wrong = try PluginProcess().fetch(
            settings(server.url("/api?n=2"), ["next": "/meta/next"], ["records_at": "/rows"]))
        #expect(wrong.failed?.message.contains("records_at") == true)
    }

    @Test("The pages of an article become one item; a loop ends; a page that is gone ends it")
    func merged() throws {
        let server = try WebServer { request in
            switch request.target {
            case "/a": .text("<link rel=next href=/a2><p>one", "Content-Type: text/html")
            case "/a2": .text("<a rel=next href=a3>next</a><p>two", "Content-Type: text/html; charset=utf-8")
            case "/a3": .text("<a rel=next href=/a>again</a><p>three", "Content-Type: text/html")
            case "/b": .text("<link rel=next href=/none><p>one", "Content-Type: text/html")
            default: .status("404 None")
            }
        }
        defer { server.stop() }
        let plugin = try PluginProcess()
        let result = try plugin.fetch(settings(server.url("/a"), ["merge": true]))
        let item = try #require(result.items.first)
        #expect(result.items.count == 1 && item.item.description.key == server.url("/a"))
        let parts = item.item.description.parts
        #expect(parts.map(\.uri) == ["/a", "/a2", "/a3"].map { server.url($0) })
        #expect(parts.map(\.length).reduce(0, +) == item.body.count && parts[1].charset == "utf-8")
        let cut = try plugin.fetch(settings(server.url("/b"), ["merge": true]))
        #expect(cut.items.count == 1 && cut.items[0].item.description.parts.count == 1 && cut.done != nil)
    }

    @Test("An entry's page in several pages; a later page that fails lets the whole wait")
    func entries() throws {
        let server = try WebServer { request in
            switch request.target {
            case "/feed":
                .text(
                    "<rss><channel><item><guid>1</guid><link>/1</link></item><item><link>/2</link></item></channel></rss>"
                )
            case "/1": .text("<link rel=next href=/1b><p>one", "Content-Type: text/html")
            case "/1b": .text("<p>two", "Content-Type: text/html")
            case "/2": .text("<link rel=next href=/2b><p>one", "Content-Type: text/html")
            case "/robots.txt": .status("404 None")
            default: .status("500 Broken")
            }
        }
        defer { server.stop() }
        let own = settings(server.url("/feed"), ["merge": true], ["follow": "entries"])
        let result = try PluginProcess().fetch(own)
        #expect(result.items.map { $0.item.description.parts.map(\.kind) } == [[.entry, .page, .page]])
        #expect(result.failed?.kind == .transient)
        #expect(result.state.keys.filter { $0.hasPrefix("found ") }.count == 1)
    }
}
