import Glibc

/// The table `[websub]`: where hubs bring what is new (W3C WebSub).
public struct WebSubSettings: Sendable, Equatable {
    /// The address that the http plugin listens on, in numbers.
    public var host = "127.0.0.1"
    /// Its port.
    public var port = 8090
    /// How hubs reach it: an address that ends in `/`.
    public var callback: String
    /// Seconds from one look at a feed to the next while a hub brings what is new there.
    public var pollEvery = 6 * 3600.0
    /// Seconds for which hubs are asked to go on.
    public var lease = 10 * 86_400.0

    /// What the http plugin is started with.
    var arguments: [String] {
        let shown = host.contains(":") ? "[\(host)]" : host
        return [
            "--websub-listen", "\(shown):\(port)", "--websub-callback", callback, "--websub-poll",
            "\(Int(pollEvery.rounded(.up)))", "--websub-lease", "\(Int(lease.rounded(.up)))",
        ]
    }
}

extension Loader {
    static func readWebSub(_ member: TOMLNode.Member, _ file: String, _ parsed: inout ParsedConfiguration) {
        var reader = TableReader(member.node, file: file, title: "[websub]", line: member.line)
        defer { parsed.problems += reader.problems }
        let listen = reader.string("listen")
        let callback = reader.string("callback")
        let pollEvery = reader.duration("poll_every", atLeast: 60, atMost: 30 * 86_400)
        let lease = reader.duration("lease", atLeast: 60, atMost: 365 * 86_400)
        reader.finish()
        guard let callback else {
            if reader.problems.isEmpty {
                reader.note(
                    member.line, "[websub] names no 'callback'",
                    "write the address by which hubs reach this machine, such as callback = \"https://me.example/websub/\""
                )
            }
            return
        }
        guard isCallback(callback) else {
            reader.note(
                key: "callback", "'callback' is \"\(callback.prefix(80))\"",
                "write it in full and without '?' and '#', such as \"https://me.example/websub/\"")
            return
        }
        var settings = WebSubSettings(callback: callback.hasSuffix("/") ? callback : callback + "/")
        if let listen {
            guard let (host, port) = hostAndPort(listen) else {
                reader.note(
                    key: "listen", "'listen' is \"\(listen.prefix(80))\"",
                    "give it an address in numbers and a port, such as \"127.0.0.1:8090\" or \"[::1]:8090\"")
                return
            }
            (settings.host, settings.port) = (host, port)
        }
        if let pollEvery { settings.pollEvery = pollEvery }
        if let lease { settings.lease = lease }
        if reader.problems.isEmpty { parsed.configuration.webSub = settings }
    }

    private static func isCallback(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) }),
            text.utf8.count <= 512
        else { return false }
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        let isPlain = rest.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"?#@\"<>\\^`{|}".utf8.contains($0) }
        return isPlain && rest.first.map { $0 != UInt8(ascii: "/") } == true
    }

    private static func hostAndPort(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        var address = in6_addr()
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            return inet_pton(AF_INET6, host, &address) == 1 ? (host, port) : nil
        }
        return inet_pton(AF_INET, host, &address) == 1 ? (host, port) : nil
    }
}
