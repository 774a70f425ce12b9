import Document
import JSON
import PluginProtocol

/// One open job: what is still to fetch, what is on its way, what waits for the core to take it.
///
/// Knows no descriptor and no libcurl: it takes results and says which frames are to be sent.
final class FetchJob {
    /// A frame with its body.
    struct Outgoing {
        var message: PluginMessage
        var body: [UInt8] = []
    }

    private enum Ready {
        case item(FetchedItem, [UInt8])
        case rejected(RejectedItem)
    }

    let request: FetchRequest
    let settings: HTTPSettings
    /// Bytes of one body.
    let sizeLimit: Int
    private var pending: Deque<FetchTarget> = []
    private var active: [UInt64: (transfer: Transfer, target: FetchTarget)] = [:]
    private var ready: Deque<Ready> = []
    private var unacknowledged: Deque<(item: Int64, bytes: Int)> = []
    private var unacknowledgedBytes = 0
    private var lastItem: Int64 = 0
    private var stateChanges: [String: JSONValue] = [:]
    private var failures: [FetchFailure] = []
    private var fetched = 0
    private var total = 0
    private var next: Double?
    /// Whether every answer so far said how long it is worth keeping.
    private var isFresh = true
    /// Hours and days at which nothing new is to be expected, which all answers so far agree in.
    private var skipped: (hours: Set<Int>, days: Set<Int>)?
    private var notes: [String] = []

    /// Addresses that are configured or listed: what else the state remembers is out of date.
    var seen: Set<String> = []
    /// What is to be remembered of sitemaps once all that is new in them is fetched.
    private var sitemapStates: [String: JSONValue] = [:]
    var sitemapCount = 0
    var pageCount = 0
    /// Whether the next run needs to look only at sitemaps that changed.
    var isComplete = true
    /// Whether `seen` holds every page there is.
    var knowsAllPages = true

    /// Addresses that robots.txt keeps from being fetched.
    private var disallowed = 0
    /// Why the robots.txt of an origin can't be read with this source's settings, by the key of its record.
    var robotsProblems: [String: FetchFailure] = [:]
    /// The host whose free place the job was woken for.
    var wokenBy: Host?
    /// Whether the scheduler holds this job in one of its queues.
    var isQueued = false
    /// When the job last sent a frame, on the monotonic clock.
    var lastFrame = MonotonicClock.milliseconds

    init(_ request: FetchRequest) throws(FetchFailure) {
        self.request = request
        settings = try HTTPSettings(request.settings)
        sizeLimit = max(1, min(settings.maximumSize ?? request.maximumItemSize, request.maximumItemSize))
        for address in settings.addresses {
            seen.insert(address.text)
            queue(
                FetchTarget(
                    address: address, configured: address,
                    role: settings.kind == .sitemap ? .sitemap(depth: 0) : .configured,
                    state: AddressState(request.state[address.text])))
        }
    }

    // MARK: Transfers

    /// Adds something to fetch.
    func queue(_ target: FetchTarget) {
        total += 1
        pending.append(target)
    }

    /// What may be fetched next; nil where nothing is left or the core has not taken what is there already.
    var nextTarget: FetchTarget? {
        guard ready.isEmpty, unacknowledgedBytes < max(1, request.window) else { return nil }
        return pending.first
    }

    func begin(_ make: (FetchTarget) -> Transfer?) -> Bool {
        guard let target = pending.first, let transfer = make(target) else { return false }
        _ = pending.popFirst()
        active[transfer.serial] = (transfer, target)
        return true
    }

    /// Ends what would be fetched next without a transfer.
    /// - Returns: whether the failure needs a line of its own in the log.
    func giveUpNext(_ failure: FetchFailure) -> Bool {
        guard let target = pending.popFirst() else { return false }
        guard target.role == .entry, failure.kind == .permanent else {
            isComplete = false
            failures.append(failure)
            // The same reason for many is told once, at the end.
            return total > 1 && failure.kind != .postponed
        }
        fetched += 1
        disallowed += 1
        return false
    }

    /// Keeps what a robots.txt says for the next run.
    func remember(_ record: RobotsRecord, _ key: String) { stateChanges[key] = record.json ?? .null }

    /// Gives everything up.
    /// - Returns: the transfers to be ended, and the bytes of bodies that nobody will send.
    func cancel() -> (transfers: [Transfer], bytes: Int) {
        var bytes = 0
        while let entry = ready.popFirst() { if case .item(_, let body) = entry { bytes += body.count } }
        defer { active = [:] }
        pending = []
        isComplete = false
        knowsAllPages = false
        return (active.values.map(\.transfer), bytes)
    }

