import Glibc
import JSON
import Testing

@testable import HTTPFetching

/// Cookies that a source keeps from one run to the next.
@Suite("Cookies of a source")
struct CookieTests {
    /// Who comes without a session is given one.
    private func server() throws -> WebServer {
        try WebServer { request in
            if request.target == "/robots.txt" { return .status("404 None") }
            let sent = request.headers["cookie"] ?? "none"
            if sent.contains("sid=") { return .text(sent) }
            return .text(sent, "Set-Cookie: sid=hunter2; HttpOnly; Path=/", "Set-Cookie: short=1; Max-Age=1")
        }
    }

    private func text(_ result: PluginProcess.Result) -> [String] {
        result.items.map { String(decoding: $0.body, as: UTF8.self) }
    }

    @Test("A session lives over a restart; what has expired goes; nothing shows it")
    func session() throws {
        let server = try server()
        defer { server.stop() }
        let settings: JSONValue = ["url": .string(server.url("/")), "allow_private": true, "cookies": true]
        let first = try PluginProcess().fetch(settings)
        #expect(text(first) == ["none"])
        #expect(first.state[StateKey.cookies]?.array?.count == 2)
        usleep(2_100_000)
        let plugin = try PluginProcess()
        let second = try plugin.fetch(settings, state: first.state)
        #expect(text(second) == ["sid=hunter2"])
        #expect(second.state[StateKey.cookies]?.array?.count == 1)
        // A jar that is the same is not written again.
        let third = try plugin.fetch(settings, state: second.state)
        #expect(text(third) == ["sid=hunter2"])
        #expect(third.done?.state[StateKey.cookies] == nil && third.state == second.state)
        for result in [first, second, third] {
            #expect(result.items.allSatisfy { !"\($0.item.description)".contains("hunter2") })
            let told = "\(result.logs) \(String(describing: result.done?.report))"
            #expect(told.contains("hunter2") == false)
        }
    }

    @Test("No other source is given them, beside it or after it; without the setting they are forgotten")
    func separation() throws {
        let server = try server()
        defer { server.stop() }
        let plugin = try PluginProcess()
        let url = JSONValue.string(server.url("/"))
        let keeping: JSONValue = ["url": url, "allow_private": true, "cookies": true]
        let first = try plugin.fetch(keeping)
        #expect(text(try plugin.fetch(["url": url, "allow_private": true])) == ["none"])
        #expect(text(try plugin.fetch(keeping)) == ["none"])
        let other = try plugin.open(["url": url, "allow_private": true])
        #expect(text(try plugin.finish(other)) == ["none"])
        let again = try plugin.fetch(["url": url, "allow_private": true], state: first.state)
        #expect(text(again) == ["none"] && again.state[StateKey.cookies] == nil)
        // Robots.txt is the same for everybody.
        #expect(server.requests.filter { $0.target == "/robots.txt" }.allSatisfy { $0.headers["cookie"] == nil })
    }

    @Test("Domains: a site's for its other hosts, none for a public suffix, none for a stranger")
    func domains() throws {
        // It answers as a proxy does, for any host.
        let proxy = try WebServer { request in
            if request.target.hasSuffix("/robots.txt") { return .status("404 None") }
            let sent = request.headers["cookie"] ?? "none"
            guard request.target == "http://shop.mill.co.uk/" else { return .text(sent) }
            return .text(
                sent, "Set-Cookie: site=1; Domain=mill.co.uk", "Set-Cookie: wide=1; Domain=co.uk",
                "Set-Cookie: foreign=1; Domain=other.co.uk", "Set-Cookie: own=1")
        }
        defer { proxy.stop() }
        let plugin = try PluginProcess()
        func fetch(_ urls: String..., state: [String: JSONValue]) throws -> PluginProcess.Result {
            try plugin.fetch(
                [
                    "urls": .array(urls.map { .string($0) }), "cookies": true, "proxy": .string(proxy.url("")),
                    "max_concurrency": 1, "host_interval": 0,
                ], state: state)
        }
        let first = try fetch("http://shop.mill.co.uk/", state: [:])
        #expect(first.state[StateKey.cookies]?.array?.count == 2)
        let others = try fetch("http://www.mill.co.uk/", "http://other.co.uk/", "http://co.uk/", state: first.state)
        #expect(Set(text(others)) == ["site=1", "none"] && text(others).count { $0 == "none" } == 2)
        let own = try fetch("http://shop.mill.co.uk/again", state: others.state)
        #expect(Set(text(own).flatMap { $0.split(separator: "; ") }) == ["site=1", "own=1"])
    }

