import Document
import JSON
import Scheduling

/// The subscription to one address of a source.
final class Subscription {
    let address: WebAddress
    var state: SubscriptionState
    /// What stands in the source's state of it.
    var committed: JSONValue?

    init(_ address: WebAddress, committed: JSONValue?) {
        self.address = address
        self.committed = committed
        state = SubscriptionState(committed)
    }
}

/// A source whose addresses may have hubs.
final class SubscribedSource {
    let name: String
    unowned let registry: Subscriptions
    /// By address.
    var subscriptions: [String: Subscription] = [:]
    /// What hubs have brought and no job has taken yet.
    var pushes: [PushedContent] = []
    /// When the addresses are to be looked at again, on the monotonic clock.
    var nextPoll: UInt64 = 0
    /// The job that waits for what hubs bring.
    var watching: FetchJob?
    /// Whether the next job is for what hubs brought, or for the hubs, and not for a look at the addresses.
    var skipsPoll = false

    init(_ name: String, _ registry: Subscriptions) {
        self.name = name
        self.registry = registry
    }

    /// Whether hubs bring something, or are about to.
    func isOfUse(_ now: Timestamp) -> Bool { subscriptions.values.contains { $0.state.isOf(use: now) } }

    /// What is to be written to the source's state; it counts as written then.
    func takeChanges() -> [String: JSONValue] {
        var changes: [String: JSONValue] = [:]
        for subscription in subscriptions.values {
            let json = subscription.state.json
            guard json != subscription.committed else { continue }
            subscription.committed = json
            changes[StateKey.subscription(subscription.address.text)] = json
        }
        return changes
    }

    /// Milliseconds on the monotonic clock at which something is to be done though nothing came in.
    func wakeTime(_ now: Timestamp) -> UInt64 {
        let pause = registry.options.pause
        let times = subscriptions.values.flatMap { subscription -> [Timestamp] in
            let state = subscription.state
            guard state.isLive(now) else {
                return [state.isOpen(now) ? state.requested?.adding(SubscriptionState.confirmation) : state.retry]
                    .compactMap { $0 }
            }
            // One that is being renewed has its time; after that it is asked for again.
            if state.isOpen(now), let requested = state.requested {
                return [requested.adding(SubscriptionState.confirmation)]
            }
            return [state.renewal(pause: pause)].compactMap { $0 }
        }
        let monotonic = MonotonicClock.milliseconds
        guard let first = times.min() else { return nextPoll }
        return min(nextPoll, monotonic &+ UInt64(max(first.milliseconds - now.milliseconds, 100)))
    }
}

/// All subscriptions of the process: whose a callback is.
public final class Subscriptions {
    /// How it is subscribed.
    public struct Options: Sendable {
        /// How hubs reach the listener: an address that ends in `/`.
        public var callback: String
        /// Seconds from one look at a feed to the next while a hub brings what is new.
        public var pollEvery = 21_600.0
        /// Seconds for which hubs are asked to go on.
        public var lease = 864_000.0

        /// Milliseconds for a hub to ask back whether the end of a subscription is meant.
        public var patience: UInt64 = 30_000

        /// Options with a callback.
        public init(callback: String) { self.callback = callback }

        /// Seconds from one request to a hub to the next for the same subscription, however short its leases are.
        var pause: Double { min(60, lease / 5) }
    }

    let options: Options
    let receiver: any PushReceiver
    /// By name; those that have a callback.
    private(set) var sources: [String: SubscribedSource] = [:]
    private var owners: [String: (source: SubscribedSource, subscription: Subscription)] = [:]
    /// When a source that waits for hubs is to be run though nothing came in, on the monotonic clock.
    var times = DueQueue()
    /// Why nobody can bring anything.
    private(set) var fault: String?
    private var nextStart: UInt64 = 0
    /// The jobs that stay open until a hub has asked back whether the end of a subscription is meant, by callback.
    private var ends: [String: FetchJob] = [:]
    /// When it is not waited for that any more, on the monotonic clock; those that asked back included.
    private var endTimes: Deque<(id: String, time: UInt64)> = []

