import Configuration
import Document
import Index
import LogRecords
import Scheduling

/// The sources that a configuration asks for.
extension SourceKeeper {
    /// Brings the sources in line with a configuration; what did not change goes on undisturbed.
    func configure(_ sources: [SourceConfiguration], hosts: [String: FetcherHost]) async throws {
        let past = try await past()
        self.hosts = hosts
        successors = [:]
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
            if let entry, entry.source.plugin != source.plugin {
                successors[source.name] = Successor(
                    source: source, rules: rules, isPaused: past[source.name]?.isPaused == true)
                await remove(source.name)
                continue
            } else if let entry {
                due.set(source.name, in: entry.source.plugin, at: nil)
                // One that was removed a moment ago begins anew once that has ended.
                entries[source.name]?.isRemoved = false
                entries[source.name]?.leaving = .no
                entries[source.name]?.source = source
                entries[source.name]?.plan = RunPlan(name: source.name, rules: rules)
                let isPaused = source.paused || past[source.name]?.isPaused == true
                entries[source.name]?.isPaused = isPaused
                if isPaused {
                    entries[source.name]?.runsAgain = false
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
    func source(_ name: String) -> SourceConfiguration? { successors[name]?.source ?? entries[name]?.source }

    /// A source, and when it is due.
    func entry(_ name: String) -> (entry: Entry, due: Timestamp?)? {
        entries[name].map { ($0, due.due(name, in: $0.source.plugin)) }
    }
}
