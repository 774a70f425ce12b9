import LogRecords
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
    var entries = SourceTable()
    /// A source stands in the lane of its plugin.
    var due = RunQueue(limit: FetcherHost.runLimit)
    var hosts: [String: FetcherHost] = [:]
    private let intake: Intake
    let committer: Committer
    private let daemonLog: DaemonLog
    private let group: any EventLoopGroup
    let wake = AsyncQueue<Bool>()
    private var isStopping = false
    /// What is to be done once no removed source of a plugin runs any more.
    var whenUnused: [String: @Sendable () -> Void] = [:]

    private var spread: Double { Spread.seconds(for: entries.count) }

    init(intake: Intake, committer: Committer, daemonLog: DaemonLog, group: any EventLoopGroup) {
        self.intake = intake
        self.committer = committer
        self.daemonLog = daemonLog
        self.group = group
    }

    // MARK: Configuration

    /// Brings the sources in line with a configuration; what did not change goes on undisturbed.
    func configure(_ sources: [SourceConfiguration], hosts: [String: FetcherHost]) async throws {
        let past = try await past()
        self.hosts = hosts
        if entries.count > 0 {
            let wanted = Set(sources.map(\.name))
            for entry in entries.all where !wanted.contains(entry.source.name) { await remove(entry.source.name) }
        }
        entries.reserve(sources.count)
        var plans: [SourceRules: RunPlan.Rules] = [:]
        var last: (source: SourceConfiguration, rules: RunPlan.Rules)?
        for source in sources {
            let entry = entries[source.name]
            if let entry, !entry.isRemoved, entry.source.isSame(as: source) { continue }
            let rules: RunPlan.Rules
            if let last, last.source.sharesRules(with: source) {
                rules = last.rules
            } else {
                rules = plans[source.rules] ?? source.rules.plan
                plans[source.rules] = rules
            }
            last = (source, rules)
            if let entry {
                due.set(source.name, in: entry.source.plugin, at: nil)
                // One that was removed a moment ago begins anew once that has ended.
                entries[source.name]?.isRemoved = false
                entries[source.name]?.leaving = .no
                entries[source.name]?.source = source
                entries[source.name]?.plan = RunPlan(name: source.name, rules: rules)
                let isPaused = source.paused || past[source.name]?.isPaused == true
                entries[source.name]?.isPaused = isPaused
                if isPaused {
                    await leave(source.name)
                } else if let job = entry.job, let host = hosts[entry.source.plugin] {
                    entries[source.name]?.runsAgain = true
                    await host.cancel(job)
                }
            } else {
                entries[source.name] = Entry(source, rules, after: past[source.name] ?? Past())
            }
            schedule(source.name, spread: spread)
        }
        wake.push(true)
    }

    private func past() async throws -> [String: Past] {
        try await committer.read { index in
            var past: [String: Past] = [:]
            for known in try index.sources() {
                past[known.name] = Past(outcomes: Outcomes(list: known.counts), isPaused: known.paused)
            }
            try index.forEachRun { name, run in
                past[name, default: Past()].memory = RunPlan.Memory(run)
                past[name]?.lastSuccess = run.timestamp("last_success")
                past[name]?.lastError = Fault(run["last_error"])
            }
            return past
        }
    }

    /// A source, for `ingest`.
    func source(_ name: String) -> SourceConfiguration? { entries[name]?.source }

    /// A source, and when it is due.
    func entry(_ name: String) -> (entry: Entry, due: Timestamp?)? {
        entries[name].map { ($0, due.due(name, in: $0.source.plugin)) }
    }

    // MARK: Running

    /// Runs sources as they come due, until the daemon stops.
    func run() async {
        await withDiscardingTaskGroup { tasks in
            let begin = SuspendingClock.now
            var clock = ClockWatch(wall: .now, steady: .zero)
            while !isStopping {
                if let jump = clock.jump(wall: .now, steady: begin.duration(to: .now)) { clockWasSet(by: jump) }
                while let (name, lane) = due.popDue(by: .now) { tasks.addTask { await self.fetch(name, lane) } }
                let timer = due.next.map { next in
                    let milliseconds = min(max(next.milliseconds - Timestamp.now.milliseconds, 1), 60_000)
                    return group.next().scheduleTask(in: .milliseconds(milliseconds)) { [wake] in _ = wake.push(true) }
                }
                _ = await wake.pop()
                timer?.cancel()
                if Task.isCancelled { isStopping = true }
            }
            for entry in entries.all {
                guard let job = entry.job else { continue }
                await hosts[entry.source.plugin]?.cancel(job)
                entries[entry.source.name]?.runsAgain = false
            }
            tasks.cancelAll()
        }
    }

    /// Looks at all times anew: what fell due in a leap does not start all at once, and what is due in a future that has
    /// moved away does not wait for it.
    private func clockWasSet(by milliseconds: Int64) {
        daemonLog.notice("the clock was set by \(milliseconds / 1000) s; runs that fell due are spread")
        for entry in entries.all { schedule(entry.source.name, spread: spread) }
    }

    /// Starts nothing more and asks what runs to end.
    func stop() {
        isStopping = true
        wake.push(true)
    }

    private func fetch(_ name: String, _ lane: String) async {
        guard let entry = entries[name], !entry.isRunning, !isStopping, let host = hosts[entry.source.plugin] else {
            return due.ended(in: lane)
        }
        entries[name]?.isRunning = true
        entries[name]?.lane = lane
        entries[name]?.changesBefore = entry.outcomes.new + entry.outcomes.revised
        entries[name]?.plan.started(at: .now)
        let end: JobEnd
        do {
            let state = try await committer.read { try $0.state(of: name) }
            let job = try await host.open(entry.source, state: state)
            entries[name]?.job = job
            if entries[name]?.leaving == .begun { await host.cancel(job, forGood: true) }
            let observer = Intake.Observer(
                began: { await self.itemBegan(name) }, ended: { outcomes in await self.itemEnded(name, outcomes) },
                watching: { report in await self.watches(name, report) })
            end = await intake.drain(job, host: host, observer: observer)
            host.close(job)
        } catch {
            end = .failed(FailedJob(job: 0, kind: .transient, message: "\(error)"))
        }
        await finished(name, end)
    }

    private func finished(_ name: String, _ end: JobEnd) async {
        giveUpPlace(name)
        guard var entry = entries[name] else { return }
        entry.isRunning = false
        entry.job = nil
        let leaving = entry.leaving
        entry.leaving = .no
        // It may have ended before it heard that it is to leave.
        let leavesAnew = leaving == .told && !isStopping && end.mayHaveArrangements
        if entry.isRemoved {
            entries[name] = entry
            if leavesAnew {
                await leave(name)
                if entries[name]?.leaving == .begun { return }
            }
            guard entries[name]?.isRemoved == true, entries[name]?.isRunning == false else { return }
            entries[name] = nil
            let plugin = entry.source.plugin
            if !entries.hasRemoved(of: plugin) { whenUnused.removeValue(forKey: plugin)?() }
            return
        }
        if leaving == .begun {
            entries[name] = entry
            schedule(name)
            return await remember(name, end.report)
        }
        switch end {
        // It was cut short: what the index remembers of the run before makes it due again at the next start.
        case .done where isStopping:
            entries[name] = entry
            return
        case .done(let done):
            entry.plan.succeeded(
                at: .now, next: done.next, quiet: QuietTimes(hours: done.skipHours, days: done.skipDays),
                changes: entry.outcomes.new + entry.outcomes.revised - entry.changesBefore, again: done.again)
            entry.lastSuccess = .now
            entry.lastError = nil
        case .failed(let failed):
            if !isStopping {
                var generator = SystemRandomNumberGenerator()
                switch failed.kind {
                case .postponed:
                    entry.plan.postponed(at: .now, by: failed.retryAfter ?? 60, using: &generator)
                    daemonLog.info("source \(name): put off: \(failed.message)")
                case .gone: entry.plan.isGone(at: .now)
                default:
                    entry.plan.failed(at: .now, retryAfter: entry.source.rules.retry(after: failed), using: &generator)
                }
                if failed.kind != .postponed {
                    entry.lastError = Fault(what: failed.message, remedy: failed.remedy, time: .now)
                    let remedy = failed.remedy.map { "; \($0)" } ?? ""
                    let end = failed.kind == .gone ? ", it is stopped" : ""
                    daemonLog.warning("source \(name)\(end): \(failed.message)\(remedy)")
                }
            }
        }
        entries[name] = entry
        schedule(name)
        await remember(name, end.report)
        if leavesAnew { await leave(name) }
        wake.push(true)
    }

    /// Another source may run instead.
    private func giveUpPlace(_ name: String) {
        guard let lane = entries[name]?.lane else { return }
        entries[name]?.lane = nil
        due.ended(in: lane)
        wake.push(true)
    }

    /// A source that watches for news works, so its failures are over though its job goes on. That it watches is remembered:
    /// it goes on with that soon after the next start.
    private func watches(_ name: String, _ report: FetchReport) async {
        giveUpPlace(name)
        guard let entry = entries[name], let job = entry.job else { return }
        if !entry.plan.memory.isWatching || entry.failures > 0 {
            entries[name]?.plan.watches(at: .now)
            entries[name]?.lastSuccess = .now
            entries[name]?.lastError = nil
        }
        await remember(name, report)
        // Somebody asked for a run before it watched.
        if entry.runsAgain { await hosts[entry.source.plugin]?.cancel(job) }
    }

    /// What jobs met is only looked at by people: it stands in the index and not in memory.
    private func remember(_ name: String, _ report: FetchReport = FetchReport()) async {
        var sum = FetchReport((try? await committer.read { try $0.run(of: name) })?["report"])
        sum.add(report)
        guard let entry = entries[name] else { return }
        var run = entry.plan.memory.json
        run["report"] = sum.json
        run["last_error"] = entry.lastError?.json
        run["last_success"] = entry.lastSuccess.map { .string($0.description) }
        try? await committer.setRun(of: name, .object(run))
    }

    func itemBegan(_ name: String) { entries[name]?.inFlight += 1 }

    func itemEnded(_ name: String, _ outcomes: Outcomes?) {
        entries[name]?.inFlight -= 1
        if let outcomes { entries[name]?.outcomes += outcomes }
    }

    // MARK: When

    private func schedule(_ name: String, spread: Double = 0) {
        guard let entry = entries[name], !entry.isRunning, !entry.isRemoved, entry.leaving == .no else { return }
        if entry.isPaused || entry.source.plugin == SourceConfiguration.pushPlugin {
            due.set(name, in: entry.source.plugin, at: nil)
        } else if entry.runsAgain {
            entries[name]?.runsAgain = false
            due.set(name, in: entry.source.plugin, at: .now)
        } else {
            due.set(name, in: entry.source.plugin, at: entry.plan.due(now: .now, spread: spread))
        }
    }

    // MARK: Commands

    /// Runs a source as soon as possible, even when it is paused.
    func runNow(_ name: String) async -> Bool {
        guard let entry = entries[name] else { return false }
        if entry.isRunning {
            entries[name]?.runsAgain = true
            // One that only waits for news begins anew.
            if let job = entry.job, job.isWatching { await hosts[entry.source.plugin]?.cancel(job) }
            return true
        }
        guard entry.source.plugin != SourceConfiguration.pushPlugin else { return true }
        due.set(name, in: entry.source.plugin, at: .now)
        wake.push(true)
        return true
    }

    /// Pauses or resumes a source, over restarts.
    func setPaused(_ paused: Bool, _ name: String) async throws -> Bool {
        guard let entry = entries[name] else { return false }
        try await intake.log.durable(committer.setPaused(paused, source: name))
        entries[name]?.isPaused = paused
        if paused {
            due.set(name, in: entry.source.plugin, at: nil)
            await leave(name)
        } else {
            entries[name]?.leaving = .no
            schedule(name)
        }
        wake.push(true)
        return true
    }
}
