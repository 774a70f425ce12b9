import Glibc
import JSON
import PluginProtocol
import TestSupport
import Testing

/// The built program against a real web server.
@Suite("http fetcher and nginx", .enabled(if: Nginx.isInstalled, "nginx is not installed"))
struct NginxTests {
    private func settings(_ url: String, _ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(["url": .string(url), "allow_private": ["127.0.0.0/8"]].merging(more) { $1 })
    }

    @Test("A page comes with what is known of it, then not again, then changed")
    func conditional() throws {
        let nginx = try Nginx()
        let plugin = try PluginProcess()
        let url = nginx.url("/page.html")
        let first = try plugin.fetch(settings(url))
        let (item, body) = try #require(first.items.first)
        #expect(first.items.count == 1 && first.done?.unchanged == false)
        #expect(item.item == 1)
        #expect(item.description.uri == url && item.description.key == url)
        #expect(item.description.mediaType == "text/html" && item.description.charset == "utf-8")
        #expect(item.description.headers["etag"] != nil && item.description.fetched != nil)
        #expect(item.description.modified != nil)
        #expect(body.starts(with: "<p>water mill".utf8) && body.count == 5503)
        let second = try plugin.fetch(settings(url), state: first.state)
        #expect(second.items.isEmpty && second.done?.unchanged == true)
        try Command.write(nginx.pages + "/page.html", Array("<p>new".utf8))
        let third = try plugin.fetch(settings(url), state: second.state)
        #expect(third.items.map { String(decoding: $0.body, as: UTF8.self) } == ["<p>new"])
        #expect(third.done?.unchanged == false)
        #expect(third.state != second.state)
    }

    @Test("A redirect is followed; the next request is conditional where the validators came from")
    func redirect() throws {
        let nginx = try Nginx()
        let plugin = try PluginProcess()
        let first = try plugin.fetch(settings(nginx.url("/moved")))
        #expect(first.items.first?.item.description.uri == nginx.url("/page.html"))
        #expect(first.items.first?.item.description.key == nginx.url("/moved"))
        let second = try plugin.fetch(settings(nginx.url("/moved")), state: first.state)
        #expect(second.done?.unchanged == true && second.items.isEmpty)
    }

    @Test("Every hop is checked, and every request on a connection that someone else opened")
    func privateAddresses() throws {
        let nginx = try Nginx()
        let plugin = try PluginProcess()
        let url = nginx.url("/page.html")
        #expect(try plugin.fetch(["url": .string(url), "allow_private": true]).items.count == 1)
        // The connection is still open in libcurl's pool.
        let refused = try plugin.fetch(["url": .string(url)])
        let failure = try #require(refused.failed)
        #expect(failure.kind == .configuration && refused.items.isEmpty)
        #expect(failure.message.contains("127.0.0.1, a loopback address"))
        #expect(failure.remedy?.contains("allow_private") == true)
        let hop = try plugin.fetch(["url": .string(nginx.url("/elsewhere")), "allow_private": ["127.0.0.1"]])
        #expect(hop.failed?.message.contains("127.0.0.2, a loopback address") == true)
        let named = try plugin.fetch(["url": .string("http://localhost:\(nginx.port)/page.html")])
        #expect(named.failed?.kind == .configuration && named.items.isEmpty)
        for odd in [
            "http://0x7f000001", "http://[::ffff:127.0.0.1]", "http://[::1]", "http://0", "http://2130706433",
            "http://0x7f.1",
            "http://017700000001", "http://127.1", "http://0177.0.0.0x1", "http://[::ffff:7f00:1]",
        ] {
            let result = try plugin.fetch(["url": .string("\(odd):\(nginx.port)/page.html")])
            #expect(result.failed?.kind == .configuration && result.items.isEmpty, "\(odd)")
        }
    }

