import Document
import NIOCore
import NIOPosix
import PluginProtocol

/// Keeps one plugin process running: starts it, says hello, hands the conversation to its owner, and starts it again
/// with growing pauses when it ends.
public struct Supervisor: Sendable {
    /// How patient a supervisor is.
    public struct Patience: Sendable {
        /// Until the plugin's `hello`.
        public var hello: Duration = .seconds(10)
        /// Between the request to exit and SIGKILL.
        public var shutdown: Duration = .seconds(5)
        /// Between the child's end and that of a session which does not notice it.
        public var farewell: Duration = .seconds(1)
        /// The first pause before a restart; it doubles with each failure in a row.
        public var firstPause: Duration = .milliseconds(200)
        /// The longest pause.
        public var longestPause: Duration = .seconds(60)

        /// The usual patience.
        public init() {}
    }

    let specification: ProcessSpecification
    let board: ProcessBoard
    let group: any EventLoopGroup
    let patience: Patience
    let report: @Sendable (LogLevel, String) -> Void

    /// A supervisor of one program.
    ///
    /// - Parameter report: receives the child's standard error and what happens to it, as log lines.
    public init(
        _ specification: ProcessSpecification, board: ProcessBoard, group: any EventLoopGroup,
        patience: Patience = Patience(), report: @escaping @Sendable (LogLevel, String) -> Void
    ) {
        self.specification = specification
        self.board = board
        self.group = group
        self.patience = patience
        self.report = report
    }

    /// One conversation with one child, from after the hellos to its end.
    ///
    /// When it returns, the child is not needed any more: it is ended, and not started again. When it throws, and so when
    /// the child ended, the child is started again.
    public typealias Session = @Sendable (PluginConnection, inout PluginFrames) async throws -> Void

    /// Runs until the session returns or the task is cancelled.
    public func run(session: @escaping Session) async {
        defer { board.remove(specification.name) }
        while !Task.isCancelled {
            board.update(specification.name) { $0.state = .starting }
            let clock = ContinuousClock()
            let started = clock.now
            let reason: String
            do {
                guard let failure = try await converse(session) else { return }
                reason = failure
            } catch {
                reason = "\(error)"
            }
            if Task.isCancelled { return }
            // A child that has worked for a while earns a fresh start.
            let lasted = clock.now - started
            board.update(specification.name) { entry in
                entry.state = .waiting
                entry.identifier = nil
                entry.lastExit = reason
                entry.restarts += 1
                entry.failuresInARow = lasted > .seconds(30) ? 1 : entry.failuresInARow + 1
            }
            let failures = board[specification.name]?.failuresInARow ?? 1
            report(failures > 5 ? .error : .warning, "\(specification.name) \(reason); it is started again")
            try? await Task.sleep(for: pause(afterFailures: failures))
        }
    }

    /// Starts the program once for its introduction and ends it again.
    public func introduce() async throws -> PluginHello {
        let box = HelloBox()
        _ = try await converse { connection, _ in await box.set(connection.hello) }
        guard let hello = await box.hello else { throw SupervisionError("\(specification.name) did not say hello") }
        return hello
    }

    private func pause(afterFailures failures: Int) -> Duration {
        let doubled = patience.firstPause * Double(1 << min(max(failures, 1) - 1, 20))
        return min(doubled, patience.longestPause) * Double.random(in: 0.5...1)
    }

    /// Starts a child and talks to it; returns how it failed, or nil when the session was done with it.
    private func converse(_ session: @escaping Session) async throws -> String? {
        let (process, streams) = try await ChildProcess.start(specification)
        var failure: (any Error)?
        do {
            let channel = try await Self.channel(group, input: streams.output, output: streams.input)
            let errors = try await Self.channel(group, input: streams.errors, output: nil)
            try await withThrowingTaskGroup(of: Part.self) { group in
                group.addTask {
                    await logErrors(of: errors)
                    return .errors
                }
                group.addTask {
                    do {
                        try await talk(process, channel, session)
                        await end(process)
                        return .talk
                    } catch {
                        // Whoever broke off, the child must go before its standard error can end. Where only the
                        // daemon stops, the end of its input asks it to.
                        let delay = error is CancellationError ? patience.shutdown : .zero
                        self.group.next().scheduleTask(in: .init(delay)) { process.signal(9) }
                        throw error
                    }
                }
                var open: Set<Part> = [.errors, .talk]
                while let part = try await group.next() {
                    open.remove(part)
                    // What it has left running, in a session of its own, may hold its standard error for ever.
                    if part == .farewell || open.isEmpty { group.cancelAll() }
                    guard part == .talk, !open.isEmpty else { continue }
                    group.addTask {
                        try? await Task.sleep(for: patience.farewell)
                        return .farewell
                    }
                }
            }
        } catch {
            failure = error
        }
        let reason = await end(process, within: failure == nil || Task.isCancelled ? patience.shutdown : .zero)
        return switch failure {
        case nil: nil
        // Only the end of the child cancels a session, or that of the daemon.
        case is CancellationError: "\(reason)"
        case let ended as PluginEnded where ended.reason == nil: "\(reason)"
        case .some(let error): "\(error) (it \(reason))"
        }
    }

