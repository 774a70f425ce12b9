import Document
import JSON
import PluginProtocol

/// What a job arranges with hubs, and takes from them.
extension FetchJob {
    /// Takes what hubs have brought since the last job, and ends subscriptions that are not wanted any more.
    func beginSubscriptions() {
        let isWanted = subscribed != nil && settings.takesPushes
        let wanted = isWanted ? Set(addresses.map(\.text) + discoveredFeeds.map(\.feed.text)) : []
        for key in request.state.keys where key.hasPrefix(StateKey.subscriptionPrefix) {
            if !wanted.contains(String(key.dropFirst(StateKey.subscriptionPrefix.count))) { stateChanges[key] = .null }
        }
        guard let subscribed else { return }
        for (address, subscription) in subscribed.subscriptions where !wanted.contains(address) {
            subscribed.subscriptions[address] = nil
            leave(subscription)
        }
        let now = MonotonicClock.milliseconds
        for push in subscribed.takePushes() where push.expires > now { take(push) }
    }

    private func take(_ push: PushedContent) {
        guard let subscribed, let (_, subscription) = subscribed.registry.owner(push.id) else { return }
        let address = subscription.address
        let place = state(of: address).effective.flatMap { try? WebAddress($0) } ?? address
        let answer = Answer(push, of: place)
        subscription.state.received += 1
        subscription.state.lastPush = .now
        var changes = subscribed.takeChanges()
        let page = discoveredFeeds.first { $0.feed.text == address.text }?.page
        let target = FetchTarget(
            address: address, configured: page ?? address, role: .configured, state: AddressState())
        if settings.follow == .entries,
            let feed = FeedEntries(answer.body, mediaType: answer.type?.mediaType, charset: answer.type?.charset)
        {
            let isKept = queue(feed, of: target, at: place, &changes)
            checkpoint(changes)
            // The rest is taken when it is brought again: what was taken now is known then.
            return ready.append(.settled(push, isKept ? .taken : .again))
        }
        var description = ItemDescription(
            uri: place.text, key: address.text,
            mediaType: settings.kind.mediaType(stated: answer.type?.mediaType, body: answer.body))
        description.charset = answer.type?.charset
        description.fetched = .now
        var item = FetchedItem(job: request.job, item: 0, description: description)
        item.state = changes
        if let pointer = settings.records {
            _ = take(recordsAt: pointer, item, answer)
            fetched += 1
        } else {
            ready.append(.item(item, answer.body, held: 0))
        }
        ready.append(.settled(push, .taken))
    }

    // MARK: Hubs that addresses name

    /// Notes which hub an answer names.
    func note(hubOf answer: Answer, _ target: FetchTarget, now: Timestamp) {
        // A feed that was just found.
        if let subscribed, settings.takesPushes, subscribed.subscriptions[target.address.text] == nil {
            subscribed.subscriptions[target.address.text] = Subscription(target.address, committed: nil)
        }
        guard subscribed?.subscriptions[target.address.text] != nil else { return }
        note(HubLinks(answer).choice(at: answer.place), target, now: now)
    }

    /// Notes which hub the header of an answer without content names.
    func note(hubIn header: String?, _ target: FetchTarget, now: Timestamp) {
        let links = HubLinks(header: header)
        guard subscribed?.subscriptions[target.address.text] != nil, !links.hubs.isEmpty, links.topic != nil else {
            return
        }
        note(links.choice(at: target.address), target, now: now)
    }

    private func note(_ choice: (hub: WebAddress, topic: WebAddress)?, _ target: FetchTarget, now: Timestamp) {
        guard let subscription = subscribed?.subscriptions[target.address.text] else { return }
        let (hub, topic) = (choice?.hub.text, choice?.topic.text)
        guard subscription.state.hub != hub || subscription.state.topic != topic else { return }
        leave(subscription)
        subscription.state = SubscriptionState()
        (subscription.state.hub, subscription.state.topic) = (hub, topic)
    }

