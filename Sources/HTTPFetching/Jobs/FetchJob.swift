import Document
import JSON
import PluginProtocol

/// One open job: what is still to fetch, what is on its way, what waits for the core to take it.
///
/// Knows no descriptor and no libcurl: it takes results and says which frames are to be sent.
final class FetchJob {
    /// Something to fetch.
    struct Target {
        var address: WebAddress
        var state: AddressState
    }

    /// A frame with its body.
    struct Outgoing {
        var message: PluginMessage
        var body: [UInt8] = []
    }

    let request: FetchRequest
    let settings: HTTPSettings
    /// Bytes of one body.
    let sizeLimit: Int
    private var pending: Deque<Target> = []
    private var active: [UInt64: Transfer] = [:]
    private var ready: Deque<(item: FetchedItem, body: [UInt8])> = []
    private var unacknowledged: Deque<(item: Int64, bytes: Int)> = []
    private var unacknowledgedBytes = 0
    private var lastItem: Int64 = 0
    private var stateChanges: [String: JSONValue] = [:]
    private var failures: [FetchFailure] = []
    private var fetched = 0
    private var total: Int
    private var next: Double?
    /// Whether the scheduler holds this job in one of its queues.
    var isQueued = false
    /// When the job last sent a frame, on the monotonic clock.
    var lastFrame = MonotonicClock.milliseconds

    init(_ request: FetchRequest) throws(FetchFailure) {
        self.request = request
        settings = try HTTPSettings(request.settings)
        sizeLimit = max(1, min(settings.maximumSize ?? request.maximumItemSize, request.maximumItemSize))
        total = settings.addresses.count
        for address in settings.addresses {
            pending.append(Target(address: address, state: AddressState(request.state[address.text])))
        }
    }

    // MARK: Transfers

    /// What may be fetched next; nil where nothing is left or the core has not taken what is there already.
    var nextTarget: Target? {
        guard ready.isEmpty, unacknowledgedBytes < max(1, request.window) else { return nil }
        return pending.first
    }

    func begin(_ make: (Target) -> Transfer?) -> Bool {
        guard let target = pending.first, let transfer = make(target) else { return false }
        _ = pending.popFirst()
        active[transfer.serial] = transfer
        return true
    }

    /// Gives everything up.
    /// - Returns: the transfers to be ended, and the bytes of bodies that nobody will send.
    func cancel() -> (transfers: [Transfer], bytes: Int) {
        var bytes = 0
        while let (_, body) = ready.popFirst() { bytes += body.count }
        defer { active = [:] }
        pending = []
        return (Array(active.values), bytes)
    }

    /// A transfer brought something new.
    func succeeded(_ transfer: Transfer, at now: Timestamp) {
        active[transfer.serial] = nil
        fetched += 1
        let configured = transfer.request.address
        let head = transfer.head
        let body = transfer.takeBody()
        let type = head.headers["content-type"].map { ContentType($0) }
        var description = ItemDescription(
            uri: transfer.current.text, key: configured.text,
            mediaType: settings.kind.mediaType(stated: type?.mediaType, body: body))
        description.charset = type?.charset
        description.headers = head.forItem
        description.fetched = now
        description.modified = head.headers["last-modified"].flatMap(HTTPDate.parse)
        var item = FetchedItem(job: request.job, item: 0, description: description)
        let state = AddressState(headers: head.headers, effective: transfer.current, configured: configured)
        if let change = change(of: configured.text, to: state) { item.state = [configured.text: change] }
        noteFreshness(head, now: now)
        ready.append((item, body))
    }

    /// The server said that nothing is new.
    func unchanged(_ transfer: Transfer, state: AddressState, at now: Timestamp) {
        active[transfer.serial] = nil
        fetched += 1
        let configured = transfer.request.address.text
        let head = transfer.head
        // A 304 may bring newer validators (RFC 9110, section 15.4.5).
        var updated = state
        let fresh = AddressState(
            headers: head.headers, effective: transfer.current, configured: transfer.request.address)
        if let tag = fresh.entityTag { updated.entityTag = tag }
        if let date = fresh.lastModified { updated.lastModified = date }
        if let change = change(of: configured, to: updated) { stateChanges[configured] = change }
        noteFreshness(head, now: now)
    }

    func failed(_ transfer: Transfer, _ failure: FetchFailure) {
        active[transfer.serial] = nil
        failures.append(failure)
    }

    /// What was remembered of an address when the job began.
    func state(of address: WebAddress) -> AddressState { AddressState(request.state[address.text]) }

    private func change(of key: String, to state: AddressState) -> JSONValue? {
        let json = state.json
        if json == request.state[key] { return nil }
        return json ?? .null
    }

    private func noteFreshness(_ head: ResponseHead, now: Timestamp) {
        guard let seconds = ReturnHints.freshness(head.headers, now: now) else { return }
        next = min(next ?? seconds, seconds)
    }

    // MARK: Frames

    /// The core has everything up to `item` on stable storage.
    func acknowledge(_ item: Int64) {
        while let first = unacknowledged.first, first.item <= item {
            unacknowledgedBytes -= first.bytes
            _ = unacknowledged.popFirst()
        }
    }

    /// The next item that the window has room for.
    func nextItem() -> Outgoing? {
        guard let size = ready.first?.body.count else { return nil }
        guard unacknowledged.isEmpty || unacknowledgedBytes + size <= request.window else { return nil }
        guard let (fetchedItem, body) = ready.popFirst() else { return nil }
        var item = fetchedItem
        lastItem += 1
        item.item = lastItem
        unacknowledged.append((lastItem, size))
        unacknowledgedBytes += size
        return Outgoing(message: .item(item), body: body)
    }

    /// The last frame of the job, once nothing is left to do.
    var ending: PluginMessage? {
        guard pending.isEmpty, active.isEmpty, ready.isEmpty else { return nil }
        return failures.isEmpty ? done : .failed(summary)
    }

    /// The frame that answers `cancel`.
    var done: PluginMessage {
        .done(
            FinishedJob(job: request.job, state: stateChanges, next: next, unchanged: lastItem == 0 && fetched == total)
        )
    }

    /// A line that shows that the job lives.
    var progress: PluginMessage {
        .log(
            level: .debug, message: "\(fetched) of \(total) fetched, \(active.count) on their way", job: request.job)
    }

    /// The failures as one; each was logged by itself before if there are several addresses.
    private var summary: FailedJob {
        let worst = failures.first { $0.kind == .transient } ?? failures.first
        let message = worst?.message ?? "failed"
        return FailedJob(
            job: request.job, kind: worst?.kind ?? .transient,
            message: total == 1 ? message : "\(failures.count) of \(total) addresses failed, such as: \(message)",
            remedy: worst?.remedy, retryAfter: failures.compactMap(\.retryAfter).max(), state: stateChanges)
    }

    /// Whether failures need a line of their own in the log.
    var logsEachFailure: Bool { total > 1 }
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
            let first = body.first { $0 > 0x20 && $0 < 0x80 }
            return first == UInt8(ascii: "{")
                ? "application/feed+json" : first == UInt8(ascii: "<") ? "application/xml" : stated
        }
    }
}
