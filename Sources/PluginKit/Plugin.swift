import Glibc
import JSON
import PluginProtocol
import Synchronization

/// A program that speaks the plugin protocol on its standard streams.
///
/// A plugin's author writes a ``Fetcher`` or a ``Sink`` and a main of one line:
///
///     @main struct Main { static func main() { Plugin(name: "notes", version: "1.0", settings: [:]).run(NotesFetcher()) } }
///
/// The calling thread reads frames; each fetch job has a thread of its own, so a fetcher may simply block.
public struct Plugin: Sendable {
    let name: String
    let version: String
    let settings: JSONValue

    /// Describes the plugin.
    ///
    /// - Parameter settings: a JSON Schema of the settings that a source or sink may have (docs/plugin-protocol.md).
    public init(name: String, version: String, settings: JSONValue) {
        self.name = name
        self.version = version
        self.settings = settings
    }

    /// Serves fetch jobs until the core goes away.
    public func run(_ fetcher: some Fetcher) -> Never {
        signal(SIGPIPE, SIG_IGN)
        let output = FrameOutput()
        let server = FetchServer(fetcher: fetcher, output: output)
        serve(roles: [.fetch], output: output, receive: { message, _ in server.receive(message) })
    }

    /// Serves deliveries until the core goes away.
    public func run(_ sink: some Sink) -> Never {
        signal(SIGPIPE, SIG_IGN)
        let output = FrameOutput()
        let server = SinkServer(sink: sink, output: output)
        serve(
            roles: sink.canSearch ? [.deliver, .search] : [.deliver], output: output,
            receive: { message, body in server.receive(message, body) }, atEnd: { sink.finish() })
    }

    private func serve(
        roles: Set<PluginRole>, output: FrameOutput, receive: (CoreMessage, [UInt8]) -> Void,
        atEnd: () -> Void = {}
    ) -> Never {
        func end() -> Never {
            atEnd()
            exit(0)
        }
        var decoder = FrameDecoder(limits: .fromCore)
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = read(0, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            // The core is gone, or asks for the end by closing our input.
            guard count > 0 else { end() }
            do {
                try chunk.withUnsafeBytes { bytes in
                    try decoder.push(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                }
                while let frame = decoder.next() {
                    let message = try CoreMessage(frame)
                    switch message {
                    case .hello:
                        output.send(.hello(PluginHello(name: name, version: version, roles: roles, settings: settings)))
                    case .ping(let id): output.send(.pong(id: id))
                    case .shutdown: end()
                    default: receive(message, frame.body)
                    }
                }
            } catch {
                let line = Array("the core \(error)\n".utf8)
                _ = write(2, line, line.count)
                exit(1)
            }
        }
    }
}

/// Standard output, a frame at a time, from any thread.
final class FrameOutput: Sendable {
    private let lock = Mutex(())

    func send(_ message: PluginMessage, body: [UInt8] = []) {
        let header = message.encoded(bodyLength: body.count)
        lock.withLock { _ in
            Self.write(header)
            if !body.isEmpty { Self.write(body) }
        }
    }

    private static func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(1, buffer.baseAddress?.advanced(by: done), buffer.count - done)
                if count < 0, errno == EINTR { continue }
                // Nobody reads any more, so nobody is left to tell.
                guard count > 0 else { exit(0) }
                done += count
            }
        }
    }
}