    /// No subscriptions yet.
    public init(_ options: Options, receiver: any PushReceiver) {
        self.options = options
        self.receiver = receiver
    }

    /// Lets the receiver listen, where it does not yet.
    /// - Returns: why it can't, the first time and then once a minute.
    func start() -> String? {
        let now = MonotonicClock.milliseconds
        guard now >= nextStart else { return nil }
        do throws(PushReceiverFault) {
            try receiver.start()
            (fault, nextStart) = (nil, .max)
            return nil
        } catch {
            (fault, nextStart) = (error.what, now &+ 60_000)
            return error.what
        }
    }

    /// What is known of a source.
    /// - Parameter state: the source's.
    func source(_ name: String, addresses: [WebAddress], state: [String: JSONValue], limit: Int) -> SubscribedSource {
        let source = sources[name] ?? SubscribedSource(name, self)
        for address in addresses where source.subscriptions[address.text] == nil {
            let json = state[StateKey.subscription(address.text)]
            let subscription = Subscription(address, committed: json)
            source.subscriptions[address.text] = subscription
            if subscription.state.id != nil { serve(subscription, of: source, limit: limit) }
        }
        return source
    }

    /// Takes requests for the callback of a subscription.
    func serve(_ subscription: Subscription, of source: SubscribedSource, limit: Int) {
        let state = subscription.state
        guard let id = state.id, let topic = state.topic, let secret = state.secret else { return }
        sources[source.name] = source
        owners[id] = (source, subscription)
        var callback = Callback(id: id, topic: topic, secret: secret, limit: min(limit, 16 << 20))
        let now = Timestamp.now
        if state.isOpen(now), let requested = state.requested {
            let end = requested.adding(SubscriptionState.confirmation)
            callback.confirmsFor = Double(end.milliseconds - now.milliseconds) / 1000
        }
        receiver.set(callback)
    }

    /// Takes nothing more for a subscription, but says to its hub that its end is meant.
    func retire(_ state: SubscriptionState) {
        guard let id = state.id, let topic = state.topic, let secret = state.secret else { return }
        owners[id] = nil
        var callback = Callback(id: id, topic: topic, secret: secret, limit: 0)
        callback.isEnding = true
        callback.endsFor = SubscriptionState.confirmation
        receiver.set(callback)
    }

    // MARK: Ends that hubs ask back about

    /// Lets a job wait until the hub asks back, or its time is over, once that has taken the request.
    func expectEnd(_ id: String, _ job: FetchJob) { ends[id] = job }

    /// The hub has taken the request.
    func endIsAsked(_ id: String) {
        guard ends[id] != nil else { return }
        endTimes.append((id, MonotonicClock.milliseconds &+ options.patience))
    }

    /// Nobody waits for the hub any more.
    /// - Returns: the job that did.
    @discardableResult
    func endIsOver(_ id: String) -> FetchJob? { ends.removeValue(forKey: id) }

    /// When the first hub's time is over.
    var nextEndTime: UInt64? {
        while let first = endTimes.first, ends[first.id] == nil { _ = endTimes.popFirst() }
        return endTimes.first?.time
    }

    /// The callback of a hub whose time is over.
    func overdueEnd(_ now: UInt64) -> String? {
        guard let time = nextEndTime, time <= now else { return nil }
        return endTimes.popFirst()?.id
    }

    /// Whose a callback is.
    func owner(_ id: String) -> (source: SubscribedSource, subscription: Subscription)? { owners[id] }

    /// Forgets a source that nobody brings anything for.
    func forget(_ source: SubscribedSource) {
        times.set(source.name, at: nil)
        if !source.subscriptions.values.contains(where: { $0.state.id != nil }) { sources[source.name] = nil }
    }

    /// Forgets a source for good.
    func remove(_ name: String) {
        times.set(name, at: nil)
        sources[name] = nil
    }

    /// 128 bits that nobody can guess, in hexadecimal digits; so many times.
    static func random(_ times: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef".utf8)
        let bytes = (0..<32 * times).map { _ in digits[Int.random(in: 0..<16, using: &generator)] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
