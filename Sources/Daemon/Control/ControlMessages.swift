import JSON
import NIOCore
import NIOHTTP1
import Synchronization

/// A request as routes see it.
struct ControlRequest: Sendable {
    var method: String
    /// Parts of the path, percent-decoded.
    var path: [String]
    var query: [String: String]
    var contentType: String?
    var body: [UInt8]

    init(head: HTTPRequestHead, body: [UInt8]) {
        method = head.method.rawValue
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = (parts.first ?? "").split(separator: "/").map { Self.decode($0) }
        query = [:]
        if parts.count == 2 {
            for pair in parts[1].split(separator: "&") {
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                query[Self.decode(sides[0], plusIsSpace: true)] =
                    sides.count == 2 ? Self.decode(sides[1], plusIsSpace: true) : ""
            }
        }
        contentType = head.headers.first(name: "content-type")
        self.body = body
    }

    private static func decode(_ text: Substring, plusIsSpace: Bool = false) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let hex = rest.prefix(2)
            if byte == UInt8(ascii: "%"), hex.count == 2,
                let value = UInt8(String(decoding: hex, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") && plusIsSpace ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// An answer that is known as a whole.
struct ControlAnswer: Sendable {
    var status = 200
    var contentType = "application/json"
    var body: [UInt8]

    /// One JSON object, written by `build`.
    static func object(status: Int = 200, _ build: (inout JSONWriter) throws -> Void) rethrows -> ControlAnswer {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        try build(&writer)
        writer.endObject()
        writer.bytes.append(UInt8(ascii: "\n"))
        return ControlAnswer(status: status, body: writer.bytes)
    }

    /// An error, with what to do about it.
    static func failure(status: Int, _ what: String, remedy: String?) -> ControlAnswer {
        object(status: status) { writer in
            writer.key("error")
            writer.beginObject()
            writer.member("what", what)
            writer.member("remedy", remedy)
            writer.endObject()
        }
    }
}

/// Writes one answer, whole or as a stream.
struct ResponseWriter: Sendable {
    let outbound: NIOAsyncChannelOutboundWriter<HTTPPart<HTTPResponseHead, ByteBuffer>>
    let head: HTTPRequestHead
    /// Ends when the client has gone away.
    let closed: EventLoopFuture<Void>

    func answer(_ answer: ControlAnswer) async throws {
        try await begin(status: answer.status, contentType: answer.contentType, length: answer.body.count)
        if head.method != .HEAD { try await outbound.write(.body(ByteBuffer(bytes: answer.body))) }
        try await end()
    }

    /// Begins an answer; without a length it is sent in chunks.
    func begin(status: Int, contentType: String, length: Int? = nil) async throws {
        var response = HTTPResponseHead(version: head.version, status: .init(statusCode: status))
        response.headers.add(name: "content-type", value: contentType)
        if let length {
            response.headers.add(name: "content-length", value: "\(length)")
        } else {
            response.headers.add(name: "transfer-encoding", value: "chunked")
        }
        if !head.isKeepAlive { response.headers.add(name: "connection", value: "close") }
        try await outbound.write(.head(response))
    }

    func write(_ bytes: [UInt8]) async throws {
        if !bytes.isEmpty { try await outbound.write(.body(ByteBuffer(bytes: bytes))) }
    }

    func end() async throws { try await outbound.write(.end(nil)) }
}

/// Counts connections and refuses those over the limit.
final class OpenConnections: Sendable {
    private let limit: Int
    private let count = Mutex(0)

    init(limit: Int) { self.limit = limit }

    func enter() -> Bool {
        count.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
    }

    func leave() { count.withLock { $0 -= 1 } }
}
