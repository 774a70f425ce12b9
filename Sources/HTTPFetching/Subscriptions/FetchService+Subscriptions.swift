import Document
import JSON
import PluginProtocol
import Scheduling

/// What hubs do, and when sources that wait for them are run.
extension FetchService {
    /// What is arranged for a source; nil where nothing is, and nothing is to be.
    func subscribed(
        _ request: FetchRequest, _ settings: SharedSettings, _ configured: [WebAddress]
    ) -> SubscribedSource? {
        guard let subscriptions else { return nil }
        let isKnown =
            subscriptions.sources[request.source] != nil
            || request.state.keys.contains { $0.hasPrefix(StateKey.subscriptionPrefix) }
        guard settings.values.takesPushes || isKnown else { return nil }
        if let fault = subscriptions.start() {
            send(.log(level: .error, message: "\(fault); hubs can bring nothing, feeds are polled", job: nil))
        }
        // What is not wanted any more is looked up to be ended.
        let old = request.state.keys.filter { $0.hasPrefix(StateKey.subscriptionPrefix) }
            .compactMap { try? WebAddress(String($0.dropFirst(StateKey.subscriptionPrefix.count))) }
        let addresses = settings.values.takesPushes ? configured + old : old
        return subscriptions.source(
            request.source, addresses: addresses, state: request.state, limit: request.maximumItemSize)
    }

    /// Lets a job that has brought everything wait for what hubs bring.
    /// - Returns: false where nothing is to come.
    func watch(_ job: FetchJob) -> Bool {
        guard let source = job.subscribed, job.failures.isEmpty, !job.isCancelled, source.pushes.isEmpty,
            source.isOfUse(.now)
        else { return false }
        job.isWatching = true
        source.watching = job
        // What the job has learned is kept whether or not it comes to its end.
        if case .done(let done) = job.done { job.checkpoint(done.state) }
        job.stateChanges = [:]
        while let outgoing = job.nextItem() { send(outgoing.message, body: outgoing.body) }
        tell(of: job, source)
        return true
    }

    private func tell(of job: FetchJob, _ source: SubscribedSource) {
        send(.watching(job: job.request.job, report: report(of: job)))
        job.report = FetchReport()
        job.lastFrame = MonotonicClock.milliseconds
        subscriptions?.times.set(
            source.name, at: Timestamp(milliseconds: Int64(clamping: source.wakeTime(.now))))
    }

    /// What a job met, and what is arranged with hubs.
    func report(of job: FetchJob) -> FetchReport {
        var report = job.finishedReport(at: MonotonicClock.milliseconds)
        guard let source = job.subscribed else { return report }
        let now = Timestamp.now
        for subscription in source.subscriptions.values where subscription.state.hub != nil {
            guard case .object(var members) = subscription.state.shown(now) else { continue }
            if let fault = subscriptions?.fault { members["problem"] = .string(fault) }
            if job.isWatching {
                let wait = Double(source.nextPoll) - Double(MonotonicClock.milliseconds)
                members["next_poll"] = .string(now.adding(wait / 1000).description)
            }
            report.subscriptions[subscription.address.text] = .object(members)
        }
        return report
    }

    /// When the first source that waits for hubs is to be run, on the monotonic clock.
    var nextSubscriptionTime: UInt64? {
        guard let subscriptions else { return nil }
        return [subscriptions.times.next.map { UInt64(clamping: $0.milliseconds) }, subscriptions.nextEndTime]
            .compactMap { $0 }.min()
    }

    /// Runs sources whose addresses are to be looked at, or whose hubs are to be asked again, and ends the wait for hubs that
    /// do not ask back.
    func wakeSubscribed() {
        guard let subscriptions else { return }
        let milliseconds = MonotonicClock.milliseconds
        while let id = subscriptions.overdueEnd(milliseconds) {
            guard let job = subscriptions.endIsOver(id) else { continue }
            let seconds = subscriptions.options.patience / 1000
            job.endIsOver(id, problem: "has not asked back within \(seconds) s whether its end is meant")
            advance(job)
        }
        let now = Timestamp(milliseconds: Int64(clamping: milliseconds))
        while let name = subscriptions.times.popDue(by: now) {
            guard let source = subscriptions.sources[name] else { continue }
            runAgain(source)
        }
    }

    /// Ends the job of a source, which is begun again at once with what it has committed.
    private func runAgain(_ source: SubscribedSource) {
        guard let job = source.watching, case .done(var done) = job.done else { return }
        source.skipsPoll = true
        done.again = true
        close(job, with: .done(done))
    }

    /// Takes what hubs did.
    func takePushes() {
        guard let subscriptions else { return }
        var changed: [ObjectIdentifier: SubscribedSource] = [:]
        for event in subscriptions.receiver.takeEvents() {
            switch event {
            case .confirmed(let id, let lease):
                guard let (source, subscription) = subscriptions.owner(id) else { continue }
                let now = Timestamp.now
                subscription.state.confirmed = max(now, subscription.state.requested ?? now)
                subscription.state.lease = min(lease ?? subscriptions.options.lease, 365 * 86_400)
                (subscription.state.problem, subscription.state.failures, subscription.state.retry) = (nil, 0, nil)
                changed[ObjectIdentifier(source)] = source
            case .ended(let id):
                guard let job = subscriptions.endIsOver(id) else { continue }
                job.endIsOver(id)
                advance(job)
            case .denied(let id, let reason):
                guard let (source, subscription) = subscriptions.owner(id) else { continue }
                let words = reason.filter { $0 >= " " }
                subscription.state.failed(
                    "the hub denied the subscription" + (words.isEmpty ? "" : ": \(words)"), wait: 86_400, now: .now)
                subscription.state.lease = nil
                changed[ObjectIdentifier(source)] = source
            case .ignored(let id):
                guard let (_, subscription) = subscriptions.owner(id) else { continue }
                subscription.state.ignored += 1
            case .content(let push):
                guard let (source, _) = subscriptions.owner(push.id) else {
                    subscriptions.receiver.answer(push.number, .again)
                    continue
                }
                source.pushes.append(push)
                // What says nothing of what is new sends us to look.
                if push.body.isEmpty { source.nextPoll = 0 }
                runAgain(source)
            case .withdrawn(let id, let number):
                subscriptions.owner(id)?.source.pushes.removeAll { $0.number == number }
            }
        }
        for source in changed.values {
            guard let job = source.watching else { continue }
            guard source.isOfUse(.now) else {
                close(job, with: job.done)
                continue
            }
            job.checkpoint(source.takeChanges())
            advance(job)
            tell(of: job, source)
        }
    }
}
