/// The writer: a loop around ``step(sync:)``, which does all the work and can be called by a test instead.
extension WriteAheadLog {
    /// What a step came to.
    package enum Outcome: Equatable {
        /// All that was queued is written, and synced where that was asked for.
        case done
        /// There is no space; the next step tries again.
        case full
        /// The log has stopped for good.
        case failed
    }

    /// Takes what is queued, writes it and, with `sync`, makes it durable; then tells those who wait.
    package func step(sync: Bool = true) -> Outcome {
        lock.lock()
        let group = queue
        queue = []
        (takenBytes, queuedBytes) = (takenBytes + queuedBytes, 0)
        lock.unlock()
        writer.add(group)
        for attempt in 1...2 {
            do throws(LogError) {
                try writer.flush(sync: sync)
                publish(state: .open)
                return .done
            } catch {
                writer.abandon()
                // What was sealed on the way is durable.
                if error.isFull {
                    publish(state: .full(error.description))
                    return .full
                }
                publish(state: nil)
                // One file that can't be written is given up; two in a row mean the disk.
                if attempt == 2 { fail(error) }
            }
        }
        return .failed
    }

    func writeUntilClosed() {
        var lastSync = ContinuousClock.now
        var syncDuration = Duration.zero
        while waitForWork(lastSync: lastSync, syncDuration: syncDuration) {
            let begin = ContinuousClock.now
            var mustSync = true
            if case .interval(let interval) = options.sync {
                mustSync =
                    begin - lastSync >= interval || writer.unsyncedBytes >= options.pendingLimit || takeNeedOfSync()
            }
            switch step(sync: mustSync) {
            case .done:
                if mustSync {
                    lastSync = .now
                    syncDuration = lastSync - begin
                }
            case .full:
                lock.lock()
                let isClosing = isClosing
                if !isClosing { lock.wait(atMost: .seconds(1)) }
                lock.unlock()
                if isClosing { return end() }
            case .failed: break
            }
        }
        end()
    }

    private func takeNeedOfSync() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        defer { needsSync = false }
        return needsSync
    }

    /// Sleeps until there is something to write or to sync; false when the log is to end.
    private func waitForWork(lastSync: ContinuousClock.Instant, syncDuration: Duration) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        while queue.isEmpty && !writer.hasUnwritten && !isClosing && failure == nil {
            if needsSync { return true }
            if case .interval(let interval) = options.sync, writer.unsyncedBytes > 0 {
                let due = lastSync + interval
                if ContinuousClock.now >= due { return true }
                lock.wait(atMost: due - .now)
            } else {
                lock.wait()
            }
        }
        if failure != nil { return false }
        if isClosing { return !queue.isEmpty || writer.hasUnwritten }
        gather(syncDuration)
        return true
    }

    /// Those whose batches have just become durable are likely to bring the next ones at once. Waiting for them a fraction
    /// of what a sync costs lets them share it.
    private func gather(_ syncDuration: Duration) {
        guard acknowledged > 1, queue.count < acknowledged else { return }
        wakeAt = acknowledged
        lock.wait(atMost: min(syncDuration / 4, .microseconds(500)))
        wakeAt = 1
    }

    /// Makes visible what the writer has done, and wakes those who waited for it.
    private func publish(state newState: LogStatistics.State?) {
        lock.lock()
        if let newState { state = newState }
        for segment in writer.takeChanges() { insert(segment) }
        syncs = writer.syncs
        // With an interval, what is written counts.
        syncedPosition = writer.synced
        let position = options.sync == .always ? writer.synced : max(writer.lastWritten, durablePosition)
        let isNews = position > durablePosition
        durablePosition = position
        // With an interval, a batch that was called durable may have to be written again; until then it is in no file.
        readable = min(position, writer.lastWritten)
        while let last = segments.last, last.firstPosition > readable { segments.removeLast() }
        takenBytes = writer.unwrittenBytes
        measure()
        var ready: [UnsafeContinuation<Void, any Error>] = []
        waiting.removeAll { entry in
            guard entry.position <= position else { return false }
            ready.append(entry.continuation)
            return true
        }
        acknowledged = ready.count
        var refused: [(Waiter, LogError)] = []
        waiting.removeAll { waiter in
            guard let reason = refusal(of: waiter) else { return false }
            refused.append((waiter, reason))
            return true
        }
        var roomy: [UnsafeContinuation<Void, Never>] = []
        if queuedBytes + takenBytes < options.pendingLimit { swap(&roomy, &waitingForRoom) }
        let admitted = takeAdmitted()
        let observers = observers.values
        lock.broadcast()
        lock.unlock()
        for admission in admitted { admission.continuation.resume() }
        for continuation in ready { continuation.resume() }
        for (waiter, reason) in refused { waiter.continuation.resume(throwing: reason) }
        for continuation in roomy { continuation.resume() }
        if isNews { for observer in observers { observer() } }
    }

    private func insert(_ segment: Segment) {
        guard segment.firstPosition <= writer.lastWritten else { return }
        while let last = segments.last, last.firstPosition >= segment.firstPosition { segments.removeLast() }
        segments.append(segment)
    }

    private func fail(_ error: LogError) {
        lock.lock()
        failure = error
        state = .failed(error.description)
        queue = []
        let abandoned = waiting
        waiting = []
        let roomy = waitingForRoom
        waitingForRoom = []
        let held = waitingForSize
        waitingForSize = []
        lock.broadcast()
        lock.unlock()
        for admission in held { admission.continuation.resume(throwing: error) }
        for entry in abandoned { entry.continuation.resume(throwing: error) }
        for continuation in roomy { continuation.resume() }
    }

    /// Ends a log that has been closed, or has failed.
    package func end() {
        if failure == nil {
            do throws(LogError) {
                guard !writer.hasUnwritten else { throw LogError(.stopped, "closed while there was no space") }
                try writer.close()
                publish(state: .closed)
            } catch {
                writer.abandon()
                fail(error)
            }
        }
        lock.lock()
        hasEnded = true
        let abandoned = waiting
        waiting = []
        lock.broadcast()
        lock.unlock()
        for entry in abandoned { entry.continuation.resume(throwing: LogError(.stopped, "the log is closed")) }
    }
}