    @Test("Credentials and headers stay with the origin they are for")
    func credentials() throws {
        let nginx = try Nginx()
        let plugin = try PluginProcess()
        func text(_ path: String, _ more: [String: JSONValue]) throws -> String {
            let result = try plugin.fetch(settings(nginx.url(path), more))
            return String(decoding: result.items.first?.body ?? [], as: UTF8.self)
        }
        let secrets: [String: JSONValue] = [
            "headers": ["X-Api-Key": "hunter2"], "username": "mill", "password": "hunter2",
        ]
        #expect(try text("/echo", secrets).contains("auth=Basic bWlsbDpodW50ZXIy key=hunter2"))
        #expect(try text("/leak", secrets).contains("host=127.0.0.2 method=GET"))
        #expect(try text("/leak", secrets).contains("auth= key= "))
        #expect(try text("/echo", ["bearer_token": "hunter2"]).contains("auth=Bearer hunter2"))
        #expect(try text("/leak", ["bearer_token": "hunter2"]).contains("auth= key= "))
        #expect(try text("/echo", ["contact": "me@example.org"]).contains("agent=Millrace/0.1 (+me@example.org) "))
        #expect(try text("/echo", ["method": "POST", "body": "{}"]).contains("method=POST"))
    }

    @Test("A cookie lives as long as the redirects of one address")
    func cookies() throws {
        let nginx = try Nginx()
        let plugin = try PluginProcess()
        func text(_ path: String) throws -> String {
            String(decoding: try plugin.fetch(settings(nginx.url(path))).items.first?.body ?? [], as: UTF8.self)
        }
        #expect(try text("/give-cookie") == "cookie=mill=1")
        #expect(try text("/cookie") == "cookie=")
    }

    @Test("Basic authentication: without, wrong, right, and in the address; no message shows the password")
    func authentication() throws {
        let nginx = try Nginx()
        let plugin = try PluginProcess()
        let url = nginx.url("/secret")
        let without = try plugin.fetch(settings(url))
        #expect(without.failed?.kind == .configuration && without.failed?.message.contains("401") == true)
        let wrong = try plugin.fetch(settings("http://mill:hunter3@127.0.0.1:\(nginx.port)/secret"))
        #expect(wrong.failed?.kind == .configuration)
        #expect(wrong.failed.map { "\($0)".contains("hunter3") } == false)
        #expect(try plugin.fetch(settings(url, ["username": "mill", "password": "hunter2"])).items.count == 1)
        let inside = try plugin.fetch(settings("http://mill:hunter2@127.0.0.1:\(nginx.port)/secret"))
        #expect(inside.items.count == 1)
        #expect(inside.items.map { "\($0.item)".contains("hunter2") } == [false])
    }

    @Test(
        "Answers without content",
        arguments: [
            ("/none", FailureKind.transient, "404", nil), ("/gone", .gone, "410", nil),
            ("/forbidden", .permanent, "403", nil), ("/busy", .transient, "503", 7.0),
            ("/slow-down", .transient, "429", 30.0 * 86400), ("/loop", .permanent, "more than 10 times", nil),
            ("/to-file", .permanent, "'file'", nil), ("/nowhere", .permanent, "304", nil),
        ] as [(String, FailureKind, String, Double?)])
    func failures(path: String, kind: FailureKind, words: String, retryAfter: Double?) throws {
        let nginx = try Nginx()
        let plugin = try PluginProcess()
        let failure = try #require(try plugin.fetch(settings(nginx.url(path))).failed)
        #expect(failure.kind == kind)
        #expect(failure.message.contains(words), "\(failure.message)")
        #expect(failure.retryAfter == retryAfter)
        #expect(failure.remedy != nil || path == "/busy")
    }

    @Test("Too large: by the announced length, and unpacked from something small")
    func size() throws {
        let nginx = try Nginx()
        let plugin = try PluginProcess()
        let file = nginx.pages + "/large.bin"
        try Command.write(file, [])
        truncate(file, 1 << 33)
        let large = try plugin.fetch(settings(nginx.url("/large.bin"), ["max_size": 100_000]))
        #expect(large.failed?.message.contains("larger than 100000 bytes") == true)
        #expect(large.failed?.remedy?.contains("max_size") == true)
        let bomb = try plugin.fetch(settings(nginx.url("/bomb.html"), ["max_size": 1_000_000]))
        #expect(bomb.failed?.message.contains("larger than 1000000 bytes (unpacked)") == true)
        #expect(bomb.items.isEmpty)
        let core = try plugin.fetch(settings(nginx.url("/bomb.html")), maximumItemSize: 1000)
        #expect(core.failed?.message.contains("larger than 1000 bytes") == true)
        let whole = try plugin.fetch(settings(nginx.url("/bomb.html")), window: 64 << 20, maximumItemSize: 64 << 20)
        #expect(whole.items.first?.body.count == 30 << 20)
    }

