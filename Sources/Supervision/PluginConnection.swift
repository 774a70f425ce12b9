import NIOCore
import NIOPosix
import PluginProtocol

/// An open conversation with one child, after both sides have said hello.
public struct PluginConnection: Sendable {
    /// How the plugin introduced itself.
    public let hello: PluginHello
    /// The child's process id.
    public let identifier: Int32
    /// When the plugin was last heard of.
    public let lastHeard: LastHeard
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    let process: ChildProcess

    /// Sends a frame; returns when it has gone into the pipe or its buffer has room, which is how a slow plugin holds us back.
    public func send(_ message: CoreMessage, body: [UInt8] = []) async throws {
        let header = message.encoded(bodyLength: body.count)
        var buffer = ByteBufferAllocator().buffer(capacity: header.count + body.count)
        buffer.writeBytes(header)
        buffer.writeBytes(body)
        try await outbound.write(buffer)
    }

    /// Ends the child at once; the conversation then ends by itself, with this reason.
    public func kill(because reason: String) { process.kill(because: reason) }

    /// Ends the child, if it has not ended by itself, and tells how it ended.
    public func endAndTell() async -> String {
        process.signal(9)
        return "\(await process.wait())"
    }

    /// Whether the child has ended, though frames that it sent before may still wait.
    public var hasEnded: Bool { process.hasEnded }
}

/// The child closed its output: it has ended, or is about to.
public struct PluginEnded: Error, CustomStringConvertible {
    /// Why it was ended, when it was us who did it.
    public var reason: String?

    /// It ended.
    public init(reason: String? = nil) { self.reason = reason }

    /// In words.
    public var description: String { reason ?? "ended" }
}

/// The frames that a plugin sends, in order, until it closes its standard output.
public struct PluginFrames {
    var chunks: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    var decoder: FrameDecoder
    let lastHeard: LastHeard
    let process: ChildProcess

    /// The next frame; throws ``PluginEnded`` when the plugin has closed its output, a `ProtocolError` when it broke the
    /// protocol.
    ///
    /// Reads on only when asked, so an owner that is busy holds the plugin back.
    public mutating func next() async throws -> Frame {
        while true {
            if let frame = decoder.next() { return frame }
            guard let chunk = try await chunks.next() else {
                if let reason = process.reasonOfKill { throw PluginEnded(reason: reason) }
                if Task.isCancelled { throw CancellationError() }
                if decoder.isInsideFrame { throw ProtocolError("closed its output in the middle of a frame") }
                throw PluginEnded()
            }
            lastHeard.touch()
            try chunk.withUnsafeReadableBytes { bytes in try decoder.push(bytes) }
        }
    }
}
