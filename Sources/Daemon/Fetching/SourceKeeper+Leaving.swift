import Document
import Index
import PluginProtocol

/// How sources that are paused or removed end what their plugins have arranged with others, as that hubs bring what is new.
extension SourceKeeper {
    /// Takes a source out, once what it has arranged with others has ended.
    func remove(_ name: String) async {
        guard let entry = entries[name] else { return }
        due.set(name, in: entry.source.plugin, at: nil)
        entries[name]?.isRemoved = true
        await leave(name)
        if let entry = entries[name], entry.isRemoved, !entry.isRunning, entry.leaving == .no { takeOut(name) }
    }

    /// A removed source has ended; what takes its place begins.
    func takeOut(_ name: String) {
        guard let past = entries[name] else { return }
        entries[name] = nil
        let plugin = past.source.plugin
        if !entries.hasRemoved(of: plugin) { whenUnused.removeValue(forKey: plugin)?() }
        guard let next = successors.removeValue(forKey: name) else { return }
        var entry = Entry(next.source, next.rules, after: Past(outcomes: past.outcomes, isPaused: next.isPaused))
        entry.inFlight = past.inFlight
        entries[name] = entry
        schedule(name, spread: spread)
        wake.push(true)
    }

    /// Tells the plugin that a source is paused or removed. One without a job, as after a failure, is given one for that where
    /// others bring something for it.
    func leave(_ name: String) async {
        guard let entry = entries[name], hosts[entry.source.plugin] != nil else { return }
        if entry.job != nil { return await tellToLeave(name) }
        let run = try? await committer.read { try $0.run(of: name) }
        let subscriptions = FetchReport(run?["report"]).subscriptions
        guard let now = entries[name], now.isPaused || now.isRemoved, now.isRunning || !subscriptions.isEmpty else {
            return
        }
        if now.job != nil { return await tellToLeave(name) }
        entries[name]?.leaving = .begun
        // A job that is being opened is ended as soon as it is open.
        guard !now.isRunning else { return }
        due.set(name, in: entry.source.plugin, at: .now)
        wake.push(true)
    }

    private func tellToLeave(_ name: String) async {
        guard let entry = entries[name], let job = entry.job else { return }
        if entry.leaving == .no { entries[name]?.leaving = .told }
        await hosts[entry.source.plugin]?.cancel(job, forGood: true)
    }

    /// Does something once the last jobs of a plugin's removed sources have ended, which may still tell others something.
    func whenUnused(_ plugin: String, _ action: @escaping @Sendable () -> Void) {
        guard entries.hasRemoved(of: plugin) else { return action() }
        whenUnused[plugin] = action
    }

    /// What was to be done once a plugin is not used any more is not.
    func keepsUsing(_ plugin: String) { whenUnused[plugin] = nil }
}
