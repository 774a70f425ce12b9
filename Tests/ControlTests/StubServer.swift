import Glibc
import Synchronization

/// A server on a Unix socket that answers as the test says: what a daemon could answer, and what it never would.
final class StubServer: Sendable {
    struct Request: Sendable {
        var line: String
        var headers: String
        var body: [UInt8]
    }

    let path: String
    private let descriptor: Int32
    private let answer: @Sendable (Request) -> [UInt8]
    private let seen = Mutex<[Request]>([])
    private let hangsUp = Atomic(false)

    var requests: [Request] { seen.withLock { $0 } }

    init(answer: @escaping @Sendable (Request) -> [UInt8]) throws {
        self.answer = answer
        path = "/tmp/millrace-stub-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(descriptor, 8) == 0 else { throw Failure() }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<StubServer>.fromOpaque(context).takeRetainedValue().serve()
                return nil
            }, context)
        pthread_detach(thread)
    }

    struct Failure: Error {}

    /// Ends the connection behind the next answer.
    func hangUpAfterAnswer() { hangsUp.store(true, ordering: .relaxed) }

    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        unlink(path)
    }

    static func json(_ body: String, status: Int = 200) -> [UInt8] {
        Array("HTTP/1.1 \(status) X\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
    }

    private func serve() {
        while true {
            let client = accept(descriptor, nil, nil)
            guard client >= 0 else {
                close(descriptor)
                return
            }
            while let request = read(client) {
                seen.withLock { $0.append(request) }
                let bytes = answer(request)
                let sent = bytes.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard !bytes.isEmpty, sent == bytes.count, !hangsUp.load(ordering: .relaxed) else { break }
            }
            close(client)
        }
    }

    private func read(_ client: Int32) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            if let end = bytes.indices.first(where: { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) }) {
                let head = String(decoding: bytes[..<end], as: UTF8.self)
                let length =
                    head.split(separator: "\r\n").compactMap { line -> Int? in
                        let sides = line.split(separator: ":", maxSplits: 1)
                        guard sides.count == 2, sides[0].lowercased() == "content-length" else { return nil }
                        return Int(sides[1].drop(while: { $0 == " " }))
                    }.first ?? 0
                while bytes.count < end + 4 + length {
                    let count = recv(client, &buffer, buffer.count, 0)
                    guard count > 0 else { return nil }
                    bytes += buffer[..<count]
                }
                let line = head.split(separator: "\r\n").first.map(String.init) ?? ""
                return Request(line: line, headers: head, body: Array(bytes[(end + 4)..<(end + 4 + length)]))
            }
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }
}
