import Glibc
import Synchronization

/// A server that does what servers should not. One thread for each connection; all end with the server.
final class HostileServer: Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let stopped = Atomic<Bool>(false)
    /// Requests so far.
    let requests = Atomic<Int>(0)
    private let atWork = Atomic<Int>(0)
    /// The most requests that were answered at the same time.
    let mostAtWork = Atomic<Int>(0)

    func url(_ path: String, host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }

    /// - Parameter everywhere: also on 127.0.0.2 and all the other addresses of this machine.
    init(everywhere: Bool = false) throws {
        (descriptor, port) = try Command.listen(everywhere: everywhere)
        let listener = descriptor
        Self.thread { [self] in
            while !stopped.load(ordering: .relaxed) {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                Self.thread { [self] in
                    serve(connection)
                    close(connection)
                }
            }
            close(listener)
        }
    }

    /// Ends the threads; without it they would keep the server alive.
    func stop() {
        stopped.store(true, ordering: .relaxed)
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    static func thread(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body)).toOpaque()
        pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, work)
        pthread_detach(thread)
    }

    private func say(_ connection: Int32, _ text: String) -> Bool { say(connection, Array(text.utf8)) }

    private func say(_ connection: Int32, _ bytes: [UInt8]) -> Bool {
        !stopped.load(ordering: .relaxed)
            && Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    private func path(_ connection: Int32) -> String? {
        var head: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0, head.count < 65536 else { return nil }
            head += chunk[..<count]
        }
        return String(decoding: head, as: UTF8.self).split(separator: " ").dropFirst().first.map(String.init)
    }

    private func serve(_ connection: Int32) {
        while !stopped.load(ordering: .relaxed), let path = path(connection) {
            requests.add(1, ordering: .relaxed)
            let now = atWork.add(1, ordering: .relaxed).newValue
            mostAtWork.max(now, ordering: .relaxed)
            let goesOn = answer(connection, String(path.prefix { $0 != "?" }))
            atWork.subtract(1, ordering: .relaxed)
            if !goesOn { return }
        }
    }

    private static let ok = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"

    /// Bytes of `/large`.
    static let large = 400_000

    /// Sends a bomb until the other side has enough.
    private func send(_ bomb: CompressionBomb, _ connection: Int32, status: String) {
        let head = "HTTP/1.1 \(status)\r\nContent-Type: text/html\r\nContent-Encoding: \(bomb.encoding)\r\n\r\n"
        var goesOn = say(connection, Array(head.utf8) + bomb.start)
        let piece = [[UInt8]](repeating: bomb.period, count: 1000).flatMap { $0 }
        while goesOn { goesOn = say(connection, piece) }
    }

    /// - Returns: whether the connection stays open.
    private func answer(_ connection: Int32, _ path: String) -> Bool {
        if let bomb = CompressionBomb(rawValue: String(path.dropFirst("/bomb/".count))) {
            send(bomb, connection, status: path.hasPrefix("/bomb/") ? "200 OK" : "500 No")
            return false
        }
        switch path {
        case "/slow-headers":
            var goesOn = say(connection, "HTTP/1.1 200 OK\r\n")
            while goesOn {
                goesOn = say(connection, "x")
                usleep(50_000)
            }
        case "/drip":
            var goesOn = say(connection, Self.ok + "Content-Length: 100000\r\n\r\n")
            while goesOn {
                goesOn = say(connection, "x")
                usleep(50_000)
            }
        case "/endless", "/endless-error", "/endless-redirect":
            let status = path == "/endless" ? "200 OK" : path == "/endless-error" ? "500 No" : "302 Found"
            var goesOn = say(
                connection, "HTTP/1.1 \(status)\r\nLocation: /good\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "4000\r\n" + String(repeating: "x", count: 0x4000) + "\r\n"
            while goesOn { goesOn = say(connection, chunk) }
        case "/huge-length": _ = say(connection, Self.ok + "Content-Length: 99999999999\r\n\r\nxxx")
        case "/short": _ = say(connection, Self.ok + "Content-Length: 1000\r\n\r\n0123456789")
        case "/reset":
            _ = say(connection, Self.ok + "Content-Length: 1000\r\n\r\n0123456789")
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        case "/header-flood":
            var goesOn = say(connection, Self.ok)
            let line = "Link: <" + String(repeating: "x", count: 1000) + ">\r\n"
            while goesOn { goesOn = say(connection, line) }
        case "/broken-chunk": _ = say(connection, Self.ok + "Transfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n")
        case "/lying-gzip":
            _ = say(connection, Self.ok + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")
        case "/garbage": _ = say(connection, "\u{1}\u{2}\u{3} this is no HTTP at all\r\n\r\n")
        case "/no-answer": break
        case "/silent": while !stopped.load(ordering: .relaxed), say(connection, "") { usleep(50_000) }
        case "/loop": return say(connection, "HTTP/1.1 302 F\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n")
        case "/inwards":
            return say(
                connection, "HTTP/1.1 302 F\r\nLocation: http://0x0a.1/\r\nContent-Length: 0\r\n\r\n")
        case "/file":
            return say(connection, "HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n")
        case "/userinfo":
            _ = say(connection, "HTTP/1.1 302 F\r\nLocation: http://evil:pw@127.0.0.1:\(port)/good\r\n\r\n")
        case "/large":
            return say(
                connection,
                Self.ok + "Content-Length: \(Self.large)\r\n\r\n" + String(repeating: "x", count: Self.large))
        case "/stall":
            let half = String(repeating: "x", count: Self.large - 10_000)
            guard say(connection, Self.ok + "Content-Length: \(Self.large)\r\n\r\n" + half) else { return false }
            usleep(1_500_000)
            return say(connection, String(repeating: "x", count: 10_000))
        case "/half":
            guard
                say(connection, Self.ok + "Content-Length: 3000000\r\n\r\n" + String(repeating: "x", count: 2_000_000))
            else { return false }
            while !stopped.load(ordering: .relaxed), say(connection, "") { usleep(50_000) }
        case "/hold":
            usleep(30_000)
            return say(connection, Self.ok + "Content-Length: 9\r\n\r\n<p>hello\n")
        default: return say(connection, Self.ok + "Content-Length: 9\r\n\r\n<p>hello\n")
        }
        return false
    }
}
