import Configuration
import Document
import Index
import JSON
import NIOCore
import PluginProtocol
import Scheduling
import Supervision

/// All sources: when each is due, what runs, and what came of it.
actor SourceKeeper {
    /// What is known of one source while the daemon runs.
    struct Entry {
        var source: SourceConfiguration
        var isPaused: Bool
        /// What had ended before this start and since.
        var outcomes = Outcomes()
        var inFlight = 0
        var job: FetchJob?
        var isRunning = false
        var isRemoved = false
        /// It is to be run again as soon as the present run has ended.
        var runsAgain = false
        var failures = 0
        var lastRun: Timestamp?
        var lastSuccess: Timestamp?
        var lastError: Fault?
    }

    /// Why a run failed.
    struct Fault: Sendable {
        var what: String
        var remedy: String?
        var time: Timestamp
    }

    private(set) var entries: [String: Entry] = [:]
    private(set) var due = DueQueue()
    private var hosts: [String: FetcherHost] = [:]
    private let intake: Intake
    private let committer: Committer
    private let daemonLog: DaemonLog
    private let group: any EventLoopGroup
    private let wake = AsyncQueue<Bool>()
    private var isStopping = false

    private static let defaultInterval = 900.0

    init(intake: Intake, committer: Committer, daemonLog: DaemonLog, group: any EventLoopGroup) {
        self.intake = intake
        self.committer = committer
        self.daemonLog = daemonLog
        self.group = group
    }

    // MARK: Configuration

    /// Brings the sources in line with a configuration; what did not change goes on undisturbed.
    func configure(_ sources: [SourceConfiguration], hosts: [String: FetcherHost]) async throws {
        let runs = try await committer.read { try $0.runs() }
        let known = try await committer.read { try $0.sources() }
        let past = Dictionary(known.map { ($0.name, $0) }) { $1 }
        self.hosts = hosts
        let wanted = Set(sources.map(\.name))
        for name in entries.keys where !wanted.contains(name) { await remove(name) }
        for source in sources {
            if let entry = entries[source.name] {
                var same = entry.source
                (same.file, same.line) = (source.file, source.line)
                guard same != source else { continue }
                entries[source.name]?.source = source
                entries[source.name]?.failures = 0
                if let job = entry.job, let host = hosts[entry.source.plugin] {
                    entries[source.name]?.runsAgain = true
                    await host.cancel(job)
                }
            } else {
                let before = past[source.name]
                var entry = Entry(source: source, isPaused: source.paused || before?.paused ?? false)
                entry.outcomes = Outcomes(list: before?.counts ?? [])
                restore(&entry, from: runs[source.name])
                entries[source.name] = entry
            }
            schedule(
                source.name, first: true,
                remembered: runs[source.name]?["next"]?.string.flatMap(Timestamp.init(rfc3339:)))
        }
        wake.push(true)
    }

    private func restore(_ entry: inout Entry, from run: JSONValue?) {
        entry.lastRun = run?["last_run"]?.string.flatMap(Timestamp.init(rfc3339:))
        entry.lastSuccess = run?["last_success"]?.string.flatMap(Timestamp.init(rfc3339:))
        entry.failures = Int(clamping: run?["failures"]?.integer ?? 0)
    }

    private func remove(_ name: String) async {
        due.set(name, at: nil)
        entries[name]?.isRemoved = true
        if let entry = entries[name], let job = entry.job, let host = hosts[entry.source.plugin] {
            await host.cancel(job)
        }
        if entries[name]?.isRunning == false { entries[name] = nil }
    }

    /// A source, for `ingest`.
    func source(_ name: String) -> SourceConfiguration? { entries[name]?.source }

    // MARK: Running

    /// Runs sources as they come due, until the daemon stops.
    func run() async {
        await withDiscardingTaskGroup { tasks in
            while !isStopping {
                while let name = due.popDue(by: .now) { tasks.addTask { await self.fetch(name) } }
                let timer = due.next.map { next in
                    let milliseconds = min(max(next.milliseconds - Timestamp.now.milliseconds, 1), 3_600_000)
                    return group.next().scheduleTask(in: .milliseconds(milliseconds)) { [wake] in _ = wake.push(true) }
                }
                _ = await wake.pop()
                timer?.cancel()
                if Task.isCancelled { isStopping = true }
            }
            for (name, entry) in entries where entry.job != nil {
                if let job = entry.job, let host = hosts[entry.source.plugin] { await host.cancel(job) }
                entries[name]?.runsAgain = false
            }
            tasks.cancelAll()
        }
    }

    /// Starts nothing more and asks what runs to end.
    func stop() {
        isStopping = true
        wake.push(true)
    }

    private func fetch(_ name: String) async {
        guard let entry = entries[name], !entry.isRunning, !isStopping, let host = hosts[entry.source.plugin] else {
            return
        }
        entries[name]?.isRunning = true
        entries[name]?.lastRun = .now
        let end: JobEnd
        do {
            let state = try await committer.read { try $0.state(of: name) }
            let job = try await host.open(entry.source, state: state)
            entries[name]?.job = job
            let observer = Intake.Observer(
                began: { await self.itemBegan(name) }, ended: { outcomes in await self.itemEnded(name, outcomes) })
            end = await intake.drain(job, host: host, observer: observer)
            host.close(job)
        } catch {
            end = .failed(FailedJob(job: 0, kind: .transient, message: "\(error)"))
        }
        await finished(name, end)
    }

    private func finished(_ name: String, _ end: JobEnd) async {
        guard var entry = entries[name] else { return }
        entry.isRunning = false
        entry.job = nil
        if entry.isRemoved {
            entries[name] = nil
            return
        }
        switch end {
        case .done:
            entry.failures = 0
            entry.lastSuccess = .now
            entry.lastError = nil
        case .failed(let failed):
            if !isStopping {
                entry.failures += 1
                entry.lastError = Fault(what: failed.message, remedy: failed.remedy, time: .now)
                let remedy = failed.remedy.map { "; \($0)" } ?? ""
                daemonLog.warning("source \(name): \(failed.message)\(remedy)")
            }
        }
        entries[name] = entry
        schedule(name, after: end)
        await remember(name)
        wake.push(true)
    }

    private func remember(_ name: String) async {
        guard let entry = entries[name] else { return }
        var run: [String: JSONValue] = ["failures": .integer(Int64(entry.failures))]
        run["last_run"] = entry.lastRun.map { .string($0.description) }
        run["last_success"] = entry.lastSuccess.map { .string($0.description) }
        run["next"] = due[name].map { .string($0.description) }
        try? await committer.setRun(of: name, .object(run))
    }

    func itemBegan(_ name: String) { entries[name]?.inFlight += 1 }

    func itemEnded(_ name: String, _ outcomes: Outcomes?) {
        entries[name]?.inFlight -= 1
        if let outcomes { entries[name]?.outcomes += outcomes }
    }

    // MARK: When

    private func schedule(_ name: String, first: Bool = false, remembered: Timestamp? = nil, after end: JobEnd? = nil) {
        guard let entry = entries[name], !entry.isRunning else { return }
        if entry.isPaused || entry.source.plugin == SourceConfiguration.pushPlugin {
            due.set(name, at: nil)
            return
        }
        if entry.runsAgain {
            entries[name]?.runsAgain = false
            due.set(name, at: .now)
            return
        }
        due.set(name, at: time(entry, first: first, remembered: remembered, after: end))
    }

    private func time(_ entry: Entry, first: Bool, remembered: Timestamp?, after end: JobEnd?) -> Timestamp? {
        let now = Timestamp.now
        var generator = SystemRandomNumberGenerator()
        if case .failed(let failed) = end {
            let bound = failed.kind == .transient ? 3600.0 : 86_400.0
            let first = failed.kind == .transient ? min(5, interval(entry)) : max(60, interval(entry))
            let wait = Backoff(first: first, longest: bound).wait(afterFailures: entry.failures, using: &generator)
            return now.adding(seconds: max(wait, failed.retryAfter ?? 0))
        }
        switch entry.source.schedule {
        case .every(let seconds):
            if first {
                // A due time survives a restart, unless the clock jumped or the interval became shorter.
                guard let remembered, remembered <= now.adding(seconds: seconds * 1.1) else { return now }
                return max(remembered, now)
            }
            let jitter = entry.source.jitter ?? seconds / 20
            return now.adding(seconds: max(seconds + Double.random(in: -jitter...jitter) / 2, 0.05))
        case .cron(let text): return CronExpression(text)?.next(after: now)
        case .onDemand:
            if first { return now }
            // Standard input that has ended never begins again.
            if entry.source.plugin == "stdin" { return nil }
            if case .done(let done) = end, let next = done.next { return now.adding(seconds: max(next, 1)) }
            return now.adding(seconds: Self.defaultInterval)
        }
    }

    private func interval(_ entry: Entry) -> Double {
        if case .every(let seconds) = entry.source.schedule { return seconds }
        return Self.defaultInterval
    }

    // MARK: Commands

    /// Runs a source as soon as possible, even when it is paused.
    func runNow(_ name: String) -> Bool {
        guard let entry = entries[name] else { return false }
        if entry.isRunning {
            entries[name]?.runsAgain = true
            return true
        }
        guard entry.source.plugin != SourceConfiguration.pushPlugin else { return true }
        due.set(name, at: .now)
        wake.push(true)
        return true
    }

    /// Pauses or resumes a source, over restarts.
    func setPaused(_ paused: Bool, _ name: String) async throws -> Bool {
        guard let entry = entries[name] else { return false }
        try await intake.log.durable(committer.setPaused(paused, source: name))
        entries[name]?.isPaused = paused
        if paused {
            due.set(name, at: nil)
            if let job = entry.job, let host = hosts[entry.source.plugin] { await host.cancel(job) }
        } else {
            schedule(name, first: true)
        }
        wake.push(true)
        return true
    }
}

extension Timestamp {
    func adding(seconds: Double) -> Timestamp {
        Timestamp(milliseconds: milliseconds &+ Int64(max(min(seconds, 1e10), -1e10) * 1000))
    }
}
