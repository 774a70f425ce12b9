import Glibc
import JSON
import NIOCore
import NIOHTTP1
import NIOPosix

/// HTTP/1.1 on a Unix socket; what is answered is ``ControlRoutes``' business.
struct ControlServer: Sendable {
    typealias ServerChannel = NIOAsyncChannel<
        NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, ByteBuffer>>, Never
    >

    private let channel: ServerChannel
    private let routes: ControlRoutes
    private let daemonLog: DaemonLog

    /// Bytes of a request's body.
    static let bodyLimit = 256 << 20
    private static let connectionLimit = 256

    /// Binds the socket.
    ///
    /// - Throws: ``StartError`` when a living daemon answers there; a socket that nobody serves is replaced.
    static func bind(
        path: String, group: any EventLoopGroup, routes: ControlRoutes, daemonLog: DaemonLog
    ) async throws -> ControlServer {
        try clear(path)
        let mask = umask(0o117)
        defer { umask(mask) }
        do {
            let channel: ServerChannel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 64)
                .bind(unixDomainSocketPath: path) { child in
                    child.eventLoop.makeCompletedFuture {
                        try child.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                        try child.pipeline.syncOperations.addHandler(ResponseParts())
                        return try NIOAsyncChannel(wrappingChannelSynchronously: child)
                    }
                }
            return ControlServer(channel: channel, routes: routes, daemonLog: daemonLog)
        } catch {
            throw StartError(
                "can't listen on \(path): \(error)",
                remedy: "check that its directory exists and may be written, or name another with --control-socket")
        }
    }

    private static func clear(_ path: String) throws {
        var information = stat()
        guard lstat(path, &information) == 0 else { return }
        guard information.st_mode & S_IFMT == S_IFSOCK else {
            throw StartError("\(path) is there and is no socket", remedy: "name another with --control-socket")
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw StartError("the socket's path \(path) is too long", remedy: "at most 107 bytes are possible")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected != 0 else {
            throw StartError(
                "another daemon answers on \(path)",
                remedy: "stop it, or give this one a socket of its own with --control-socket")
        }
        guard errno == ECONNREFUSED else {
            throw StartError(
                "\(path) is in use: \(String(cString: strerror(errno)))", remedy: "name another with --control-socket")
        }
        unlink(path)
    }

    /// Serves until the task is cancelled.
    func run() async {
        do {
            try await channel.executeThenClose { clients in
                try await withThrowingDiscardingTaskGroup { tasks in
                    let open = OpenConnections(limit: Self.connectionLimit)
                    for try await client in clients {
                        tasks.addTask {
                            guard open.enter() else {
                                try? await client.executeThenClose { _, _ in }
                                return
                            }
                            defer { open.leave() }
                            await serve(client)
                        }
                    }
                }
            }
        } catch {
            if !Task.isCancelled { daemonLog.error("the control socket: \(error)") }
        }
    }

    private func serve(_ client: NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, ByteBuffer>>) async {
        // A client that goes away is its own affair.
        try? await client.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            while let part = try await parts.next() {
                guard case .head(let head) = part else { continue }
                var body: [UInt8] = []
                var isTooLarge = false
                if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }) {
                    isTooLarge = length > Self.bodyLimit
                    if !isTooLarge { body.reserveCapacity(length) }
                }
                if head.headers.first(name: "expect")?.lowercased() == "100-continue", !isTooLarge {
                    try await outbound.write(.head(HTTPResponseHead(version: head.version, status: .continue)))
                }
                reading: while let part = try await parts.next() {
                    switch part {
                    case .body(let bytes):
                        isTooLarge = isTooLarge || body.count + bytes.readableBytes > Self.bodyLimit
                        if !isTooLarge { body.append(contentsOf: bytes.readableBytesView) }
                    case .end: break reading
                    case .head: return
                    }
                }
                let writer = ResponseWriter(outbound: outbound, head: head, closed: client.channel.closeFuture)
                if isTooLarge {
                    try await writer.answer(
                        .failure(status: 413, "the body is over \(Self.bodyLimit) bytes", remedy: "send it in parts"))
                } else {
                    try await routes.respond(to: ControlRequest(head: head, body: body), writer)
                }
                guard head.isKeepAlive else { return }
            }
        }
    }
}

/// Translates what is written to the form that NIO's encoder takes.
private final class ResponseParts: ChannelOutboundHandler {
    typealias OutboundIn = HTTPPart<HTTPResponseHead, ByteBuffer>
    typealias OutboundOut = HTTPServerResponsePart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head): context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let body): context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: promise)
        case .end(let trailers): context.write(wrapOutboundOut(.end(trailers)), promise: promise)
        }
    }
}
