import Glibc
import Synchronization

/// A small proxy on loopback: HTTP with CONNECT (RFC 9110, section 9.3.6), and SOCKS5 with user and password (RFC 1928,
/// 1929). Every name leads to this machine, as only the proxy knows.
final class ProxyServer: Sendable {
    /// What a client wanted of it.
    struct Visit: Sendable, Equatable {
        /// `CONNECT`, `GET`, `SOCKS5 name` or `SOCKS5 address`.
        var way: String
        /// Host and port.
        var target: String
    }

    static let user = "mill"
    static let password = "hunter2hunter2"

    let port: UInt16
    private let descriptor: Int32
    private let log = Mutex<[Visit]>([])

    /// Whom it was asked for, by clients that it knows.
    var visits: [Visit] { log.withLock { $0 } }

    /// Its address for a source.
    func url(_ scheme: String, password: String? = ProxyServer.password) -> String {
        scheme + "://" + (password.map { "\(Self.user):\($0)@" } ?? "") + "127.0.0.1:\(port)"
    }

    init() throws {
        (descriptor, port) = try Command.listen()
        HostileServer.thread { [self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { break }
                HostileServer.thread { [self] in
                    serve(connection)
                    close(connection)
                }
            }
            close(descriptor)
        }
    }

    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func serve(_ client: Int32) {
        var first: UInt8 = 0
        guard recv(client, &first, 1, Int32(MSG_PEEK)) == 1 else { return }
        if first == 5 { serveSOCKS(client) } else { serveHTTP(client) }
    }

    private func say(_ client: Int32, _ bytes: [UInt8]) {
        _ = Glibc.send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    // MARK: HTTP

    private func serveHTTP(_ client: Int32) {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard recv(client, &byte, 1, 0) == 1, head.count < 65536 else { return }
            head.append(byte)
        }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ").map(String.init)
        guard words.count == 3 else { return }
        // mill:hunter2hunter2
        guard lines.contains("Proxy-Authorization: Basic bWlsbDpodW50ZXIyaHVudGVyMg==") else {
            return say(
                client,
                Array(
                    "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=mill\r\nContent-Length: 0\r\n\r\n".utf8))
        }
        var target = words[1]
        if words[0] != "CONNECT" {
            target = String(target.dropFirst("http://".count).prefix { $0 != "/" })
        }
        log.withLock { $0.append(Visit(way: words[0], target: target)) }
        guard !target.hasPrefix("forbidden."), let port = UInt16(target.split(separator: ":").last ?? ""),
            let server = connect(to: port)
        else { return say(client, Array("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n".utf8)) }
        defer { close(server) }
        if words[0] == "CONNECT" {
            say(client, Array("HTTP/1.1 200 Connected\r\n\r\n".utf8))
        } else {
            let path = words[1].dropFirst("http://".count).drop { $0 != "/" }
            let rest = lines.dropFirst().filter { !$0.hasPrefix("Proxy-") }
            say(server, Array(([words[0] + " " + path + " HTTP/1.1"] + rest).joined(separator: "\r\n").utf8))
            say(server, Array("\r\n\r\n".utf8))
        }
        pass(client, server)
    }

    // MARK: SOCKS5

    private func read(_ client: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return count == 0 || recv(client, &bytes, count, Int32(MSG_WAITALL)) == count ? bytes : nil
    }

    private func serveSOCKS(_ client: Int32) {
        guard let greeting = read(client, 2), let methods = read(client, Int(greeting[1])) else { return }
        guard methods.contains(2) else { return say(client, [5, 0xFF]) }
        say(client, [5, 2])
        guard let version = read(client, 2), let user = read(client, Int(version[1])), let length = read(client, 1),
            let password = read(client, Int(length[0]))
        else { return }
        guard user.elementsEqual(Self.user.utf8), password.elementsEqual(Self.password.utf8) else {
            return say(client, [1, 1])
        }
        say(client, [1, 0])
        guard let request = read(client, 4) else { return }
        var host = ""
        if request[3] == 3 {
            guard let length = read(client, 1), let name = read(client, Int(length[0])) else { return }
            host = String(decoding: name, as: UTF8.self)
        } else {
            guard let address = read(client, request[3] == 4 ? 16 : 4) else { return }
            host = address.map { String($0) }.joined(separator: ".")
        }
        guard let bytes = read(client, 2) else { return }
        let port = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        let way = request[3] == 3 ? "SOCKS5 name" : "SOCKS5 address"
        log.withLock { $0.append(Visit(way: way, target: "\(host):\(port)")) }
        guard !host.hasPrefix("forbidden."), let server = connect(to: port) else {
            // Not allowed by the rules.
            return say(client, [5, 2, 0, 1, 0, 0, 0, 0, 0, 0])
        }
        defer { close(server) }
        say(client, [5, 0, 0, 1, 127, 0, 0, 1, 0, 0])
        pass(client, server)
    }

    // MARK: Passing on

    private func connect(to port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private func pass(_ one: Int32, _ other: Int32) {
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            var ready = [
                pollfd(fd: one, events: Int16(POLLIN), revents: 0),
                pollfd(fd: other, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&ready, 2, 20_000) > 0 else { return }
            for (from, to) in [(0, other), (1, one)] where ready[from].revents != 0 {
                let count = recv(ready[from].fd, &chunk, chunk.count, 0)
                guard count > 0, Glibc.send(to, chunk, count, Int32(MSG_NOSIGNAL)) == count else { return }
            }
        }
    }
}
