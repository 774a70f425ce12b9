import Configuration

/// What people ask of sources.
extension SourceKeeper {
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
        guard entries[name] != nil else { return false }
        try await intake.log.durable(committer.setPaused(paused, source: name))
        guard let entry = entries[name] else { return true }
        successors[name]?.isPaused = paused
        guard !entry.isRemoved else { return true }
        entries[name]?.isPaused = paused
        if paused {
            entries[name]?.runsAgain = false
            due.set(name, in: entry.source.plugin, at: nil)
            await leave(name)
        } else {
            // What the pause has ended, or is about to end, is arranged anew.
            if entry.leaving != .no { entries[name]?.runsAgain = true }
            entries[name]?.leaving = .no
            schedule(name)
        }
        wake.push(true)
        return true
    }
}
