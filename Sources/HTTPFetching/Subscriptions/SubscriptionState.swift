import Document
import JSON

/// What a source's state remembers of the subscription to one of its addresses. Nothing of it but what ``shown`` holds may
/// be seen by anybody: who knows id and secret can bring content.
struct SubscriptionState: Equatable {
    /// Seconds for which a hub may ask whether a subscription is meant.
    static let confirmation = 600.0

    /// The hub that the feed names, and what it calls the feed; none where it names no hub.
    var hub: String?
    var topic: String?
    /// Where the hub has moved for good.
    var moved: String?
    /// The end of the callback's address, what stands before it, and the key of the signatures.
    var id: String?
    var base: String?
    var secret: String?
    /// When the hub was asked last, and when it has confirmed that.
    var requested: Timestamp?
    var confirmed: Timestamp?
    /// Seconds for which the hub goes on from then.
    var lease: Double?
    /// Why there is no subscription, how often in a row it failed, and when it is tried again.
    var problem: String?
    var failures = 0
    var retry: Timestamp?
    var lastPush: Timestamp?
    var received = 0
    /// Requests without the right signature.
    var ignored = 0

    /// Nothing arranged.
    init() {}

    /// Reads what ``json`` wrote.
    init(_ json: JSONValue?) {
        func time(_ name: String) -> Timestamp? { json?[name]?.string.flatMap { Timestamp(rfc3339: $0) } }
        func count(_ name: String) -> Int { Int(clamping: max(0, json?[name]?.integer ?? 0)) }
        hub = json?["hub"]?.string
        topic = json?["topic"]?.string
        moved = json?["moved"]?.string
        id = json?["id"]?.string
        base = json?["callback"]?.string
        secret = json?["secret"]?.string
        requested = time("requested")
        confirmed = time("confirmed")
        lease = json?["lease"]?.number
        problem = json?["problem"]?.string
        failures = count("failures")
        retry = time("retry")
        lastPush = time("last_push")
        received = count("received")
        ignored = count("ignored")
    }

    /// For the source's state. Also where there is no hub: that was looked for, then.
    var json: JSONValue {
        var members: [String: JSONValue] = [:]
        let texts = ["hub": hub, "topic": topic, "moved": moved, "id": id, "callback": base, "secret": secret]
        for (name, text) in texts { members[name] = text.map { .string($0) } }
        members["problem"] = problem.map { .string($0) }
        let times = ["requested": requested, "confirmed": confirmed, "retry": retry, "last_push": lastPush]
        for (name, time) in times { members[name] = time.map { .string($0.description) } }
        members["lease"] = lease.map { .number($0) }
        for (name, count) in ["failures": failures, "received": received, "ignored": ignored] where count > 0 {
            members[name] = .integer(Int64(count))
        }
        return .object(members)
    }

    /// Until when the hub goes on.
    var leaseEnd: Timestamp? {
        guard let confirmed, let lease else { return nil }
        return confirmed.adding(lease)
    }

    /// Whether the hub brings what is new.
    func isLive(_ now: Timestamp) -> Bool { leaseEnd.map { $0 > now } ?? false }

    /// Whether the hub was asked and has not said yet what it makes of it.
    func isOpen(_ now: Timestamp) -> Bool {
        guard let requested, requested.adding(Self.confirmation) > now else { return false }
        return confirmed.map { $0 < requested } ?? true
    }

    /// Whether something may come in.
    func isOf(use now: Timestamp) -> Bool { isLive(now) || isOpen(now) }

    /// When a live subscription is to be renewed: when a fifth of its time is left.
    /// - Parameter pause: seconds from one request to the next at least.
    func renewal(pause: Double) -> Timestamp? {
        guard let leaseEnd, let lease else { return nil }
        let early = leaseEnd.adding(-lease / 5)
        return [early, requested?.adding(pause), retry].compactMap { $0 }.max()
    }

    /// For people, by `millracectl sources show`.
    func shown(_ now: Timestamp) -> JSONValue {
        var members: [String: JSONValue] = [
            "state": isLive(now) ? "live" : isOpen(now) ? "requested" : problem == nil ? "none" : "failed"
        ]
        members["hub"] = (moved ?? hub).map { .string($0) }
        if isLive(now) { members["lease_end"] = leaseEnd.map { .string($0.description) } }
        members["last_push"] = lastPush.map { .string($0.description) }
        members["problem"] = problem.map { .string($0) }
        if received > 0 { members["received"] = .integer(Int64(received)) }
        if ignored > 0 { members["ignored"] = .integer(Int64(ignored)) }
        return .object(members)
    }

    /// Notes that the hub failed.
    /// - Parameter wait: seconds until it is worth asking again; nil: it may pass soon.
    mutating func failed(_ message: String, wait: Double?, retryAfter: Double? = nil, now: Timestamp) {
        problem = message
        failures = min(failures + 1, 16)
        requested = nil
        moved = nil
        let pause = wait ?? min(300 * Double(1 << (failures - 1)), 21_600)
        retry = now.adding(max(pause, retryAfter ?? 0) * Double.random(in: 1...1.1))
    }
}

extension Timestamp {
    /// This moment plus seconds.
    func adding(_ seconds: Double) -> Timestamp {
        Timestamp(milliseconds: milliseconds &+ Int64(min(max(seconds, -1e10), 1e10) * 1000))
    }
}
