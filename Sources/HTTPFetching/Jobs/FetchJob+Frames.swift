import JSON
import PluginProtocol

/// The frames that a job has for the core.
extension FetchJob {
    /// Lines of one job in the log.
    static let mostNotes = 20
    /// Bytes of changes to the state in one frame, about; the core takes frames of 16 MiB.
    private static let largestChange = 1 << 20

    /// Bytes of bodies that were given up since it was asked the last time.
    func takeAbandoned() -> Int {
        defer { abandoned = 0 }
        return abandoned
    }

    func takeNotes() -> [String] {
        defer { notes = [] }
        return notes
    }

    /// The core has everything up to `item` on stable storage.
    func acknowledge(_ item: Int64) {
        while let first = unacknowledged.first, first.item <= item {
            unacknowledgedBytes -= first.bytes
            _ = unacknowledged.popFirst()
        }
        while let first = unsettled.first, first.item <= item {
            _ = unsettled.popFirst()
            subscribed?.registry.receiver.answer(first.push.number, first.answer)
        }
    }

    /// The next item that the window has room for.
    func nextItem() -> Outgoing? {
        while case .settled(let push, let answer) = ready.first {
            _ = ready.popFirst()
            if unacknowledged.isEmpty {
                subscribed?.registry.receiver.answer(push.number, answer)
            } else {
                unsettled.append((lastItem, push, answer))
            }
        }
        guard let entry = ready.first else { return nil }
        switch entry {
        case .settled: return nil
        case .checkpoint(let state):
            _ = ready.popFirst()
            return Outgoing(
                message: .checkpoint(Checkpoint(job: request.job, item: number(bytes: 0), state: state)))
        case .rejected(var item):
            _ = ready.popFirst()
            itemCount += 1
            item.item = number(bytes: 0)
            return Outgoing(message: .rejected(item))
        case .item(var item, let body, let held):
            guard unacknowledged.isEmpty || unacknowledgedBytes + body.count <= request.window else { return nil }
            _ = ready.popFirst()
            itemCount += 1
            item.item = number(bytes: body.count)
            if savesCookies, let change = takeCookieChange() { item.state[StateKey.cookies] = change }
            return Outgoing(message: .item(item), body: body, held: held)
        }
    }

    /// Whether the core would take an item of some size at once.
    func hasRoom(for bytes: Int) -> Bool {
        ready.isEmpty && (unacknowledged.isEmpty || unacknowledgedBytes + bytes <= request.window)
    }

    private func number(bytes: Int) -> Int64 {
        lastItem += 1
        unacknowledged.append((lastItem, bytes))
        unacknowledgedBytes += bytes
        return lastItem
    }

    /// Whether nothing is left to do.
    var isIdle: Bool {
        pending.isEmpty && active.isEmpty && ready.isEmpty && revisits.isEmpty && unsettled.isEmpty
    }

    /// The last frame of the job, once nothing is left to do and no hub is waited for.
    var ending: PluginMessage? {
        guard isIdle, openEnds.isEmpty else { return nil }
        if disallowed > 0 {
            note("robots.txt keeps \(disallowed) addresses from being fetched")
            disallowed = 0
        }
        if jar?.hasDropped == true {
            let limits = CookieJar.limits
            note(
                "of its cookies the shortest are kept: there are more than \(limits.count), or \(limits.bytes) bytes of them"
            )
        }
        if noteCount > Self.mostNotes {
            notes.append("\(noteCount - Self.mostNotes) more lines like these are left out")
            noteCount = 0
        }
        return failures.isEmpty || isCancelled ? done : .failed(summary)
    }

    /// Takes changes that are too large for the job's last frame out of it, as frames that go before it.
    func splitChanges(of ending: PluginMessage) -> PluginMessage {
        func isLarge(_ changes: [String: JSONValue]) -> Bool {
            var size = 0
            for (key, value) in changes {
                size += key.utf8.count + value.roughSize
                if size > Self.largestChange { return true }
            }
            return false
        }
        switch ending {
        case .done(var done) where isLarge(done.state):
            checkpoint(done.state)
            done.state = [:]
            return .done(done)
        case .failed(var failed) where isLarge(failed.state):
            checkpoint(failed.state)
            failed.state = [:]
            return .failed(failed)
        default: return ending
        }
    }

