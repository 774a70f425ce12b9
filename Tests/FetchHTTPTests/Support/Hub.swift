import Glibc
import Synchronization

/// A hub (W3C WebSub) with a feed that names it: it takes subscriptions, asks whether they are meant, and brings content.
final class Hub: Sendable {
    /// What somebody asked for.
    struct Subscription: Sendable, Equatable {
        var callback: String
        var topic: String
        var secret: String
        var lease: Int
    }

    private struct State {
        var subscriptions: [String: Subscription] = [:]
        /// Every request, by its fields.
        var requests: [[String: String]] = []
        /// What callbacks said to the question whether something is meant: status and text.
        var verdicts: [(mode: String, status: Int, isChallenge: Bool)] = []
        var polls = 0
    }

    /// How it answers a request for a subscription.
    struct Manners: Sendable {
        var status = "202 Accepted"
        var headers: [String] = []
        var body: [UInt8] = []
        /// Seconds that it goes on; nil: as long as asked.
        var lease: Int?
        var verifies = true
        var feed: @Sendable (_ server: String) -> WebServer.Answer = {
            Hub.feed(["first"], hub: "\($0)/hub", topic: "\($0)/feed")
        }
    }

    private let state = Mutex(State())
    let manners: Mutex<Manners>
    private let server: WebServer

    static func feed(_ entries: [String], hub: String, topic: String) -> WebServer.Answer {
        .text(
            rss(entries), "Content-Type: application/rss+xml", "Link: <\(hub)>; rel=\"hub\", <\(topic)>; rel=self",
            "ETag: \"\(entries.joined())\"")
    }

    static func rss(_ entries: [String]) -> String {
        let items = entries.map {
            "<item><guid isPermaLink='false'>\($0)</guid><link>/\($0)</link><title>\($0)</title></item>"
        }
        return "<rss version='2.0'><channel><title>Mill</title>\(items.joined())</channel></rss>"
    }

    init(_ manners: Manners = Manners()) throws {
        self.manners = Mutex(manners)
        let reference = Reference()
        server = try WebServer { request in reference.hub?.answer(request) ?? .status("500 Gone") }
        reference.hub = self
    }

    private final class Reference: Sendable {
        private let held = Mutex<Weak>(Weak())
        private struct Weak { weak var hub: Hub? }

        var hub: Hub? {
            get { held.withLock { $0.hub } }
            set { held.withLock { $0.hub = newValue } }
        }
    }

    deinit { server.stop() }

    var url: String { server.url("") }
    var feed: String { server.url("/feed") }
    var requests: [[String: String]] { state.withLock { $0.requests } }
    var polls: Int { state.withLock { $0.polls } }
    var verdicts: [(mode: String, status: Int, isChallenge: Bool)] { state.withLock { $0.verdicts } }
    /// What is subscribed and confirmed.
    var subscriptions: [Subscription] { state.withLock { Array($0.subscriptions.values) } }

    private func answer(_ request: WebServer.Request) -> WebServer.Answer {
        let manners = manners.withLock { $0 }
        switch request.target {
        case "/feed":
            state.withLock { $0.polls += 1 }
            let answer = manners.feed(url)
            let tag = answer.headers.first { $0.hasPrefix("ETag: ") }?.dropFirst(6)
            if let tag, request.headers["if-none-match"] == String(tag) { return .status("304 Not Modified") }
            return answer
        case "/robots.txt": return .text("User-agent: *\nDisallow: /hub\n")
        case "/hub", "/moved":
            let fields = Self.fields(String(decoding: request.body, as: UTF8.self))
            state.withLock { $0.requests.append(fields) }
            if request.method == "POST", manners.status.hasPrefix("2"), manners.verifies {
                HostileServer.thread { [weak self] in self?.verify(fields, lease: manners.lease) }
            }
            if request.target == "/moved" { return .status("202 Accepted") }
            return WebServer.Answer(status: manners.status, headers: manners.headers, body: manners.body)
        default: return .text("<p>page \(request.target)", "Content-Type: text/html")
        }
    }