    // MARK: Requests

    /// Queues what hubs are to be asked, once for each job.
    /// - Returns: whether there is something.
    func queueHubRequests() -> Bool {
        guard let subscribed else { return false }
        if !failures.isEmpty, isGone, !subscribed.subscriptions.isEmpty {
            endSubscriptions()
            return !pending.isEmpty
        }
        guard !hasAskedHubs, !isCancelled, settings.takesPushes, failures.isEmpty, subscribed.registry.fault == nil
        else { return false }
        hasAskedHubs = true
        let now = Timestamp.now
        var isAny = false
        for subscription in subscribed.subscriptions.values where isDue(subscription, now: now) {
            guard let target = subscribe(subscription, now: now) else { continue }
            pending.append(target)
            isAny = true
        }
        if isAny { checkpoint(subscribed.takeChanges()) }
        return isAny
    }

    private func isDue(_ subscription: Subscription, now: Timestamp) -> Bool {
        guard let options = subscribed?.registry.options, subscription.state.hub != nil else { return false }
        if let base = subscription.state.base, base != options.callback {
            // Hubs reach the listener elsewhere now.
            let (hub, topic) = (subscription.state.hub, subscription.state.topic)
            leave(subscription)
            subscription.state = SubscriptionState()
            (subscription.state.hub, subscription.state.topic) = (hub, topic)
            return true
        }
        let state = subscription.state
        if state.isOpen(now) { return false }
        if let requested = state.requested, state.confirmed.map({ $0 < requested }) ?? true {
            subscription.state.failed("the hub did not confirm the subscription", wait: nil, now: now)
            return false
        }
        if let retry = state.retry, retry > now { return false }
        // A hub may give leases of no time.
        if let requested = state.requested, requested.adding(options.pause) > now { return false }
        return !state.isLive(now) || state.renewal(pause: options.pause).map { $0 <= now } ?? false
    }

    private func subscribe(_ subscription: Subscription, now: Timestamp) -> FetchTarget? {
        guard let subscribed,
            let hub = (subscription.state.moved ?? subscription.state.hub).flatMap({ try? WebAddress($0) }),
            let topic = subscription.state.topic
        else { return nil }
        let options = subscribed.registry.options
        let id = subscription.state.id ?? Subscriptions.random(1)
        let secret = subscription.state.secret ?? Subscriptions.random(2)
        (subscription.state.id, subscription.state.secret) = (id, secret)
        subscription.state.base = options.callback
        subscription.state.requested = now
        subscribed.registry.serve(subscription, of: subscribed, limit: sizeLimit)
        let request = HubRequest(
            mode: .subscribe, about: subscription.address, hub: hub, topic: topic, callback: options.callback + id,
            secret: secret, lease: options.lease)
        return target(request)
    }

    private func target(_ request: HubRequest) -> FetchTarget {
        FetchTarget(address: request.hub, configured: request.hub, role: .hub(request), state: AddressState())
    }

    /// Ends a subscription with its hub, where there is one.
    private func leave(_ subscription: Subscription) {
        let state = subscription.state
        guard let subscribed, let id = state.id, let base = state.base, let topic = state.topic,
            let hub = (state.moved ?? state.hub).flatMap({ try? WebAddress($0) })
        else { return }
        subscribed.registry.retire(state)
        ask(
            HubRequest(mode: .unsubscribe, about: subscription.address, hub: hub, topic: topic, callback: base + id))
    }

    /// Asks a hub to end a subscription; the job stays open until that has asked back.
    private func ask(_ end: HubRequest) {
        pending.append(target(end))
        openEnds[end.id] = OpenEnd(request: end)
        subscribed?.registry.expectEnd(end.id, self)
    }

    /// Ends all subscriptions: the source is paused or not configured any more.
    func leaveHubs() {
        (isCancelled, isWatching) = (true, false)
        // What was on its way went with everything else.
        for end in openEnds.values where !end.isAsked { ask(end.request) }
        endSubscriptions()
    }

