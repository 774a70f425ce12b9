import Configuration
import JSON
import NIOCore
import PluginProtocol
import Supervision
import Synchronization

/// One fetch plugin: its process, when there is one, and the jobs that are open with it.
final class FetcherHost: Sendable {
    /// Sources that may run with one plugin at a time, without those that watch. A run takes about 20 KB in the daemon.
    static let runLimit = 4096

    let plugin: String
    private let budget: ByteBudget
    private let group: any EventLoopGroup
    private let report: @Sendable (LogLevel, String) -> Void

    private struct State {
        var connection: PluginConnection?
        var waiting: [CheckedContinuation<PluginConnection?, Never>] = []
        var jobs: [Int64: FetchJob] = [:]
        /// Jobs that the daemon has given up and the plugin has not ended yet: frames of theirs may be on the way.
        var abandoned: Set<Int64> = []
        var lastJob: Int64 = 0
        var isStopped = false
    }
    private let state = Mutex(State())
    /// Told when a job was opened, whose silence must be watched from now on.
    private let opened = AsyncQueue<Bool>()

    init(
        plugin: String, budget: ByteBudget, group: any EventLoopGroup,
        report: @escaping @Sendable (LogLevel, String) -> Void
    ) {
        self.plugin = plugin
        self.budget = budget
        self.group = group
        self.report = report
    }

    // MARK: Jobs

    /// Opens a job, or says why it can't be.
    func open(_ source: SourceConfiguration, state sourceState: [String: JSONValue]) async throws -> FetchJob {
        guard let connection = await connected() else {
            throw SupervisionError("the plugin '\(plugin)' is being stopped")
        }
        let job = state.withLock { state in
            state.lastJob += 1
            let job = FetchJob(number: state.lastJob, source: source)
            // A process that went down meanwhile takes the job with it at once.
            if state.connection?.identifier == connection.identifier {
                state.jobs[job.number] = job
            } else {
                job.fail("ended")
            }
            return job
        }
        let request = FetchRequest(
            job: job.number, source: source.name, settings: source.settingsForPlugin, state: sourceState,
            window: Int(source.window), maximumItemSize: Int(source.maximumItemSize))
        do { try await connection.send(.fetch(request)) } catch { job.fail("can't be written to: \(error)") }
        if opened.count == 0 { opened.push(true) }
        return job
    }

    /// Tells the plugin that items up to this one are durable.
    func acknowledge(_ job: FetchJob, item: Int64, bytes: Int) async {
        guard job.acknowledge(item: item, bytes: bytes), let connection = state.withLock({ $0.connection }) else {
            return
        }
        // A plugin that is gone asks again for what it was not told.
        try? await connection.send(.acknowledge(job: job.number, item: item))
    }

    /// Asks the plugin to end a job early.
    /// - Parameter forGood: the source is paused or not configured any more.
    func cancel(_ job: FetchJob, forGood: Bool = false) async {
        guard let connection = state.withLock({ $0.connection }) else { return }
        try? await connection.send(.cancel(job: job.number, forGood: forGood))
    }

    /// The job is over for the daemon; what the plugin still sends for it is dropped.
    func close(_ job: FetchJob) {
        state.withLock { state in
            if state.jobs.removeValue(forKey: job.number) != nil { state.abandoned.insert(job.number) }
        }
    }

    private func connected() async -> PluginConnection? {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> PluginConnection?? in
                if state.isStopped { return .some(nil) }
                if let connection = state.connection { return connection }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Whether nobody can open jobs any more.
    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Nobody can open jobs any more.
    func stop() {
        let waiting = state.withLock { state in
            state.isStopped = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: nil) }
    }

    // MARK: The conversation

