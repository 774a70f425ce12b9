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
    let intake: Intake
    let committer: Committer
    private let daemonLog: DaemonLog
    private let group: any EventLoopGroup
    let wake = AsyncQueue<Bool>()
    private var isStopping = false
    /// What is to be done once no removed source of a plugin runs any more.
    var whenUnused: [String: @Sendable () -> Void] = [:]
    /// What takes the places of removed sources whose names have other plugins now.
    var successors: [String: Successor] = [:]

    var spread: Double { Spread.seconds(for: entries.count) }

    init(intake: Intake, committer: Committer, daemonLog: DaemonLog, group: any EventLoopGroup) {
        self.intake = intake
        self.committer = committer
        self.daemonLog = daemonLog
        self.group = group
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
            // What others do not bring any more is not shown for what takes its place.
            if successors[name] != nil { await remember(name, end.report) }
            guard entries[name]?.isRemoved == true, entries[name]?.isRunning == false else { return }
            return takeOut(name)
        }
        if leaving == .begun {
            entry.plan.wasCutShort()
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
                changes: entry.outcomes.new + entry.outcomes.revised - entry.changesBefore,
                // What it has ended with others it is to arrange anew as soon as it may run.
                again: done.again || leaving == .told)
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

    func schedule(_ name: String, spread: Double = 0) {
        guard let entry = entries[name], !entry.isRunning, !entry.isRemoved, entry.leaving == .no else { return }
        if entry.source.plugin == SourceConfiguration.pushPlugin {
            due.set(name, in: entry.source.plugin, at: nil)
        } else if entry.runsAgain {
            entries[name]?.runsAgain = false
            due.set(name, in: entry.source.plugin, at: .now)
        } else if entry.isPaused {
            due.set(name, in: entry.source.plugin, at: nil)
        } else {
            due.set(name, in: entry.source.plugin, at: entry.plan.due(now: .now, spread: spread))
        }
    }
}