    /// The frame that answers `cancel`.
    var done: PluginMessage {
        var done = FinishedJob(
            job: request.job, state: finalState(), next: isFresh ? next : nil,
            unchanged: itemCount == 0 && fetched == total)
        done.again = !isCancelled && subscribed.map { !$0.pushes.isEmpty } ?? false
        if done.again { subscribed?.skipsPoll = true }
        done.skipHours = skipped?.hours.sorted() ?? []
        done.skipDays = skipped?.days.sorted() ?? []
        return .done(done)
    }

    /// Milliseconds without a frame after which the job shows that it lives: less than a third of the time after which the core takes
    /// its plugin for one that hangs, so that one or two such lines may come late.
    /// - Parameter longest: the wait of jobs whose sources are more patient than that.
    func heartbeat(atMost longest: UInt64) -> UInt64 { min(longest, UInt64(settings.timeout * 300)) }

    /// A line that shows that the job lives.
    var progress: PluginMessage {
        .log(
            level: .debug, message: "\(fetched) of \(total) fetched, \(active.count) on their way", job: request.job)
    }

    private func finalState() -> [String: JSONValue] {
        var changes = stateChanges
        if let change = takeCookieChange() { changes[StateKey.cookies] = change }
        changes.merge(subscribed?.takeChanges() ?? [:]) { $1 }
        for (key, json) in request.state where key.hasPrefix(RobotsRecord.keyPrefix) && changes[key] == nil {
            if RobotsRecord(json)?.isCurrent(.now) != true { changes[key] = .null }
        }
        for (key, json) in sitemapStates {
            // Without its validators the next run reads the sitemap again, and finds what this one left.
            let known: JSONValue = isComplete && failures.isEmpty ? json : .null
            if known != request.state[key] ?? .null { changes[key] = known }
        }
        forgetOldEntries(&changes)
        if knowsAllPages, failures.isEmpty {
            for key in request.state.keys where !seen.contains(key) && StateKey.isAddress(key) {
                changes[key] = .null
            }
        }
        forgetBeyondRoom(&changes)
        return changes
    }

    /// Milliseconds from one time that cookies go with an item or a checkpoint to the next: there are servers that change one
    /// with each answer. The first change goes at once, so that a run that is killed need not log in again.
    private static let cookieInterval: UInt64 = 5000

    private var savesCookies: Bool {
        jar != nil && MonotonicClock.milliseconds &- storedCookies.since >= Self.cookieInterval
    }

    /// Writes cookies that have changed down where no item is at hand that they could go with.
    func saveCookies() {
        guard savesCookies, ready.isEmpty, !(pending.isEmpty && active.isEmpty), let change = takeCookieChange() else {
            return
        }
        ready.append(.checkpoint([StateKey.cookies: change]))
    }

    /// What is to be remembered of cookies, where that differs from what the core has.
    private func takeCookieChange() -> JSONValue? {
        guard jar != nil || storedCookies.value != nil else { return nil }
        let kept = jar?.json
        if kept == storedCookies.value { return nil }
        storedCookies = (kept, MonotonicClock.milliseconds)
        return kept ?? .null
    }

    /// The failures as one; each was logged by itself before if there are several addresses.
    private var summary: FailedJob {
        let order: [FailureKind] = [.transient, .configuration, .permanent, .gone, .postponed]
        let worst = order.lazy.compactMap { kind in self.failures.first { $0.kind == kind } }.first
        let message = worst?.message ?? "failed"
        var kind = worst?.kind ?? .transient
        // What still has something to bring goes on.
        if kind == .gone, failures.count < total { kind = .permanent }
        return FailedJob(
            job: request.job, kind: kind,
            message: total == 1 ? message : "\(failures.count) of \(total) addresses failed, such as: \(message)",
            remedy: worst?.remedy, retryAfter: failures.compactMap(\.retryAfter).max(), state: finalState())
    }
}
