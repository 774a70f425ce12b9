import Index
import SQLite
import WriteAheadLog

/// The index's life: opened, told what stands in the log, ended in step with it, and made anew when it can't be used.
extension Committer {
    private static let documentsPerTransaction = 20_000

    func openedIndex() throws -> Index {
        guard let index else { throw LogError(.stopped, "the index is not open") }
        return index
    }

    /// Tells the index what stands in the log up to `position`; returns why it could not be told.
    func note(_ position: UInt64, records: Int = 1, _ body: (Index) throws -> Void) -> (any Error)? {
        do {
            let index = try openedIndex()
            try body(index)
            index.advance(to: position)
            uncommitted += records
            return nil
        } catch {
            return error
        }
    }

    /// Opens the index and brings it up to the log.
    func openIndex() async throws {
        isRestoring = true
        defer { open { isRestoring = false } }
        do { try await openAndReplay() } catch let error as SQLiteError where Index.isDamage(error) {
            try await openAndReplay(damage: error)
        }
    }

    /// - Parameter damage: why the index that is there can't be trusted.
    private func openAndReplay(damage: SQLiteError? = nil) async throws {
        index = nil
        uncommitted = 0
        if let damage, let kept = try Index.setAside(directory: indexDirectory) {
            daemonLog.warning("the index is made anew from the log: \(damage); set aside as \(kept)")
        }
        let opened = try openUntrimmed() ?? openFromSnapshot()
        let from = opened.position
        let replayed = try await Replay.run(log: log, into: opened)
        if replayed.records > 0 {
            daemonLog.info(
                "replayed \(replayed.records) records of the log, those behind position \(from), into the index")
        }
        for fault in replayed.faults {
            daemonLog.error("the log is damaged: \(fault); what is whole around it stays readable")
        }
        index = opened
        health.withLock { $0 = IndexHealth(position: opened.position, replayed: replayed.records) }
    }

    /// Opens the index; nil when it lacks what was trimmed from the log, which only the snapshot knows.
    private func openUntrimmed() throws -> Index? {
        let opened = try Index.open(directory: indexDirectory, lastPosition: log.statistics.last)
        if let reason = opened.setAside { daemonLog.warning("the index is made anew from the log: \(reason)") }
        let position = opened.index.position
        guard position + 1 < log.first || (position == 0 && log.snapshotPosition > 0) else { return opened.index }
        opened.index.close()
        return nil
    }

    private func openFromSnapshot() throws -> Index {
        _ = try Index.setAside(directory: indexDirectory)
        let index = try Index.open(directory: indexDirectory, lastPosition: log.statistics.last).index
        let faults = try log.readSnapshot { try index.apply(snapshot: $0.kind, $0.bytes) }
        for fault in faults {
            daemonLog.error("the log's snapshot is damaged: \(fault); what it said of documents is taken as new")
        }
        index.advance(to: max(log.snapshotPosition, log.first - 1))
        try index.commit()
        daemonLog.info("the index begins with the log's snapshot, which is good to position \(log.snapshotPosition)")
        return index
    }

    /// Writes what the index on disk says beside the log, so that the log's older segments can go.
    func writeSnapshot() async throws {
        await commitIndex()
        try Self.writeSnapshot(of: indexDirectory, to: log)
    }

    private static func writeSnapshot(of directory: String, to log: WriteAheadLog) throws {
        try Index.withSnapshot(directory: directory, first: log.first) { position, records in
            try log.writeSnapshot(at: position) { writer in
                try records { kind, bytes in try writer.append(kind: kind, bytes) }
            }
        }
    }

    /// Notes that the log begins at `first` now.
    func forgetPlaces(before first: UInt64) async throws {
        await passGate()
        if let failure = note(0, { try $0.forgetPlaces(before: first) }) { try await restoreIndex(after: failure) }
    }

    /// Opens the index anew after an error, set aside first where it is damaged, and returns once it knows all of the log.
    func restoreIndex(after error: any Error) async throws {
        guard !isRestoring else {
            while isRestoring { await sleepUntilOpen() }
            return
        }
        isRestoring = true
        defer { open { isRestoring = false } }
        var cause = error
        while true {
            daemonLog.error("the index can't be used, and is brought up from the log again: \(cause)")
            let reason = cause
            health.withLock { health in
                health.fault = "\(reason)"
                health.isFull = (reason as? SQLiteError)?.isFull == true
            }
            let damage = (cause as? SQLiteError).flatMap { Index.isDamage($0) ? $0 : nil }
            do {
                // Replaying reads only what is durable, and all that was appended must be in it.
                try await log.durable(log.statistics.last)
                return try await openAndReplay(damage: damage)
            } catch let error as SQLiteError {
                cause = error
                try await Task.sleep(for: .seconds(2))
            }
        }
    }

    /// Ends the index's transaction once the log is durable that far. Nothing is added to it meanwhile.
    func commitIndex() async {
        guard let ending = index, ending.hasChanges, !isEndingTransaction, !isRestoring else { return }
        isEndingTransaction = true
        defer { open { isEndingTransaction = false } }
        // A log that has failed says so itself. One that is full must not keep sinks from going on, which may be what makes room.
        guard (try? await log.durable(ending.position, unlessFull: true)) != nil, index === ending else { return }
        do {
            try ending.commit()
            uncommitted = 0
            health.withLock { $0.position = ending.position }
        } catch {
            try? await restoreIndex(after: error)
        }
    }

    /// Ends the last transaction and writes what the index has not written yet; nothing is committed behind it.
    func close() async {
        await commitIndex()
        index?.close()
    }

    /// Waits while the index takes nothing.
    func passGate() async {
        while isEndingTransaction || isRestoring { await sleepUntilOpen() }
    }

    func sleepUntilOpen() async {
        await withCheckedContinuation { waiting.append($0) }
    }

    private func open(_ change: () -> Void) {
        change()
        let woken = waiting
        waiting = []
        for continuation in woken { continuation.resume() }
    }

    /// Whether the open transaction has grown so large that it should end now.
    var isTransactionLarge: Bool { uncommitted >= Self.documentsPerTransaction }
}
