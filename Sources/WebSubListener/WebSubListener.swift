import Glibc
import HTTPFetching
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// The listener that hubs reach (W3C WebSub): HTTP/1.1 on one address, in a thread of its own.
public final class WebSubListener: PushReceiver {
    /// Connections at a time; who comes when there are more is turned away.
    private static let mostConnections = 512

    /// The end of a pipe into which a byte is written when the first event waits.
    public let descriptor: Int32
    private let writer: Int32
    private let host: String
    private let port: Int
    private let table: CallbackTable
    private var channel: (any Channel)?
    private var group: MultiThreadedEventLoopGroup?

    /// A listener that does not listen yet; nil where the system has no descriptor for it.
    ///
    /// - Parameters:
    ///   - host: an address in numbers.
    public init?(host: String, port: Int) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        let (reader, writer) = (ends[0], ends[1])
        (descriptor, self.writer) = (reader, writer)
        (self.host, self.port) = (host, port)
        table = CallbackTable(limits: CallbackTable.Limits()) {
            // A full pipe says the same.
            _ = write(writer, [1] as [UInt8], 1)
        }
    }

    deinit {
        try? channel?.close().wait()
        try? group?.syncShutdownGracefully()
        close(descriptor)
        close(writer)
    }

    /// Begins to listen; does nothing where it listens already.
    public func start() throws(PushReceiverFault) {
        guard channel == nil else { return }
        let group = self.group ?? MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.group = group
        let open = OpenConnections(limit: Self.mostConnections)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [table] child in
                child.eventLoop.makeCompletedFuture {
                    guard open.enter() else { throw ChannelError.ioOnClosedChannel }
                    child.closeFuture.whenComplete { _ in open.leave() }
                    try Self.configure(child.pipeline.syncOperations, table)
                }
            }
        do { channel = try bootstrap.bind(host: host, port: port).wait() } catch {
            throw PushReceiverFault("can't listen on \(host) port \(port): \(error)")
        }
    }

    private static func configure(_ pipeline: ChannelPipeline.SynchronousOperations, _ table: CallbackTable) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        (limits.maxHeaderFieldSize, limits.maxHeaderListSize, limits.maxHeaderFieldCount) = (16 << 10, 32 << 10, 100)
        try pipeline.addHandlers([
            HTTPResponseEncoder(),
            ByteToMessageHandler(
                HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)),
            HTTPServerPipelineHandler(), HTTPServerProtocolErrorHandler(), CallbackHandler(table: table),
        ])
    }

    /// Takes requests for a callback from now on.
    public func set(_ callback: Callback) { table.set(callback) }

    /// What came in since this was asked the last time.
    public func takeEvents() -> [PushEvent] {
        var bytes: [UInt8] = Array(repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) == bytes.count {}
        return table.takeEvents()
    }

    /// Answers the request that brought something.
    public func answer(_ number: UInt64, _ answer: PushAnswer) { table.answer(number, answer) }
}

/// How many connections are open.
private final class OpenConnections: Sendable {
    private let count = Atomic<Int>(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func enter() -> Bool {
        if count.add(1, ordering: .relaxed).newValue <= limit { return true }
        leave()
        return false
    }

    func leave() { count.subtract(1, ordering: .relaxed) }
}