    /// What a conversation with a child consists of.
    private enum Part { case errors, talk, farewell }

    /// Waits for the end of a child whose pipes are closed, which asks it to exit; one that does not is killed.
    @discardableResult
    private func end(_ process: ChildProcess, within patience: Duration? = nil) async -> ExitReason {
        // A timer of the event loop is not hurried by cancellation.
        let timer = group.next().scheduleTask(in: .init(patience ?? self.patience.shutdown)) { process.signal(9) }
        defer { timer.cancel() }
        return await process.wait()
    }

    private func talk(
        _ process: ChildProcess, _ channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ session: @escaping Session
    ) async throws {
        try await channel.executeThenClose { inbound, outbound in
            let lastHeard = LastHeard()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    var frames = PluginFrames(
                        chunks: inbound.makeAsyncIterator(), decoder: FrameDecoder(limits: .fromPlugin),
                        lastHeard: lastHeard, process: process)
                    let connection = try await sayHello(process, &frames, outbound)
                    try await session(connection, &frames)
                    if process.hasEnded { throw PluginEnded(reason: process.reasonOfKill) }
                    try? await connection.send(.shutdown)
                    outbound.finish()
                }
                tasks.addTask { try await watch(process, lastHeard) }
                // The first to end decides; the watch never returns as long as the session lasts.
                try await tasks.next()
                tasks.cancelAll()
            }
        }
    }

    /// Waits for the child's end and then for what it had sent to be read: a session that reads nothing more, as one that
    /// has nothing to do, does not notice by itself.
    private func watch(_ process: ChildProcess, _ lastHeard: LastHeard) async throws {
        guard await process.waitUnlessCancelled() else { return }
        repeat { try await Task.sleep(for: patience.farewell) } while lastHeard.silence < patience.farewell
        throw PluginEnded(reason: process.reasonOfKill)
    }

    private func sayHello(
        _ process: ChildProcess, _ frames: inout PluginFrames, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws -> PluginConnection {
        try await outbound.write(ByteBuffer(bytes: CoreMessage.hello(core: "millraced \(Self.version)").encoded()))
        let hello = try await greeting(&frames, process)
        board.update(specification.name) { entry in
            entry.state = .running
            entry.identifier = process.identifier
        }
        return PluginConnection(
            hello: hello, identifier: process.identifier, lastHeard: frames.lastHeard, outbound: outbound,
            process: process)
    }

    private func greeting(_ frames: inout PluginFrames, _ process: ChildProcess) async throws -> PluginHello {
        let patience = patience.hello
        let timer = group.next().scheduleTask(in: .init(patience)) {
            process.kill(because: "did not say hello within \(patience)")
        }
        defer { timer.cancel() }
        let frame: Frame
        do { frame = try await frames.next() } catch is PluginEnded {
            throw SupervisionError(
                process.reasonOfKill ?? "ended before it said hello",
                remedy: "it must speak docs/plugin-protocol.md on its standard output")
        }
        guard case .hello(let hello) = try PluginMessage(frame) else {
            throw ProtocolError("sent '\(frame.type)' before its hello")
        }
        return hello
    }

    private func logErrors(of channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        // A child's standard error must never block it, so this reads on whatever happens; long lines are cut.
        try? await channel.executeThenClose { inbound, _ in
            var line: [UInt8] = []
            for try await chunk in inbound {
                for byte in chunk.readableBytesView {
                    if byte != UInt8(ascii: "\n") {
                        if line.count < 4096 { line.append(byte) }
                        continue
                    }
                    if !line.isEmpty {
                        report(.info, "\(specification.name): \(String(decoding: line, as: UTF8.self))")
                    }
                    line.removeAll(keepingCapacity: true)
                }
            }
            if !line.isEmpty { report(.info, "\(specification.name): \(String(decoding: line, as: UTF8.self))") }
        }
    }

    private static func channel(
        _ group: any EventLoopGroup, input: Int32, output: Int32?
    ) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let bootstrap = NIOPipeBootstrap(group: group)
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 16 << 10, maximum: 256 << 10))
        let initializer: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = {
            channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(
                        backPressureStrategy: .init(lowWatermark: 2, highWatermark: 8),
                        isOutboundHalfClosureEnabled: true))
            }
        }
        guard let output else {
            return try await bootstrap.takingOwnershipOfDescriptor(input: input, channelInitializer: initializer)
        }
        return try await bootstrap.takingOwnershipOfDescriptors(
            input: input, output: output, channelInitializer: initializer)
    }

    /// The version that the core introduces itself with.
    public static let version = "0.1.0"
}

/// Keeps a plugin's introduction while its session ends.
private actor HelloBox {
    var hello: PluginHello?
    func set(_ hello: PluginHello) { self.hello = hello }
}
