import Glibc
import JSON
import TestSupport
import Testing

/// Names whose answers are many, mixed or change, from a real name server.
@Suite(
    "Names and addresses", .serialized, .enabled(if: NameServer.isPossible, "needs root that may mount, and unshare"))
struct NameTests {
    /// What may be fetched from: it stands for a public address.
    private static let open = "127.0.0.2"

    /// A server on all addresses of loopback that says on which of them it was asked.
    private func server() throws -> WebServer {
        try WebServer { request in
            request.target == "/robots.txt" ? .status("404 None") : .text("<p>page", "Connection: close")
        }
    }

    private func settings(_ url: String, allowing networks: [JSONValue] = [.string(open)]) -> JSONValue {
        ["url": .string(url), "allow_private": .array(networks), "robots": false, "connect_timeout": 5]
    }

    @Test("Of mixed answers only the allowed one is connected to; with none of them the name is refused")
    func mixed() throws {
        let names = try NameServer { name, isSix, _ in
            switch name {
            case "mixed.test":
                isSix
                    ? ["::1", "::ffff:127.0.0.1", "fe80::1", "64:ff9b::a00:1"]
                    : ["10.0.0.1", "127.0.0.1", "169.254.169.254", Self.open]
            case "inner.test": isSix ? [] : ["127.0.0.1", "10.0.0.1"]
            case "mapped.test": isSix ? ["::ffff:127.0.0.1"] : []
            case "six.test": isSix ? ["::1"] : []
            default: nil
            }
        }
        let web = try server()
        defer {
            names.stop()
            web.stop()
        }
        let plugin = try PluginProcess(names: names)
        #expect(try plugin.fetch(settings(web.url("/", host: "mixed.test"))).items.count == 1)
        #expect(web.connectionCount == 1)
        for (name, words) in [
            ("inner.test", "a private address"), ("mapped.test", "a loopback address inside an IPv6 address"),
            ("six.test", "::1, a loopback address"),
        ] {
            let result = try plugin.fetch(settings(web.url("/", host: name)))
            let message = result.failed?.message ?? "no failure"
            #expect(result.failed?.kind == .configuration && result.items.isEmpty, "\(name)")
            #expect(message.contains(words) || message.contains("a loopback address"), "\(name): \(message)")
        }
        let none = try plugin.fetch(settings(web.url("/", host: "none.test")))
        #expect(none.failed?.message.contains("none.test has no address") == true)
        // Nothing else was ever connected to.
        #expect(web.connectionCount == 1)
    }

    @Test("A name that leads elsewhere the second time is looked at a second time")
    func rebinding() throws {
        let names = try NameServer { name, isSix, lookup in
            guard name == "rebind.test" else { return nil }
            return isSix ? [] : lookup == 1 ? [Self.open] : ["127.0.0.1"]
        }
        let second = try server()
        let target = second.url("/", host: "rebind.test")
        let first = try WebServer { request in
            request.target == "/page"
                ? .text("<p>page", "Connection: close") : .status("302 Found", "Location: \(target)")
        }
        defer {
            names.stop()
            first.stop()
            second.stop()
        }
        let plugin = try PluginProcess(names: names)
        #expect(try plugin.fetch(settings(first.url("/page", host: "rebind.test"))).items.count == 1)
        // Another port is another lookup to libcurl.
        let result = try plugin.fetch(settings(first.url("/away", host: "rebind.test")))
        #expect(names.count("rebind.test") >= 3)
        #expect(result.failed?.message.contains("127.0.0.1, a loopback address") == true)
        #expect(second.connectionCount == 0)
    }

    @Test("Hundreds of answers: private ones are passed over, those where nobody listens as well")
    func many() throws {
        let names = try NameServer { name, isSix, _ in
            switch name {
            case "private.test": isSix ? [] : (0..<300).map { "10.1.\($0 / 250).\($0 % 250 + 1)" } + [Self.open]
            case "few.test": isSix ? [] : ["10.0.0.1", Self.open]
            case "closed.test": isSix ? [] : (0..<300).map { "127.7.\($0 / 250).\($0 % 250 + 1)" }
            default: nil
            }
        }
        let web = try server()
        defer {
            names.stop()
            web.stop()
        }
        let plugin = try PluginProcess(names: names)
        #expect(try plugin.fetch(settings(web.url("/", host: "private.test"))).items.count == 1)
        #expect(web.connectionCount == 1)
        let closed = try freePort()
        // One that is refused beside others that are tried is not what was wrong.
        let few = try plugin.fetch(settings("http://few.test:\(closed)/"))
        #expect(few.failed?.kind == .transient && few.failed?.message.contains("few.test") == true, "\(few)")
        // libcurl 7.88 waits before each further address: the time for one connection ends it.
        let start = ContinuousClock.now
        let all = try plugin.fetch(settings("http://closed.test:\(closed)/", allowing: ["127.7.0.0/16"]))
        #expect(all.failed?.kind == .transient && all.failed?.remedy?.isEmpty == false, "\(all)")
        #expect(ContinuousClock.now - start < .seconds(8))
    }

    @Test("A name is looked up once for all transfers of a minute, over all sources")
    func sharing() throws {
        let names = try NameServer { name, isSix, _ in name == "shared.test" ? isSix ? [] : [Self.open] : nil }
        let web = try server()
        defer {
            names.stop()
            web.stop()
        }
        let plugin = try PluginProcess(names: names)
        for number in 0..<20 {
            #expect(try plugin.fetch(settings(web.url("/\(number)", host: "shared.test"))).items.count == 1)
        }
        #expect(web.connectionCount == 20)
        #expect(names.count("shared.test") == 2)
    }
}
