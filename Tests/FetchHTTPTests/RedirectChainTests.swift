import Glibc
import JSON
import Testing

/// Chains of redirects that start at an allowed address and lead inwards: each hop is looked at before it is connected to.
@Suite("Chains of redirects to private addresses", .serialized)
struct RedirectChainTests {
    /// What may be fetched from: it stands for a public address.
    private static let open = "127.0.0.2"

    private func settings(_ url: String, _ networks: [JSONValue] = [.string(open)]) -> JSONValue {
        ["url": .string(url), "allow_private": .array(networks), "robots": false, "connect_timeout": 5]
    }

    /// A server on all addresses of loopback that none may be led to.
    private func inside() throws -> WebServer { try WebServer { _ in .text("<p>secret") } }

    /// A server whose `/hop/N` leads to `/hop/N+1`, and from `/hop/length` on to `target`.
    private func chain(of length: Int, to target: String) throws -> WebServer {
        try WebServer { request in
            guard let hop = Int(request.target.dropFirst("/hop/".count)) else { return .status("404 None") }
            let status = ["301 M", "302 F", "303 S", "307 T", "308 P"][hop % 5]
            return .status(status, "Location: \(hop < length ? "/hop/\(hop + 1)" : target)")
        }
    }

    @Test(
        "The hop that leads inwards is refused, in whatever notation, and nothing is connected to",
        arguments: [
            ("127.0.0.1", "127.0.0.1, a loopback address"), ("2130706433", "127.0.0.1, a loopback address"),
            ("0x7f000001", "127.0.0.1, a loopback address"), ("0x7F.1", "127.0.0.1, a loopback address"),
            ("017700000001", "127.0.0.1, a loopback address"), ("0177.0.0.01", "127.0.0.1, a loopback address"),
            ("127.1", "127.0.0.1, a loopback address"), ("%31%32%37.0.0.1", "127.0.0.1, a loopback address"),
            ("0.0.0.0", "0.0.0.0, an address of this very host"), ("0", "0.0.0.0, an address of this very host"),
            ("localhost", "a loopback address"), ("LOCALHOST", "a loopback address"),
            ("[::1]", "::1, a loopback address"),
            ("[::ffff:127.0.0.1]", "a loopback address inside an IPv6 address"),
            ("[::ffff:7f00:1]", "a loopback address inside an IPv6 address"),
            ("[0:0:0:0:0:ffff:7f00:0001]", "a loopback address inside an IPv6 address"),
            ("[::127.0.0.1]", "::127.0.0.1, a reserved address"), ("[::]", "an address of this very host"),
            ("[64:ff9b::7f00:1]", "a loopback address inside an IPv6 address"),
            ("169.254.169.254", "the cloud's metadata address"), ("0xa9fea9fe", "the cloud's metadata address"),
            ("[::ffff:a9fe:a9fe]", "the cloud's metadata address inside an IPv6 address"),
            ("[fd00:ec2::254]", "the cloud's metadata address"), ("10.0.0.1", "10.0.0.1, a private address"),
        ])
    func notations(host: String, words: String) throws {
        let inside = try inside()
        let outside = try chain(of: 4, to: "http://\(host):\(inside.port)/secret")
        defer {
            inside.stop()
            outside.stop()
        }
        let plugin = try PluginProcess()
        let result = try plugin.fetch(settings(outside.url("/hop/1", host: Self.open)))
        let failure = try #require(result.failed)
        #expect(failure.kind == .configuration && result.items.isEmpty)
        #expect(failure.message.hasSuffix("\(words), which is not fetched from"), "\(failure.message)")
        #expect(failure.remedy?.contains("allow_private") == true)
        #expect(outside.targets == ["/hop/1", "/hop/2", "/hop/3", "/hop/4"])
        #expect(inside.connectionCount == 0)
    }

    @Test(
        "What only looks like an address is none, and leads nowhere",
        arguments: [
            ("127.0.0.1.", "has no address"), ("localhost.", "has no address"), ("１２７.0.0.1", "bad/illegal format"),
            ("127.0.0.256", "has no address"), ("[::ffff:127.0.0.1%25lo]", "which is not fetched from"),
        ])
    func lookAlikes(host: String, words: String) throws {
        let inside = try inside()
        let outside = try chain(of: 2, to: "http://\(host):\(inside.port)/secret")
        defer {
            inside.stop()
            outside.stop()
        }
        let plugin = try PluginProcess()
        let result = try plugin.fetch(settings(outside.url("/hop/1", host: Self.open)))
        #expect(result.items.isEmpty && result.failed?.message.contains(words) == true, "\(result)")
        #expect(outside.targets == ["/hop/1", "/hop/2"] && inside.connectionCount == 0)
    }