    /// A transfer brought something new.
    /// - Returns: bytes of its body that the job did not keep.
    func succeeded(_ transfer: Transfer, at now: Timestamp) -> Int {
        guard let (_, target) = active.removeValue(forKey: transfer.serial) else { return 0 }
        let head = transfer.head
        let body = transfer.takeBody()
        let type = head.headers["content-type"].map { ContentType($0) }
        let key = target.address.text
        var state = AddressState(headers: head.headers, effective: transfer.current, configured: target.address)
        state.listed = target.listed
        noteMove(transfer, target, &state)
        if target.role == .configured { state.hints = FeedHints(feed: body) }
        if isSitemap(target, body, mediaType: type?.mediaType) {
            do throws(FetchFailure) { try expand(target, at: transfer.current, body) } catch {
                failures.append(error)
                isComplete = false
                return body.count
            }
            fetched += 1
            if let json = state.json { sitemapStates[key] = json }
            noteFreshness(head, now: now)
            return body.count
        }
        fetched += 1
        var description = ItemDescription(
            uri: transfer.current.text, key: key,
            mediaType: settings.kind.mediaType(stated: type?.mediaType, body: body))
        description.charset = type?.charset
        description.headers = head.forItem
        description.fetched = now
        description.modified = head.headers["last-modified"].flatMap(HTTPDate.parse)
        var item = FetchedItem(job: request.job, item: 0, description: description)
        if let change = change(of: key, to: state) { item.state = [key: change] }
        noteFreshness(head, now: now, state.hints)
        ready.append(.item(item, body))
        return 0
    }

    /// The server said that nothing is new.
    func unchanged(_ transfer: Transfer, at now: Timestamp) {
        guard let (_, target) = active.removeValue(forKey: transfer.serial) else { return }
        fetched += 1
        let head = transfer.head
        // A 304 may bring newer validators (RFC 9110, section 15.4.5).
        var updated = target.state
        let fresh = AddressState(headers: head.headers, effective: transfer.current, configured: target.address)
        if let tag = fresh.entityTag { updated.entityTag = tag }
        if let date = fresh.lastModified { updated.lastModified = date }
        if let listed = target.listed { updated.listed = listed }
        noteMove(transfer, target, &updated)
        if let change = change(of: target.address.text, to: updated) { stateChanges[target.address.text] = change }
        noteFreshness(head, now: now, updated.hints)
        // Which pages an unchanged sitemap lists, nobody looked up; nor if this is one.
        knowsAllPages = knowsAllPages && target.role == .entry
    }

    private func noteMove(_ transfer: Transfer, _ target: FetchTarget, _ state: inout AddressState) {
        let isForGood =
            transfer.movedForGood && (transfer.redirects > 0 || target.start.text != target.address.text)
        let before = target.state.move
        state.noteMove(to: transfer.current, from: target.address, isForGood: isForGood, before: before)
        guard target.role == .configured, let move = state.settledMove, move != target.state.settledMove else { return }
        note("\(target.address.text) has moved for good to \(move), which is asked from now on: set `url` to that")
    }

    /// A transfer brought nothing.
    /// - Returns: whether the failure needs a line of its own in the log.
    func failed(_ transfer: Transfer, _ failure: FetchFailure) -> Bool {
        guard let (_, target) = active.removeValue(forKey: transfer.serial) else { return false }
        if target.start.text != target.address.text {
            // Where it had moved is nothing any more: the next run asks at the old place.
            var state = target.state
            state.move = nil
            if let change = change(of: target.address.text, to: state) { stateChanges[target.address.text] = change }
        }
        let isDead = failure.kind == .permanent || failure.kind == .gone || transfer.head.status == 404
        guard target.role == .entry, isDead else {
            failures.append(failure)
            return total > 1
        }
        // One dead link of a sitemap is no reason to call the source failing: it is tried again once it is listed anew.
        fetched += 1
        var state = AddressState()
        state.listed = target.listed
        let key = target.address.text
        let change = change(of: key, to: state).map { [key: $0] } ?? [:]
        ready.append(
            .rejected(
                RejectedItem(job: request.job, item: 0, uri: key, reason: failure.message, state: change)))
        return false
    }