    /// Serves one process until it ends.
    func serve(_ connection: PluginConnection, _ frames: inout PluginFrames) async throws {
        guard connection.hello.roles.contains(.fetch) else {
            throw SupervisionError("the plugin '\(plugin)' can't fetch", remedy: "use it as a sink")
        }
        let waiting = state.withLock { state in
            state.connection = connection
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: connection) }
        do {
            try await withThrowingDiscardingTaskGroup { tasks in
                tasks.addTask { await self.watchOver(connection) }
                while true {
                    try await route(try await frames.next())
                    await budget.room()
                }
            }
        } catch {
            disconnect(error)
            throw error
        }
    }

    private func disconnect(_ error: any Error) {
        let jobs = state.withLock { state in
            state.connection = nil
            state.abandoned = []
            defer { state.jobs = [:] }
            return state.jobs
        }
        let reason = error is CancellationError ? "ended" : "\(error)"
        for job in jobs.values { job.fail(reason == "ended" ? "ended while the source was being fetched" : reason) }
    }

    private func route(_ frame: Frame) async throws {
        switch try PluginMessage(frame) {
        case .item(let item):
            guard let job = try job(item.job) else { return }
            try job.receive(item: item.item, bytes: frame.body.count)
            budget.take(frame.body.count)
            if !job.events.push(.item(item, body: frame.body)) { budget.give(frame.body.count) }
        case .rejected(let item):
            guard let job = try job(item.job) else { return }
            try job.receive(item: item.item, bytes: 0)
            job.events.push(.rejected(item))
        case .checkpoint(let point):
            guard let job = try job(point.job) else { return }
            try job.receive(item: point.item, bytes: 0)
            job.events.push(.checkpoint(point))
        case .watching(let number, let report):
            guard let job = try job(number) else { return }
            job.watch()
            job.events.push(.watching(report))
        case .done(let done): try end(done.job, .done(done))
        case .failed(let failed): try end(failed.job, .failed(failed))
        case .log(let level, let message, let number):
            let job = number.flatMap { number in state.withLock { $0.jobs[number] } }
            job?.showLife()
            report(level, (job.map { "\($0.source.name): " } ?? "\(plugin): ") + message)
        case .pong: break
        default: throw ProtocolError("sent '\(frame.type)', which is not for a fetcher to send")
        }
    }

    /// The job of a frame; nil where nobody waits for it any more.
    private func job(_ number: Int64) throws(ProtocolError) -> FetchJob? {
        let (job, isAbandoned) = state.withLock { ($0.jobs[number], $0.abandoned.contains(number)) }
        guard job != nil || isAbandoned else {
            throw ProtocolError("sent a frame for job \(number), which is not open")
        }
        return job
    }

    private func end(_ number: Int64, _ end: JobEnd) throws(ProtocolError) {
        let job = try job(number)
        state.withLock { state in
            state.jobs[number] = nil
            state.abandoned.remove(number)
        }
        job?.events.push(.ended(end))
    }

    /// Ends a process that hangs.
    private func watchOver(_ connection: PluginConnection) async {
        var ping: Int64 = 0
        while !Task.isCancelled {
            let jobs = state.withLock { Array($0.jobs.values) }
            if let overdue = jobs.first(where: \.isOverdue) {
                connection.kill(
                    because: "sent nothing for '\(overdue.source.name)' for "
                        + "\(DurationText.format(overdue.source.timeout)), which is its 'timeout'")
            }
            let isWatching = jobs.contains(where: \.isWatching)
            if isWatching, connection.lastHeard.silence > .seconds(90) {
                connection.kill(because: "did not answer a ping for 90 s")
            } else if isWatching, connection.lastHeard.silence > .seconds(25) {
                ping += 1
                try? await connection.send(.ping(id: ping))
            }
            guard !jobs.isEmpty else {
                _ = await opened.pop()
                continue
            }
            let isBusy = jobs.contains { !$0.isWatching }
            let timer = group.next().scheduleTask(in: isBusy ? .seconds(1) : .seconds(30)) { [opened] in
                _ = opened.push(true)
            }
            _ = await opened.pop()
            timer.cancel()
        }
    }
}

extension FetchJob {
    /// Ends the job because its plugin is gone.
    func fail(_ how: String) {
        let message = "the plugin '\(source.plugin)' \(how)"
        let remedy = "it is tried again; the daemon's log and `millracectl status` say what the plugin met"
        events.push(.ended(.failed(FailedJob(job: number, kind: .transient, message: message, remedy: remedy))))
    }
}

extension SourceConfiguration {
    /// The plugin's own settings and those of the source that it must know.
    var settingsForPlugin: JSONValue {
        guard case .object(var members) = settings.value else { return settings.value }
        if let records = rules.records { members["records"] = .string(records.rawValue) }
        if let mediaType = rules.mediaType { members["media_type"] = .string(mediaType) }
        // A hub that brings what is new is no reason to look more often than the source is configured to.
        if rules.plugin == "http", case .every(let seconds) = rules.schedule, seconds > 3600 {
            members["every"] = .number(seconds)
        }
        // One slow source must not be taken for a plugin that hangs, which is all others' as well.
        if rules.plugin == "http" { members["timeout"] = .number(rules.timeout) }
        return .object(members)
    }
}
