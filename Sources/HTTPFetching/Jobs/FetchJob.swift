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
        /// Bytes of the body that the engine counts as held.
        var held = 0
    }

    enum Ready {
        /// With the bytes of its body that are counted as held.
        case item(FetchedItem, [UInt8], held: Int)
        case rejected(RejectedItem)
        case checkpoint([String: JSONValue])
        /// A hub is answered once what stands before this is on stable storage.
        case settled(PushedContent, PushAnswer)
    }

    /// The end of a subscription.
    struct OpenEnd {
        let request: HubRequest
        /// Whether the hub has taken the request.
        var isAsked = false
    }

    let request: FetchRequest
    let shared: SharedSettings
    var settings: HTTPSettings { shared.values }
    /// The configured ones.
    let addresses: [WebAddress]
    /// Bytes of one body.
    let sizeLimit: Int
    var pending: Deque<FetchTarget> = []
    private(set) var active: [Transfer] = []
    /// Those of them that have ended, and wait until the core takes what they brought.
    var landed: Deque<Transfer> = []
    var ready: Deque<Ready> = []
    var unacknowledged: Deque<(item: Int64, bytes: Int)> = []
    var unacknowledgedBytes = 0
    var lastItem: Int64 = 0
    /// Items among the numbers up to `lastItem`, the rest of which are checkpoints.
    var itemCount = 0
    /// Whether what this run found was written down before it was fetched.
    var isCheckpointed = false
    var stateChanges: [String: JSONValue] = [:]
    var failures: [FetchFailure] = []
    var fetched = 0
    var total = 0
    var next: Double?
    /// Whether every answer so far said how long it is worth keeping.
    var isFresh = true
    /// Hours and days at which nothing new is to be expected, which all answers so far agree in.
    var skipped: (hours: Set<Int>, days: Set<Int>)?
    var notes: [String] = []
    /// Notes so far, those that are left out included.
    var noteCount = 0

    /// Addresses that are configured or listed: what else the state remembers is out of date.
    var seen = KeySet()
    /// What is to be remembered of sitemaps once all that is new in them is fetched.
    var sitemapStates: [String: JSONValue] = [:]
    var sitemapCount = 0
    var pageCount = 0
    /// Bytes of addresses that sitemaps named and that were not known.
    var newBytes = 0
    /// Whether the next run needs to look only at sitemaps that changed.
    var isComplete = true
    /// Whether `seen` holds every page there is.
    var knowsAllPages = true

    /// Pages of a crawl that are looked at again once nothing new is left.
    var revisits: Deque<FetchTarget> = []
    /// Pages of a crawl that the state remembers.
    var knownCount = 0
    /// Bytes of gathered pages that nobody will send, and that are still counted as held.
    var abandoned = 0
    /// Whether that are as many as it may.
    var isFull = false

    /// What is arranged with hubs; nil where nothing is to be.
    let subscribed: SubscribedSource?
    /// Hubs that wait until the core has everything up to an item.
    var unsettled: Deque<(item: Int64, push: PushedContent, answer: PushAnswer)> = []
    /// Subscriptions that hubs are asked to end and have not asked back about, by callback.
    var openEnds: [String: OpenEnd] = [:]
    /// Whether hubs were asked for what this job can ask them.
    var hasAskedHubs = false
    /// Whether everything is brought and the job waits for what hubs bring.
    var isWatching = false
    /// Whether it is over though its source is not done with.
    var isCancelled = false

    /// Pages that are looked at again since a feed of theirs is gone.
    var lookedAgain: Set<String> = []

    /// What the job met, for status.
    var report = FetchReport()
    /// The hosts that it asked.
    var hosts: [Host] = []

    /// The source's cookies, where it keeps them.
    let jar: CookieJar?
    /// What the core has of them, and since when, on the monotonic clock.
    var storedCookies: (value: JSONValue?, since: UInt64)

    /// Addresses that robots.txt keeps from being fetched.
    var disallowed = 0
    /// Why the robots.txt of an origin can't be read with this source's settings, by the key of its record.
    var robotsProblems: [String: FetchFailure] = [:]
    /// The key of the robots.txt that was asked for last, and its address.
    private var lastRobotsKey: (address: WebAddress, key: String)?
    /// The host whose free place the job was woken for.
    var wokenBy: Host?
    /// Whether the scheduler holds this job in one of its queues.
    var isQueued = false
    /// When the job last sent a frame, on the monotonic clock.
    var lastFrame: UInt64

    init(
        _ request: FetchRequest, _ shared: SharedSettings, _ addresses: [WebAddress],
        _ subscribed: SubscribedSource? = nil
    ) {
        self.request = request
        self.shared = shared
        self.addresses = addresses
        jar =
            shared.values.keepsCookies
            ? CookieJar(request.state[StateKey.cookies], sharesSessions: shared.values.resumesSessions) : nil
        (lastFrame, storedCookies) = (MonotonicClock.milliseconds, (request.state[StateKey.cookies], 0))
        self.subscribed = subscribed
        sizeLimit = max(1, min(shared.values.maximumSize ?? request.maximumItemSize, request.maximumItemSize))
        let polls = subscribed?.takePoll(interval: shared.values.interval) ?? true
        knowsAllPages = polls
        for address in addresses {
            seen.insert(address.text)
            if polls, queueKnownFeeds(of: address) { continue }
            guard polls else { continue }
            var state = state(of: address)
            // Whether a page has other feeds now, an answer that nothing is new does not say.
            if settings.discovery != .nothing { (state.entityTag, state.lastModified) = (nil, nil) }
            queue(
                FetchTarget(
                    address: address, configured: address,
                    role: settings.kind == .sitemap ? .sitemap(depth: 0) : .configured,
                    state: state))
        }
        queueFound()
        beginCrawl()
        beginSubscriptions()
    }

    // MARK: Transfers

    /// Queues what earlier runs found and did not come to fetch.
    private func queueFound() {
        for (key, json) in request.state where key.hasPrefix(StateKey.foundPrefix) {
            let target = FetchTarget(
                found: key, json, configured: addresses, state: request.state)
            guard let target else {
                stateChanges[key] = .null
                continue
            }
            guard pageCount < settings.limit else { return isComplete = false }
            pageCount += 1
            seen.insert(target.key)
            queue(target)
        }
    }

    /// Adds something to fetch.
    func queue(_ target: FetchTarget) {
        total += 1
        pending.append(target)
    }

    /// Whether something may be fetched: something is left, and the core has taken what is there already.
    var hasNextTarget: Bool {
        guard ready.isEmpty, landed.isEmpty, unacknowledgedBytes < max(1, request.window) else { return false }
        queueRevisits()
        guard let first = pending.first else { return false }
        // What a hub is told must be remembered before.
        return first.hubRequest == nil || unacknowledged.isEmpty
    }

    /// What may be fetched next.
    var nextTarget: FetchTarget? { hasNextTarget ? pending.first : nil }

    func begin(_ make: (FetchTarget) -> Transfer?) -> Bool {
        guard let target = pending.first, let transfer = make(target) else { return false }
        _ = pending.popFirst()
        transfer.target = target
        transfer.placeInJob = active.count
        active.append(transfer)
        return true
    }

    /// Takes a transfer that has ended off the list; the last one takes its place.
    /// - Returns: what it was begun for; nil where it is none of this job's.
    func end(_ transfer: Transfer) -> FetchTarget? {
        let place = transfer.placeInJob
        guard place < active.count, active[place] === transfer, let last = active.popLast() else { return nil }
        if last !== transfer {
            active[place] = last
            last.placeInJob = place
        }
        return transfer.target
    }

    /// Bytes that the body of a target may have.
    func sizeLimit(of target: FetchTarget) -> Int {
        // They are one item.
        switch target.role {
        case .entry(let entry): max(1, sizeLimit - entry.feed.count)
        case .continuation(let pages): max(1, sizeLimit - pages.body.count)
        default: sizeLimit
        }
    }

    /// Ends what would be fetched next without a transfer.
    /// - Returns: whether the failure needs a line of its own in the log.
    func giveUpNext(_ failure: FetchFailure) -> Bool {
        guard let target = pending.popFirst() else { return false }
        if looksElsewhere(target, failure, isDead: failure.kind == .permanent) { return false }
        if let request = target.hubRequest { return failed(request, failure, status: 0) }
        if case .entry(let entry) = target.role, failure.kind != .permanent {
            // Where its page may not be reached at all, another run does not change that.
            return failed(target, entry, failure, isDead: failure.kind == .configuration)
        }
        if case .continuation(let pages) = target.role {
            return failed(pages, failure, isDead: failure.kind == .permanent)
        }
        guard target.isFound, failure.kind == .permanent else {
            isComplete = false
            failures.append(failure)
            // The same reason for many is told once, at the end.
            return total > 1 && failure.kind != .postponed
        }
        fetched += 1
        disallowed += 1
        if case .entry(let entry) = target.role {
            deliverAlone(entry)
        } else {
            stateChanges[StateKey.found(target.key)] = .null
            // What may not be fetched is not found anew in each run.
            if case .link(let depth) = target.role {
                var state = AddressState()
                (state.depth, state.isDead) = (depth, true)
                stateChanges[target.key] = state.json
            }
        }
        return false
    }

    /// The key of what an address's robots.txt says to this source.
    func robotsKey(of address: WebAddress, at host: Host) -> String {
        if let last = lastRobotsKey, last.address.hasOrigin(of: address) { return last.key }
        let key = host.robotsKey(of: address, product: settings.productToken)
        lastRobotsKey = (address, key)
        return key
    }

    /// Keeps what a robots.txt says for the next run.
    func remember(_ record: RobotsRecord, _ key: String) { stateChanges[key] = record.json ?? .null }

    /// What was remembered of an address when the job began.
    func state(of address: WebAddress) -> AddressState {
        var state = AddressState(request.state[address.text])
        // An answer that nothing is new does not say whether there is a hub.
        if let known = subscribed?.subscriptions[address.text], known.committed == nil {
            (state.entityTag, state.lastModified) = (nil, nil)
        }
        return state
    }

    /// Something the user should know, though nothing failed. There are servers that give reason for thousands.
    func note(_ text: String) {
        noteCount += 1
        if noteCount <= Self.mostNotes { notes.append(text) }
    }

    /// Gives everything up.
    /// - Returns: the transfers to be ended, and the bytes of bodies that nobody will send.
    func cancel() -> (transfers: [Transfer], bytes: Int) {
        var bytes = 0
        for _ in 0..<ready.count {
            guard let entry = ready.popFirst() else { break }
            if case .item(_, _, let held) = entry { bytes += held }
            // Who brought something is told at the end.
            if case .settled = entry { ready.append(entry) }
        }
        let open = active.compactMap(\.target)
        while let target = pending.popFirst() { if case .continuation(let pages) = target.role { bytes += pages.held } }
        for target in open { if case .continuation(let pages) = target.role { bytes += pages.held } }
        defer { active = [] }
        landed = []
        revisits = []
        isComplete = false
        knowsAllPages = false
        return (active, bytes)
    }
}