    @Test("Hints: when to come again, charset, kind, an answer without content")
    func hints() throws {
        let nginx = try Nginx()
        let plugin = try PluginProcess()
        #expect(try plugin.fetch(settings(nginx.url("/fresh"))).done?.next == 600)
        #expect(try plugin.fetch(settings(nginx.url("/page.html"))).done?.next == nil)
        #expect(
            try plugin.fetch(settings(nginx.url("/odd"))).items.first?.item.description.charset == "windows-1252")
        let feed = try plugin.fetch(settings(nginx.url("/feed.txt"), ["kind": "feed"]))
        #expect(feed.items.first?.item.description.mediaType == "application/xml")
        let empty = try plugin.fetch(settings(nginx.url("/empty")))
        #expect(empty.items.isEmpty && empty.done?.unchanged == true)
    }

    @Test("Of several addresses the good ones come, and the bad ones are named")
    func several() throws {
        let nginx = try Nginx()
        let plugin = try PluginProcess()
        let closed = try freePort()
        let result = try plugin.fetch([
            "urls": [
                .string(nginx.url("/page.html")), .string(nginx.url("/none")), .string("http://127.0.0.1:\(closed)/"),
                .string(nginx.url("/echo")),
            ], "allow_private": true,
        ])
        #expect(Set(result.items.map(\.item.description.uri)) == [nginx.url("/page.html"), nginx.url("/echo")])
        #expect(result.items.map(\.item.item) == [1, 2])
        #expect(result.failed?.kind == .transient)
        #expect(result.failed?.message.contains("2 of 4 addresses failed") == true)
        #expect(result.logs.count == 2)
        #expect(result.logs.contains { $0.contains("nobody listens on 127.0.0.1:\(closed)") })
        #expect(result.state[nginx.url("/page.html")] != nil)
    }

    @Test("Transfers to one host share a connection of HTTP/2", .enabled(if: Nginx.canUseTLS))
    func multiplexing() throws {
        let nginx = try Nginx(secure: true)
        let urls = (0..<4).map { JSONValue.string("https://localhost:\(nginx.securePort)/connection?\($0)") }
        let more: [String: JSONValue] = ["ca_file": .string(nginx.certificate), "robots": false]
        let first = urls[0].string ?? ""
        let result = try PluginProcess().fetch(settings(first, more.merging(["urls": .array(urls)]) { $1 }))
        #expect(result.items.count == 4 && Set(result.items.map(\.body)).count == 1)
    }

    @Test("TLS: not trusted, trusted by ca_file, the wrong name, not verified; HTTP/2", .enabled(if: Nginx.canUseTLS))
    func tls() throws {
        let nginx = try Nginx(secure: true)
        let plugin = try PluginProcess()
        let url = "https://localhost:\(nginx.securePort)/echo"
        let untrusted = try plugin.fetch(settings(url))
        #expect(untrusted.failed?.kind == .configuration)
        #expect(untrusted.failed?.message.contains("certificate is not trusted") == true)
        #expect(untrusted.failed?.remedy?.contains("ca_file") == true)
        let trusted = try plugin.fetch(settings(url, ["ca_file": .string(nginx.certificate)]))
        #expect(
            trusted.items.first.map { String(decoding: $0.body, as: UTF8.self).contains("protocol=HTTP/2") } == true)
        // A verified connection is open now; one that does not trust it must not be given it.
        #expect(try plugin.fetch(settings(url)).failed?.kind == .configuration)
        let name = try plugin.fetch(
            settings("https://127.0.0.1:\(nginx.securePort)/echo", ["ca_file": .string(nginx.certificate)]))
        #expect(name.failed?.kind == .configuration)
        #expect(try plugin.fetch(settings(url, ["insecure": true])).items.count == 1)
        let noTLS = try plugin.fetch(settings("https://127.0.0.1:\(nginx.port)/echo"))
        #expect(noTLS.failed?.message.contains("TLS with 127.0.0.1") == true)
        let missing = try plugin.fetch(settings(url, ["ca_file": "/nonexistent.pem"]))
        #expect(missing.failed?.kind == .configuration)
    }
}
