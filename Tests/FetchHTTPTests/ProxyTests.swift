import Glibc
import JSON
import TestSupport
import Testing

/// The built program behind real proxies, in front of a real server.
@Suite("Proxies", .enabled(if: Nginx.canUseTLS, "nginx or openssl is not installed"))
struct ProxyTests {
    private func server() throws -> (nginx: NginxProcess, plain: UInt16, secure: UInt16) {
        let nginx = NginxProcess()
        let (plain, secure) = (try freePort(), try freePort())
        try nginx.makeCertificate(names: ["mill.test"])
        try nginx.start(
            http: """
                server {
                    listen 127.0.0.1:\(plain);
                    listen 127.0.0.1:\(secure) ssl;
                    ssl_certificate \(nginx.certificate);
                    ssl_certificate_key \(nginx.key);
                    location / { default_type text/plain; return 200 "$scheme $host $http_proxy_authorization."; }
                }
                """, port: plain)
        return (nginx, plain, secure)
    }

    /// What a proxy is asked for: by its name, in the way that its scheme says.
    @Test(
        "Names are the proxy's to look up, pages and TLS go through it, with user and password",
        arguments: [("http", "GET", "CONNECT"), ("socks5h", "SOCKS5 name", "SOCKS5 name")])
    func through(scheme: String, plainWay: String, secureWay: String) throws {
        let (nginx, plain, secure) = try server()
        let proxy = try ProxyServer()
        defer { proxy.stop() }
        let plugin = try PluginProcess()
        func fetch(_ url: String, password: String? = ProxyServer.password) throws -> PluginProcess.Result {
            try plugin.fetch([
                "url": .string(url), "proxy": .string(proxy.url(scheme, password: password)), "robots": false,
                "ca_file": .string(nginx.certificate), "host_interval": 0,
            ])
        }
        func text(_ result: PluginProcess.Result) -> String {
            result.items.first.map { String(decoding: $0.body, as: UTF8.self) } ?? result.failed?.message ?? ""
        }
        #expect(text(try fetch("http://mill.test:\(plain)/")) == "http mill.test .")
        #expect(text(try fetch("https://mill.test:\(secure)/")) == "https mill.test .")
        #expect(
            proxy.visits == [
                .init(way: plainWay, target: "mill.test:\(plain)"),
                .init(way: secureWay, target: "mill.test:\(secure)"),
            ])
        // An address as it is written is looked at all the same, before the proxy hears of it.
        for address in ["http://127.0.0.1:\(plain)/", "https://[::ffff:10.0.0.1]/", "http://2130706433:\(plain)/"] {
            let refused = try fetch(address)
            #expect(refused.failed?.kind == .configuration && refused.items.isEmpty, "\(text(refused))")
        }
        #expect(proxy.visits.count == 2)
        // What it does not let through.
        let forbidden = try fetch("https://forbidden.test:\(secure)/")
        #expect(forbidden.failed?.kind == .transient && text(forbidden).contains("the proxy"), "\(text(forbidden))")
        #expect(forbidden.failed?.remedy?.contains("`proxy`") == true)
        // Without the password, and with a wrong one.
        for password in [nil, "hunter3hunter3"] {
            let result = try fetch("https://other.test:\(secure)/", password: password)
            #expect(result.failed?.kind == .configuration && text(result).contains("the proxy"), "\(text(result))")
            #expect(result.failed?.remedy?.contains("into `proxy`") == true)
            #expect("\(String(describing: result.failed)) \(result.logs)".contains("hunter") == false)
        }
    }

    @Test("With socks5:// the name is looked up here, and the proxy gets an address")
    func localNames() throws {
        let (nginx, plain, _) = try server()
        let proxy = try ProxyServer()
        defer {
            withExtendedLifetime(nginx) {}
            proxy.stop()
        }
        let result = try PluginProcess().fetch([
            "url": .string("http://mill.localhost:\(plain)/"), "proxy": .string(proxy.url("socks5")), "robots": false,
            "allow_private": true,
        ])
        #expect(result.items.count == 1)
        #expect(proxy.visits.map(\.way) == ["SOCKS5 address"])
    }

    @Test("What socks5:// looks up here is looked at as without a proxy: the proxy hears of no other address")
    func checkedLocalNames() throws {
        let (nginx, plain, secure) = try server()
        let proxy = try ProxyServer()
        let redirect = try WebServer { request in
            request.target == "/robots.txt"
                ? .status("404 None") : .status("302 F", "Location: http://inner.localhost:\(plain)/")
        }
        defer {
            withExtendedLifetime(nginx) {}
            proxy.stop()
            redirect.stop()
        }
        let plugin = try PluginProcess()
        func fetch(_ url: String, allowing networks: JSONValue) throws -> PluginProcess.Result {
            try plugin.fetch([
                "url": .string(url), "proxy": .string(proxy.url("socks5")), "allow_private": networks, "insecure": true,
                "robots": false,
            ])
        }
        for url in ["http://mill.localhost:\(plain)/", "https://mill.localhost:\(secure)/"] {
            let refused = try fetch(url, allowing: ["10.0.0.0/8"])
            #expect(refused.failed?.kind == .configuration && refused.items.isEmpty, "\(refused)")
            #expect(refused.failed?.message.contains("a loopback address, which is not fetched from") == true)
        }
        #expect(proxy.visits.isEmpty)
        for url in ["http://mill.localhost:\(plain)/", "https://mill.localhost:\(secure)/"] {
            #expect(try fetch(url, allowing: ["127.0.0.1"]).items.count == 1)
        }
        let asked = Set(proxy.visits.map { "\($0.way) \($0.target)" })
        #expect(
            asked == ["SOCKS5 address 127.0.0.1:\(plain)", "SOCKS5 address 127.0.0.1:\(secure)"], "\(proxy.visits)")
        // A direct connection that another source has open is not a way round it.
        #expect(
            try plugin.fetch(["url": .string("http://mill.localhost:\(plain)/"), "allow_private": true]).items.count
                == 1)
        let before = proxy.visits.count
        #expect(try fetch("http://mill.localhost:\(plain)/", allowing: ["127.0.0.1"]).items.count == 1)
        #expect(proxy.visits.count >= before)
        let none = try fetch("http://nothing.invalid:\(plain)/", allowing: true)
        #expect(none.failed?.message.contains("nothing.invalid has no address") == true, "\(none)")
        // The second hop is a name that may not be asked for either.
        let moved = try fetch("http://127.0.0.2:\(redirect.port)/", allowing: ["127.0.0.2"])
        #expect(moved.failed?.message.contains("inner.localhost:\(plain)/ leads to ") == true, "\(moved)")
    }

    @Test(
        "Of several answers of DNS socks5:// hands over one that is allowed, and looks again at each hop",
        .enabled(if: NameServer.isPossible, "needs root that may mount, and unshare"))
    func mixedLocalNames() throws {
        let (nginx, plain, secure) = try server()
        let names = try NameServer { name, isSix, lookup in
            switch name {
            case "mill.test": isSix ? ["::1", "fe80::1"] : ["10.0.0.1", "127.0.0.2", "169.254.169.254"]
            case "inner.test": isSix ? ["::ffff:127.0.0.1"] : ["10.0.0.1"]
            default: nil
            }
        }
        let proxy = try ProxyServer()
        defer {
            withExtendedLifetime(nginx) {}
            names.stop()
            proxy.stop()
        }
        let plugin = try PluginProcess(names: names)
        func fetch(_ url: String) throws -> PluginProcess.Result {
            try plugin.fetch([
                "url": .string(url), "proxy": .string(proxy.url("socks5")), "robots": false,
                "allow_private": ["127.0.0.2"], "ca_file": .string(nginx.certificate),
            ])
        }
        let first = try fetch("https://mill.test:\(secure)/")
        #expect(first.items.first?.body == Array("https mill.test .".utf8), "\(first)")
        #expect(try fetch("http://mill.test:\(plain)/").items.first?.body == Array("http mill.test .".utf8))
        #expect(proxy.visits.map(\.target) == ["127.0.0.2:\(secure)", "127.0.0.2:\(plain)"])
        let inner = try fetch("http://inner.test:\(plain)/")
        #expect(inner.failed?.kind == .configuration && proxy.visits.count == 2, "\(inner)")
    }

    @Test("No list of processes shows the password, nor does what is wrong with the proxy's address")
    func secrecy() throws {
        let (nginx, plain, _) = try server()
        let proxy = try ProxyServer()
        defer {
            withExtendedLifetime(nginx) {}
            proxy.stop()
        }
        let plugin = try PluginProcess()
        let url = JSONValue.string("http://mill.test:\(plain)/")
        #expect(
            try plugin.fetch(["url": url, "proxy": .string(proxy.url("socks5h")), "robots": false]).items.count == 1)
        for name in ["cmdline", "environ"] {
            let file = try #require(fopen("/proc/\(plugin.process)/\(name)", "r"))
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 256 << 10)
            let count = fread(&bytes, 1, bytes.count, file)
            #expect(!String(decoding: bytes[..<count], as: UTF8.self).contains(ProxyServer.password))
        }
        let faulty = ["socks5h://mill:hunter2hunter2@127.0.0.1:99999", "http://mill:hunter2hunter2@nowhere.invalid:1"]
        for proxy in faulty {
            let result = try plugin.fetch(["url": url, "proxy": .string(proxy), "robots": false])
            #expect(result.items.isEmpty && result.failed != nil)
            #expect("\(String(describing: result.failed)) \(result.logs)".contains("hunter2") == false)
        }
    }
}
