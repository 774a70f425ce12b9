import Glibc
import Synchronization
import TestSupport

/// A name server (RFC 1035) on an address of loopback of its own, over UDP and TCP. It answers what the test says, and a
/// program that is started with ``wrapper(for:)`` asks it and no other.
final class NameServer: Sendable {
    /// Addresses for a name, as text; nil: there is no such name. The last parameter counts the lookups of name and kind.
    typealias Answer = @Sendable (_ name: String, _ isSix: Bool, _ lookup: Int) -> [String]?

    /// Whether this machine lets the test listen on port 53 and mount a file over another.
    static let isPossible: Bool = {
        guard geteuid() == 0, let unshare = Command.find("unshare") else { return false }
        // Root in a container may not.
        let trial = ["--mount", "--propagation", "private", "mount", "--bind", "/etc/resolv.conf", "/etc/resolv.conf"]
        return (try? Command.run([unshare] + trial)) != nil
    }()

    private let address: String
    private let configuration: String
    private let directory = TemporaryDirectory()
    private let answer: Answer
    private let datagrams: Int32
    private let streams: Int32
    private let lookups = Mutex<[String: Int]>([:])

    /// How often a name was looked up, in both kinds together.
    func count(_ name: String) -> Int {
        lookups.withLock { ($0["\(name) true"] ?? 0) + ($0["\(name) false"] ?? 0) }
    }

    init(_ answer: @escaping Answer) throws {
        self.answer = answer
        let numbers = (0..<3).map { _ in Int.random(in: 3...250) }
        address = "127.\(numbers[0]).\(numbers[1]).\(numbers[2])"
        configuration = directory.file("resolv.conf")
        try Command.write(configuration, Array("nameserver \(address)\noptions timeout:2 attempts:2\n".utf8))
        datagrams = try Self.socket(SOCK_DGRAM, address)
        streams = try Self.socket(SOCK_STREAM, address)
        listen(streams, 16)
        HostileServer.thread { [self] in serveDatagrams() }
        HostileServer.thread { [self] in serveStreams() }
    }

    /// Ends the threads, which keep the server alive.
    func stop() {
        for descriptor in [datagrams, streams] { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    /// The command that starts a program which asks this server.
    func wrapper(for program: String) -> [String] {
        [
            Command.find("unshare") ?? "", "--mount", "--propagation", "private", "/bin/sh", "-c",
            "mount --bind \"$0\" /etc/resolv.conf && exec \"$1\"", configuration, program,
        ]
    }

    private static func socket(_ kind: __socket_type, _ text: String) throws -> Int32 {
        let descriptor = Glibc.socket(AF_INET, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(53).bigEndian
        inet_pton(AF_INET, text, &address.sin_addr)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0 else { throw Command.Problem(description: "no port 53 on \(text)") }
        return descriptor
    }

    private func serveDatagrams() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            var from = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let (count, sender) = withUnsafeMutablePointer(to: &from) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    (recvfrom(datagrams, &buffer, buffer.count, 0, address, &length), length)
                }
            }
            guard count > 0 else { break }
            guard let reply = reply(to: Array(buffer[..<count]), limit: 512) else { continue }
            withUnsafePointer(to: &from) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(datagrams, reply, reply.count, 0, $0, sender)
                }
            }
        }
        close(datagrams)
    }

    private func serveStreams() {
        while true {
            let connection = accept(streams, nil, nil)
            guard connection >= 0 else { break }
            HostileServer.thread { [self] in
                var size: [UInt8] = [0, 0]
                while recv(connection, &size, 2, Int32(MSG_WAITALL)) == 2 {
                    var question = [UInt8](repeating: 0, count: Int(size[0]) << 8 | Int(size[1]))
                    guard recv(connection, &question, question.count, Int32(MSG_WAITALL)) == question.count,
                        let reply = reply(to: question, limit: 65_535)
                    else { break }
                    let framed = [UInt8(reply.count >> 8), UInt8(reply.count & 255)] + reply
                    guard send(connection, framed, framed.count, Int32(MSG_NOSIGNAL)) == framed.count else { break }
                }
                close(connection)
            }
        }
        close(streams)
    }

    /// The message that answers a question; one that is too long says so and holds nothing.
    private func reply(to question: [UInt8], limit: Int) -> [UInt8]? {
        guard question.count > 16 else { return nil }
        var labels: [String] = []
        var index = 12
        while index < question.count, question[index] > 0, index + Int(question[index]) < question.count {
            let end = index + 1 + Int(question[index])
            labels.append(String(decoding: question[(index + 1)..<end], as: UTF8.self))
            index = end
        }
        guard index + 4 < question.count else { return nil }
        let kind = Int(question[index + 1]) << 8 | Int(question[index + 2])
        let name = labels.joined(separator: ".").lowercased()
        let isSix = kind == 28
        let number = lookups.withLock { counts in
            counts["\(name) \(isSix)", default: 0] += 1
            return counts["\(name) \(isSix)"] ?? 1
        }
        let found = kind == 1 || isSix ? answer(name, isSix, number) : []
        var records: [UInt8] = []
        for text in found ?? [] {
            var bytes = [UInt8](repeating: 0, count: isSix ? 16 : 4)
            guard inet_pton(isSix ? AF_INET6 : AF_INET, text, &bytes) == 1 else { return nil }
            // The name of the question, the kind, the class, no time to live, the length.
            records += [0xC0, 12, 0, isSix ? 28 : 1, 0, 1, 0, 0, 0, 0, 0, UInt8(bytes.count)] + bytes
        }
        let isShort = records.count + index + 5 <= limit
        let count = isShort ? (found ?? []).count : 0
        let head: [UInt8] = [
            question[0], question[1], isShort ? 0x85 : 0x87, found == nil ? 0x83 : 0x80, 0, 1, UInt8(count >> 8),
            UInt8(count & 255), 0, 0, 0, 0,
        ]
        return head + question[12..<(index + 5)] + (isShort ? records : [])
    }
}