    @Test("A flood of cookies is bounded, in memory and in the state; the short ones are kept")
    func flood() throws {
        let server = try WebServer { request in
            if request.target == "/robots.txt" { return .status("404 None") }
            let long = String(repeating: "x", count: 3000)
            let flood = (0..<40).map { "Set-Cookie: c\(request.target.dropFirst())n\($0)=\(long)" }
            return .init(headers: flood + ["Set-Cookie: sid=1"], body: Array("<p>page".utf8))
        }
        defer { server.stop() }
        let urls = JSONValue.array((0..<20).map { .string(server.url("/\($0)")) })
        let result = try PluginProcess().fetch(["urls": urls, "allow_private": true, "cookies": true])
        #expect(result.items.count == 20)
        let kept = (result.state[StateKey.cookies]?.array ?? []).compactMap(\.string)
        #expect(kept.reduce(0) { $0 + $1.utf8.count } <= CookieJar.limits.bytes && kept.count >= 9)
        #expect(kept.contains { $0.hasSuffix("\tsid\t1") })
        #expect(result.logs.contains { $0.contains("of its cookies the shortest are kept") })
    }

    @Test("A run that is killed keeps the cookies that it got, with an item or without one", arguments: [true, false])
    func killed(hasItem: Bool) throws {
        let server = try WebServer { request in
            switch request.target {
            case "/robots.txt": return .status("404 None")
            case "/login": return hasItem ? .text("<p>in", "Set-Cookie: sid=7") : .status("204 N", "Set-Cookie: sid=7")
            case "/slow":
                sleep(5)
                return .text("<p>slow")
            default: return .text(request.headers["cookie"] ?? "none")
            }
        }
        defer { server.stop() }
        func settings(_ paths: String...) -> JSONValue {
            [
                "urls": .array(paths.map { .string(server.url($0)) }), "allow_private": true, "cookies": true,
                "max_concurrency": 1,
            ]
        }
        var state: [String: JSONValue] = [:]
        do {
            let plugin = try PluginProcess()
            let job = try plugin.open(settings("/login", "/slow"))
            while state[StateKey.cookies] == nil, let message = try plugin.receive(within: 3000) {
                var changes: [String: JSONValue] = [:]
                if case .item(let item) = message { changes = item.state }
                if case .checkpoint(let point) = message { changes = point.state }
                state.merge(changes) { $1 }
            }
            #expect(job > 0)
            // SIGKILL, with the job in the middle.
        }
        #expect(state[StateKey.cookies]?.array?.count == 1)
        #expect(text(try PluginProcess().fetch(settings("/other"), state: state)) == ["sid=7"])
    }

    @Test("What is no cookie in the state is dropped")
    func damage() throws {
        let server = try server()
        defer { server.stop() }
        let line = "127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tkept"
        let state: [String: JSONValue] = [
            StateKey.cookies: [.string(line), "ALL", "Set-Cookie: a=b", .string(line + "\nx\ty"), 7]
        ]
        let settings: JSONValue = ["url": .string(server.url("/")), "allow_private": true, "cookies": true]
        let result = try PluginProcess().fetch(settings, state: state)
        #expect(text(result) == ["sid=kept"] && result.state[StateKey.cookies] == [.string(line)])
        let odd = try PluginProcess().fetch(settings, state: [StateKey.cookies: "x"])
        #expect(text(odd) == ["none"])
    }
}
