import LogRecords
import Configuration
import Document
import Index
import JSON
import NIOCore
import PluginProtocol
import Supervision
import Synchronization
import WriteAheadLog

/// One sink: reads the log behind its cursor, hands documents over, and moves the cursor when the receiver said yes.
final class SinkRunner: Sendable {
    let configuration: SinkConfiguration
    private let log: WriteAheadLog
    private let committer: Committer
    private let daemonLog: DaemonLog
    private let group: any EventLoopGroup
    private let follower: LogFollower
    private let searches = AsyncQueue<Search>()
    private let state = Mutex(State())

    /// What status shows.
    struct State: Sendable {
        var condition = Condition.idle
        var cursor = Index.Cursor()
        var lastError: SourceKeeper.Fault?
        var canSearch = false
    }

    enum Condition: String, Sendable { case running, idle, failing, paused }

    /// A question that a user waits for.
    struct Search: Sendable {
        var words: String
        var limit: Int
        var continuation: CheckedContinuation<Result<[UInt8], SupervisionError>, Never>
    }

    /// Bytes of documents in one delivery, unless a single one has more.
    private static let deliveryBytes = 4 << 20

    init(
        _ configuration: SinkConfiguration, log: WriteAheadLog, committer: Committer, daemonLog: DaemonLog,
        group: any EventLoopGroup
    ) {
        self.configuration = configuration
        self.log = log
        self.committer = committer
        self.daemonLog = daemonLog
        self.group = group
        follower = LogFollower(log)
    }

    var status: State { state.withLock { $0 } }

    /// Serves one process until it ends.
    func serve(_ connection: PluginConnection, _ frames: inout PluginFrames) async throws {
        do {
            try await deliver(connection, &frames)
        } catch {
            if !Task.isCancelled { fail("the plugin '\(configuration.plugin)': \(error)") }
            throw error
        }
    }

    private func deliver(_ connection: PluginConnection, _ frames: inout PluginFrames) async throws {
        guard connection.hello.roles.contains(.deliver) else {
            throw SupervisionError("the plugin '\(configuration.plugin)' is no sink", remedy: "use it for a source")
        }
        var job: Int64 = 1
        try await connection.send(
            .configure(job: job, sink: configuration.name, settings: configuration.settings.value))
        let configured = try await answer(connection, &frames)
        guard case .configured(_, let position) = configured else { throw unexpected(configured) }
        let name = configuration.name
        var cursor = try await committer.read { try $0.cursor(of: name) }
        // A position beyond the log is another log's; the sink would wait for ever.
        if let position, position > cursor.position {
            if position > log.statistics.last {
                daemonLog.error(
                    "sink \(name) has position \(position), but the log ends at \(log.statistics.last): it belongs to another log; "
                        + "give it a path of its own")
                throw SupervisionError("the sink '\(name)' belongs to another log", remedy: "give it a path of its own")
            }
            cursor.position = position
        }
        let start = cursor
        state.withLock { state in
            state.cursor = start
            state.canSearch = connection.hello.roles.contains(.search)
        }
        var reader = LogReader(log, from: cursor.position + 1)
        while !Task.isCancelled {
            try await answerSearches(connection, &frames, &job)
            let delivery = try collect(&reader)
            guard delivery.count > 0 else {
                cursor.position = reader.position - 1
                let reached = cursor
                state.withLock { state in
                    state.condition = .idle
                    state.cursor = reached
                }
                try await rest()
                continue
            }
            state.withLock { $0.condition = .running }
            job += 1
            let request = DeliverRequest(
                job: job, sink: name, first: delivery.first, last: reader.position - 1, count: delivery.count)
            try await connection.send(.deliver(request), body: delivery.body)
            let reply = try await answer(connection, &frames)
            guard case .delivered(_, let position, let rejected) = reply else { throw unexpected(reply) }
            guard position == request.last else {
                throw ProtocolError("acknowledged position \(position) where \(request.last) was delivered")
            }
            cursor.position = position
            cursor.delivered += delivery.count - rejected.count
            cursor.rejected += rejected.count
            try await committer.advance(cursor, of: name, rejected: rejected.map { letter($0) })
            let reached = cursor
            let isBehind = isFull(delivery)
            state.withLock { state in
                state.cursor = reached
                state.lastError = nil
                if !isBehind { state.condition = .idle }
            }
            if !isBehind { try await rest() }
        }
        throw CancellationError()
    }

