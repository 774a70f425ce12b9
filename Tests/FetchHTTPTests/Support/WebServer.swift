import Glibc
import Synchronization

/// A web server on loopback that answers as the test says. One thread for each connection.
final class WebServer: Sendable {
    struct Request: Sendable {
        var method: String
        /// Path and query.
        var target: String
        /// Names in lower case.
        var headers: [String: String]
        var body: [UInt8]
        /// Milliseconds on the monotonic clock.
        var time: UInt64
    }

    struct Answer: Sendable {
        var status = "200 OK"
        var headers: [String] = []
        var body: [UInt8] = []

        static func text(_ body: String, _ headers: String...) -> Answer {
            Answer(headers: headers, body: Array(body.utf8))
        }
        static func status(_ status: String, _ headers: String...) -> Answer {
            Answer(status: status, headers: headers)
        }
    }

    let port: UInt16
    private let descriptor: Int32
    private let answer: @Sendable (Request) -> Answer
    private let log = Mutex<[Request]>([])
    private let connections = Atomic<Int>(0)

    func url(_ path: String, host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }

    /// What was asked for so far.
    var requests: [Request] { log.withLock { $0 } }
    /// The paths of it, without robots.txt.
    var targets: [String] { requests.map(\.target).filter { $0 != "/robots.txt" } }
    /// Connections so far.
    var connectionCount: Int { connections.load(ordering: .relaxed) }

    /// A server that listens on every loopback address.
    init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
        self.answer = answer
        (descriptor, port) = try Command.listen(everywhere: true)
        let listener = descriptor
        HostileServer.thread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                connections.add(1, ordering: .relaxed)
                HostileServer.thread { [self] in
                    while let request = Self.read(connection) {
                        log.withLock { $0.append(request) }
                        guard Self.write(connection, self.answer(request)) else { break }
                    }
                    close(connection)
                }
            }
            close(listener)
        }
    }

    /// Ends the thread that accepts connections, which would keep the server alive.
    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private static func read(_ connection: Int32) -> Request? {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard recv(connection, &byte, 1, 0) == 1, head.count < 65536 else { return nil }
            head.append(byte)
        }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = lines.first.map { $0.split(separator: " ") } ?? []
        guard words.count > 1 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        var body = [UInt8](repeating: 0, count: headers["content-length"].flatMap { Int($0) } ?? 0)
        guard body.isEmpty || recv(connection, &body, body.count, Int32(MSG_WAITALL)) == body.count else {
            return nil
        }
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Request(
            method: String(words[0]), target: String(words[1]), headers: headers, body: body,
            time: UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000)
    }

    private static func write(_ connection: Int32, _ answer: Answer) -> Bool {
        var head = "HTTP/1.1 \(answer.status)\r\n"
        for header in answer.headers { head += header + "\r\n" }
        head += "Content-Length: \(answer.body.count)\r\n\r\n"
        let bytes = Array(head.utf8) + answer.body
        return Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }
}