    @Test(
        "Each place of a chain may be the one that leads inwards; what stands before it is asked, nothing behind it",
        arguments: 1...5)
    func places(length: Int) throws {
        let inside = try inside()
        let outside = try chain(of: length, to: "http://127.0.0.1:\(inside.port)/secret")
        defer {
            inside.stop()
            outside.stop()
        }
        let plugin = try PluginProcess()
        let refused = try plugin.fetch(settings(outside.url("/hop/1", host: Self.open)))
        #expect(refused.failed?.message.contains("127.0.0.1, a loopback address") == true, "\(refused)")
        #expect(outside.targets == (1...length).map { "/hop/\($0)" } && inside.connectionCount == 0)
        // The same chain is whole where its end may be fetched from.
        let taken = try plugin.fetch(
            settings(outside.url("/hop/1", host: Self.open), [.string(Self.open), "127.0.0.1"]))
        #expect(taken.items.first?.body == Array("<p>secret".utf8) && inside.connectionCount == 1)
        // Nor may another source use the connection that is open since.
        let again = try plugin.fetch(settings(outside.url("/hop/1", host: Self.open)))
        #expect(again.failed?.message.contains("127.0.0.1, a loopback address") == true, "\(again)")
        #expect(inside.targets == ["/secret"])
    }

    @Test("A chain over several hosts, the third of which may not be asked")
    func hosts() throws {
        let last = try chain(of: 1, to: "/end")
        let third = try chain(of: 1, to: "http://127.0.0.2:\(last.port)/hop/1")
        let second = try chain(of: 2, to: "http://127.0.0.4:\(third.port)/hop/1")
        let first = try chain(of: 2, to: "http://127.0.0.3:\(second.port)/hop/1")
        defer { for server in [first, second, third, last] { server.stop() } }
        let plugin = try PluginProcess()
        let result = try plugin.fetch(settings(first.url("/hop/1", host: Self.open), ["127.0.0.2", "127.0.0.3"]))
        #expect(result.failed?.message.contains("127.0.0.4, a loopback address") == true, "\(result)")
        #expect(first.targets == ["/hop/1", "/hop/2"] && second.targets == first.targets)
        #expect(third.connectionCount == 0 && last.connectionCount == 0)
    }

    @Test(
        "Nor by a chain of names, in whatever kind of answer the address comes",
        .enabled(if: NameServer.isPossible, "needs root that may mount, and unshare"),
        arguments: ["four.test", "mapped.test", "six.test", "zero.test", "metadata.test", "both.test"])
    func names(name: String) throws {
        let names = try NameServer { asked, isSix, _ in
            switch asked {
            case "first.test", "second.test": isSix ? [] : [Self.open]
            case "four.test": isSix ? [] : ["127.0.0.1"]
            case "mapped.test": isSix ? ["::ffff:127.0.0.1"] : []
            case "six.test": isSix ? ["::1"] : []
            case "zero.test": isSix ? ["::"] : ["0.0.0.0"]
            case "metadata.test": isSix ? ["fd00:ec2::254"] : ["169.254.169.254"]
            case "both.test": isSix ? ["::ffff:10.0.0.1", "fe80::1"] : ["10.0.0.1", "127.0.0.1"]
            default: nil
            }
        }
        let inside = try inside()
        let second = try chain(of: 2, to: "http://\(name):\(inside.port)/secret")
        let first = try chain(of: 2, to: "http://second.test:\(second.port)/hop/1")
        defer {
            names.stop()
            for server in [first, second, inside] { server.stop() }
        }
        let plugin = try PluginProcess(names: names)
        let result = try plugin.fetch(settings(first.url("/hop/1", host: "first.test")))
        let message = result.failed?.message ?? "no failure"
        #expect(result.failed?.kind == .configuration && result.items.isEmpty, "\(message)")
        #expect(message.hasPrefix("http://\(name):\(inside.port)/secret leads to "), "\(message)")
        #expect(message.hasSuffix("which is not fetched from"), "\(message)")
        #expect(first.targets == ["/hop/1", "/hop/2"] && second.targets == first.targets)
        #expect(inside.connectionCount == 0 && names.count(name) > 0)
    }
}