    private static func fields(_ form: String) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in form.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { part in
                var bytes: [UInt8] = []
                var rest = part.utf8[...]
                while let byte = rest.popFirst() {
                    if byte == UInt8(ascii: "%"),
                        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                    {
                        bytes.append(value)
                        rest = rest.dropFirst(2)
                    } else {
                        bytes.append(byte)
                    }
                }
                return String(decoding: bytes, as: UTF8.self)
            }
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        return fields
    }

    /// Asks a callback whether something is meant.
    @discardableResult
    func verify(_ fields: [String: String], lease: Int? = nil, topic: String? = nil) -> Int {
        guard let callback = fields["hub.callback"], let mode = fields["hub.mode"] else { return 0 }
        let lease = lease ?? fields["hub.lease_seconds"].flatMap { Int($0) } ?? 0
        let challenge = "c+\(callback.utf8.count)%2F\(mode)"
        let topic = topic ?? fields["hub.topic"] ?? ""
        let answer = HTTPClient.send(
            "GET",
            "\(callback)?hub.mode=\(mode)&hub.topic=\(topic)&hub.challenge=\(challenge)&hub.lease_seconds=\(lease)")
        let isChallenge = answer.body == "c \(callback.utf8.count)/\(mode)"
        state.withLock { state in
            state.verdicts.append((mode, answer.status, isChallenge))
            guard answer.status == 200, isChallenge else { return }
            if mode == "subscribe" {
                state.subscriptions[callback] = Subscription(
                    callback: callback, topic: topic, secret: fields["hub.secret"] ?? "", lease: lease)
            } else {
                state.subscriptions[callback] = nil
            }
        }
        return answer.status
    }

    /// Brings content to a subscriber, signed with its secret.
    func bring(
        _ content: String, to subscription: Subscription, method: String = "sha256", secret: String? = nil,
        type: String = "application/rss+xml"
    ) -> Int {
        let signature = Self.hmac(method, secret ?? subscription.secret, content)
        return HTTPClient.send(
            "POST", subscription.callback, ["Content-Type: \(type)", "X-Hub-Signature: \(method)=\(signature)"], content
        ).status
    }

    /// An HMAC as the program `openssl` makes it.
    static func hmac(_ method: String, _ secret: String, _ content: String) -> String {
        let path = "/tmp/millrace-hub-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        defer { unlink(path) }
        try? Command.write(path, Array(content.utf8))
        guard let pipe = popen("openssl dgst -\(method) -hmac '\(secret)' < \(path)", "r") else { return "" }
        defer { pclose(pipe) }
        var line = [CChar](repeating: 0, count: 512)
        guard fgets(&line, 512, pipe) != nil else { return "" }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return text.split(separator: "=").last.map { $0.filter { $0 != " " && $0 != "\n" } } ?? ""
    }
}

/// The smallest client for `http://127.0.0.1:PORT/…`.
enum HTTPClient {
    /// Sends a request and reads its answer; the status is 0 where there is none.
    static func send(
        _ method: String, _ url: String, _ headers: [String] = [], _ body: String = ""
    ) -> (status: Int, head: String, body: String) {
        let rest = url.dropFirst("http://127.0.0.1:".count)
        guard let slash = rest.firstIndex(of: "/"), let port = UInt16(rest[..<slash]) else { return (0, "", "") }
        return exchange(port, request(method, rest[slash...], headers, body))
    }

    /// Sends a request and does not wait for its answer.
    static func abandon(_ method: String, _ url: String, _ headers: [String], _ body: String) {
        let rest = url.dropFirst("http://127.0.0.1:".count)
        guard let slash = rest.firstIndex(of: "/"), let port = UInt16(rest[..<slash]), let connection = connect(port)
        else { return }
        defer { close(connection) }
        let bytes = request(method, rest[slash...], headers, body)
        _ = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private static func request(_ method: String, _ target: Substring, _ headers: [String], _ body: String) -> [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        for header in headers { head += header + "\r\n" }
        if !headers.contains(where: { $0.lowercased().hasPrefix("content-length") }), method == "POST" {
            head += "Content-Length: \(body.utf8.count)\r\n"
        }
        return Array((head + "\r\n" + body).utf8)
    }

    /// Sends bytes and reads to the end of the connection.
    static func exchange(_ port: UInt16, _ bytes: [UInt8]) -> (status: Int, head: String, body: String) {
        guard let connection = connect(port) else { return (0, "", "") }
        defer { close(connection) }
        _ = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            answer += chunk[..<count]
        }
        let text = String(decoding: answer, as: UTF8.self)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return (status, String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }

    /// A connection that gives up after 40 s of silence.
    static func connect(_ port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        var patience = timeval(tv_sec: 40, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isConnected { return descriptor }
        close(descriptor)
        return nil
    }
}