    /// It is not waited any more for a hub that was asked to end a subscription.
    /// - Parameter problem: why the hub may go on until its lease ends.
    func endIsOver(_ id: String, problem: String? = nil) {
        subscribed?.registry.endIsOver(id)
        guard let end = openEnds.removeValue(forKey: id), let problem else { return }
        let request = end.request
        note("the subscription to \(request.about.text) ends with its lease: the hub \(request.hub.text) \(problem)")
    }

    /// It is not waited for any hub any more.
    func forgetEnds() {
        for id in openEnds.keys { subscribed?.registry.endIsOver(id) }
        openEnds = [:]
    }

    private func endSubscriptions() {
        guard let subscribed else { return }
        subscribed.watching = nil
        for subscription in subscribed.subscriptions.values {
            leave(subscription)
            stateChanges[StateKey.subscription(subscription.address.text)] = .null
        }
        subscribed.subscriptions = [:]
        subscribed.pushes = []
        subscribed.registry.remove(subscribed.name)
    }

    /// Whether all that the source has is gone for good: it will not run again.
    private var isGone: Bool { failures.count >= total && failures.allSatisfy { $0.kind == .gone } }

    /// Lets hubs bring again what was not written.
    func dropUnsettled() {
        while let first = unsettled.popFirst() { subscribed?.registry.receiver.answer(first.push.number, .again) }
        while let entry = ready.popFirst() {
            if case .settled(let push, _) = entry { subscribed?.registry.receiver.answer(push.number, .again) }
        }
    }

    /// A hub has taken a request; what it makes of it, it says by a request of its own.
    func answered(_ request: HubRequest, _ transfer: Transfer) {
        if request.mode == .unsubscribe, openEnds[request.id] != nil {
            openEnds[request.id]?.isAsked = true
            subscribed?.registry.endIsAsked(request.id)
        }
        guard request.mode == .subscribe, let subscription = subscription(of: request) else { return }
        subscription.state.problem = nil
        if transfer.redirects > 0, transfer.movedForGood { subscription.state.moved = transfer.current.text }
    }

    /// A hub could not be asked.
    /// - Returns: whether the failure needs a line of its own in the log.
    func failed(_ request: HubRequest, _ failure: FetchFailure, status: Int) -> Bool {
        if request.mode == .unsubscribe {
            endIsOver(request.id, problem: "was not told of its end: \(failure.message)")
        }
        guard request.mode == .subscribe, let subscription = subscription(of: request) else { return false }
        // What may pass by itself is tried again soon, what the hub refuses in a day.
        let mayPass = failure.kind == .transient || failure.kind == .postponed
        subscription.state.failed(
            failure.message, wait: mayPass && status != 404 ? nil : 86_400, retryAfter: failure.retryAfter, now: .now)
        note("the hub \(request.hub.text) does not take the subscription: \(failure.message)")
        return false
    }

    private func subscription(of request: HubRequest) -> Subscription? {
        guard let subscription = subscribed?.subscriptions[request.about.text],
            subscription.state.id.map({ request.callback.hasSuffix($0) }) == true
        else { return nil }
        return subscription
    }
}

extension SubscribedSource {
    /// Whether a job that begins now is to look at the addresses.
    /// - Parameter interval: seconds from one look to the next by the source's schedule.
    func takePoll(interval: Double) -> Bool {
        let now = MonotonicClock.milliseconds
        defer { skipsPoll = false }
        if skipsPoll, now < nextPoll { return false }
        // Not all at the same time, though they were begun so.
        nextPoll = now &+ UInt64(max(registry.options.pollEvery, interval) * Double.random(in: 900...1000))
        return true
    }

    /// Takes what hubs have brought.
    func takePushes() -> [PushedContent] {
        defer { pushes = [] }
        return pushes
    }
}