    /// What was remembered of an address when the job began.
    func state(of address: WebAddress) -> AddressState { AddressState(request.state[address.text]) }

    private func change(of key: String, to state: AddressState) -> JSONValue? {
        let json = state.json
        if json == request.state[key] { return nil }
        return json ?? .null
    }

    /// Notes when it is worth coming again: the earliest of all addresses counts.
    private func noteFreshness(_ head: ResponseHead, now: Timestamp, _ hints: FeedHints = FeedHints()) {
        skipped =
            skipped.map { ($0.hours.intersection(hints.skipHours), $0.days.intersection(hints.skipDays)) }
            ?? (Set(hints.skipHours), Set(hints.skipDays))
        let fresh = ReturnHints.freshness(head.headers, now: now)
        guard let seconds = [fresh, hints.wait].compactMap({ $0 }).max().map({ min($0, ReturnHints.longestFreshness) })
        else { return isFresh = false }
        next = min(next ?? seconds, seconds)
    }

    // MARK: Frames

    /// Something the user should know, though nothing failed.
    func note(_ text: String) { notes.append(text) }

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
    }

    /// The next item that the window has room for.
    func nextItem() -> Outgoing? {
        guard let entry = ready.first else { return nil }
        switch entry {
        case .rejected(var item):
            _ = ready.popFirst()
            item.item = number(bytes: 0)
            return Outgoing(message: .rejected(item))
        case .item(var item, let body):
            guard unacknowledged.isEmpty || unacknowledgedBytes + body.count <= request.window else { return nil }
            _ = ready.popFirst()
            item.item = number(bytes: body.count)
            return Outgoing(message: .item(item), body: body)
        }
    }

    private func number(bytes: Int) -> Int64 {
        lastItem += 1
        unacknowledged.append((lastItem, bytes))
        unacknowledgedBytes += bytes
        return lastItem
    }

    /// The last frame of the job, once nothing is left to do.
    var ending: PluginMessage? {
        guard pending.isEmpty, active.isEmpty, ready.isEmpty else { return nil }
        if disallowed > 0 {
            note("robots.txt keeps \(disallowed) addresses from being fetched")
            disallowed = 0
        }
        return failures.isEmpty ? done : .failed(summary)
    }

    /// The frame that answers `cancel`.
    var done: PluginMessage {
        var done = FinishedJob(
            job: request.job, state: finalState, next: isFresh ? next : nil,
            unchanged: lastItem == 0 && fetched == total)
        done.skipHours = skipped?.hours.sorted() ?? []
        done.skipDays = skipped?.days.sorted() ?? []
        return .done(done)
    }

    /// A line that shows that the job lives.
    var progress: PluginMessage {
        .log(
            level: .debug, message: "\(fetched) of \(total) fetched, \(active.count) on their way", job: request.job)
    }

    private var finalState: [String: JSONValue] {
        var changes = stateChanges
        for (key, json) in request.state where key.hasPrefix(RobotsRecord.keyPrefix) && changes[key] == nil {
            if RobotsRecord(json)?.isCurrent(.now) != true { changes[key] = .null }
        }
        for (key, json) in sitemapStates {
            // Without its validators the next run reads the sitemap again, and finds what this one left.
            let known: JSONValue = isComplete && failures.isEmpty ? json : .null
            if known != request.state[key] ?? .null { changes[key] = known }
        }
        if knowsAllPages, failures.isEmpty {
            for key in request.state.keys where !seen.contains(key) && !key.hasPrefix(RobotsRecord.keyPrefix) {
                changes[key] = .null
            }
        }
        return changes
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
            remedy: worst?.remedy, retryAfter: failures.compactMap(\.retryAfter).max(), state: finalState)
    }
}

extension HTTPSettings.Kind {
    /// The media type for the normaliser: the server's, unless it says nothing and the configuration does.
    func mediaType(stated: String?, body: [UInt8]) -> String? {
        let vague = ["text/plain", "application/octet-stream", "binary/octet-stream", "text/html"]
        switch self {
        case .auto, .sitemap: return stated
        case .page: return stated == nil || stated.map(vague.contains) == true ? "text/html" : stated
        case .feed:
            guard stated == nil || stated.map(vague.contains) == true else { return stated }
            switch body.first(where: { $0 > 0x20 && $0 < 0x80 }) {
            case UInt8(ascii: "{"): return "application/feed+json"
            case UInt8(ascii: "<"): return "application/xml"
            default: return stated
            }
        }
    }
}