    private struct Delivery {
        var body: [UInt8] = []
        var first: UInt64 = 0
        var count = 0
    }

    private func collect(_ reader: inout LogReader) throws -> Delivery {
        var delivery = Delivery()
        while !isFull(delivery),
            try reader.nextBatch({ record in
                guard record.kind == RecordKind.document.rawValue else { return }
                if !configuration.sources.isEmpty, let document = DocumentRecord(record.bytes),
                    !configuration.takes(source: document.source)
                {
                    return
                }
                if delivery.count == 0 { delivery.first = record.position }
                DocumentRecord.appendLine(of: record.bytes, position: record.position, to: &delivery.body)
                delivery.count += 1
            })
        {}
        return delivery
    }

    private func isFull(_ delivery: Delivery) -> Bool {
        delivery.count >= configuration.batchSize || delivery.body.count >= Self.deliveryBytes
    }

    /// Waits for news from the log, or a search.
    private func rest() async throws {
        guard await follower.news() else { throw CancellationError() }
    }

    private func letter(_ rejected: RejectedDocument) -> DeadLetter {
        let source = try? log.record(at: rejected.position) { DocumentRecord($0.bytes)?.source }
        return DeadLetter(
            source: (source ?? nil) ?? "", uri: "position:\(rejected.position)", reason: rejected.reason,
            sink: configuration.name)
    }

    private func answer(_ connection: PluginConnection, _ frames: inout PluginFrames) async throws -> PluginMessage {
        try await message(connection, &frames).0
    }

    private func message(
        _ connection: PluginConnection, _ frames: inout PluginFrames
    ) async throws -> (PluginMessage, [UInt8]) {
        let timeout = configuration.timeout
        let timer = group.next().scheduleTask(in: .init(.seconds(timeout))) {
            connection.kill(because: "took longer than its 'timeout' of \(DurationText.format(timeout))")
        }
        defer { timer.cancel() }
        while true {
            let frame = try await frames.next()
            let message = try PluginMessage(frame)
            switch message {
            case .log(let level, let text, _): daemonLog.log(level, "sink \(configuration.name): \(text)")
            case .pong: continue
            case .failed(let failed): throw SupervisionError(failed.message, remedy: failed.remedy)
            default: return (message, frame.body)
            }
        }
    }

    private func unexpected(_ message: PluginMessage) -> ProtocolError {
        ProtocolError("sent '\(message.name)' where another answer is expected")
    }

    private func fail(_ what: String) {
        daemonLog.warning("sink \(configuration.name): \(what)")
        state.withLock { state in
            state.condition = .failing
            state.lastError = SourceKeeper.Fault(what: what, remedy: nil, time: .now)
        }
    }

    // MARK: Searching

    /// Asks the sink for documents with these words; newline-delimited JSON.
    func search(_ words: String, limit: Int) async -> Result<[UInt8], SupervisionError> {
        guard status.canSearch else {
            return .failure(SupervisionError("the sink '\(configuration.name)' can't search"))
        }
        return await withCheckedContinuation { continuation in
            if !searches.push(Search(words: words, limit: limit, continuation: continuation)) {
                continuation.resume(returning: .failure(SupervisionError("the sink is being stopped")))
            }
            follower.ring()
        }
    }

    private func answerSearches(
        _ connection: PluginConnection, _ frames: inout PluginFrames, _ job: inout Int64
    ) async throws {
        while searches.count > 0, let search = await searches.pop() {
            job += 1
            do {
                try await connection.send(
                    .search(job: job, sink: configuration.name, words: search.words, limit: search.limit))
                let (reply, body) = try await message(connection, &frames)
                guard case .found = reply else { throw unexpected(reply) }
                search.continuation.resume(returning: .success(body))
            } catch {
                search.continuation.resume(returning: .failure(SupervisionError("\(error)")))
                throw error
            }
        }
    }

    /// Ends the waiting of those who search.
    func stop() {
        for search in searches.close() {
            search.continuation.resume(returning: .failure(SupervisionError("the sink is being stopped")))
        }
    }
}
