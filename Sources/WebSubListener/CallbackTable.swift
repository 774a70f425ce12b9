import HTTPFetching
import Synchronization

/// The callbacks that are served, what hubs have done there, and who waits for an answer. Shared by the listener's thread
/// and the fetcher's.
final class CallbackTable: Sendable {
    /// What limits the listener.
    struct Limits: Sendable {
        /// Bytes of bodies in memory, over all requests.
        var bodies = 64 << 20
        /// Requests a second for one callback, and for all addresses that are none; as many again three times at once.
        var rate = 20.0
        /// Seconds that a hub waits for its answer at most.
        var patience: Int64 = 25
        /// Seconds from the start on during which an unknown address may be one whose source has not been begun yet.
        var grace: UInt64 = 600
    }

    /// How a request for an address goes on.
    enum Admission {
        case served(Callback)
        /// It is none, or none yet.
        case unknown(isEarly: Bool)
        /// There are too many.
        case tooMany(isKnown: Bool)
    }

    private struct Entry {
        var callback: Callback
        /// Milliseconds on the monotonic clock.
        var confirmsUntil: UInt64
        var endsUntil: UInt64
        var bucket: TokenBucket
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var ending: [(id: String, time: UInt64)] = []
        var strangers: TokenBucket
        var events: [PushEvent] = []
        var bodies = 0
        var lastNumber: UInt64 = 0
        var waiting: [UInt64: @Sendable (PushAnswer) -> Void] = [:]
    }

    let limits: Limits
    private let started: UInt64
    private let state: Mutex<State>
    private let notify: @Sendable () -> Void

    /// - Parameter notify: called where there is something for ``takeEvents()`` that was not before.
    init(limits: Limits, notify: @escaping @Sendable () -> Void) {
        self.limits = limits
        self.notify = notify
        started = MonotonicClock.milliseconds
        state = Mutex(State(strangers: TokenBucket(rate: limits.rate, burst: limits.rate * 3, at: started)))
    }

    func set(_ callback: Callback) {
        let now = MonotonicClock.milliseconds
        let (confirms, ends) = (UInt64(callback.confirmsFor * 1000), UInt64(callback.endsFor * 1000))
        state.withLock { state in
            while let first = state.ending.first, first.time < now {
                state.entries[first.id] = nil
                state.ending.removeFirst()
            }
            let bucket =
                state.entries[callback.id]?.bucket
                ?? TokenBucket(rate: limits.rate, burst: limits.rate * 3, at: now)
            state.entries[callback.id] = Entry(
                callback: callback, confirmsUntil: now &+ confirms, endsUntil: now &+ ends, bucket: bucket)
            if callback.isEnding { state.ending.append((callback.id, now &+ ends)) }
        }
    }

    // MARK: What requests ask for

    func admit(_ id: String) -> Admission {
        let now = MonotonicClock.milliseconds
        return state.withLock { state in
            if let callback = state.entries[id]?.callback {
                guard state.entries[id]?.bucket.take(at: now) == true else { return .tooMany(isKnown: true) }
                return .served(callback)
            }
            guard state.strangers.take(at: now) else { return .tooMany(isKnown: false) }
            return .unknown(isEarly: now < started &+ limits.grace * 1000)
        }
    }

    /// Whether a subscription is meant, which the fetcher then hears of.
    func confirm(_ callback: Callback, topic: String?, lease: Double?) -> Bool {
        let now = MonotonicClock.milliseconds
        guard topic == callback.topic, let until = state.withLock({ $0.entries[callback.id]?.confirmsUntil }),
            now < until
        else { return false }
        report(.confirmed(id: callback.id, lease: lease))
        return true
    }

    /// Whether the end of a subscription is meant.
    func confirmsEnd(_ callback: Callback, topic: String?) -> Bool {
        let now = MonotonicClock.milliseconds
        return topic == callback.topic && state.withLock { $0.entries[callback.id].map { now < $0.endsUntil } ?? false }
    }

    /// Tells the fetcher of something.
    func report(_ event: PushEvent) {
        let isFirst = state.withLock { state in
            state.events.append(event)
            return state.events.count == 1
        }
        if isFirst { notify() }
    }

    /// Makes room for bytes of a body; false where there is none.
    func take(bytes: Int) -> Bool {
        state.withLock { state in
            guard state.bodies + bytes <= limits.bodies else { return false }
            state.bodies += bytes
            return true
        }
    }

    func give(bytes: Int) { state.withLock { $0.bodies -= bytes } }

    /// Hands content over; `answer` is called once, on the fetcher's thread. Bytes that were taken for the body are given back
    /// when nobody holds it any more, which may be long after its sender has gone.
    /// - Returns: its number, by which it can be given up.
    func deliver(
        _ id: String, contentType: String?, body: [UInt8], answer: @escaping @Sendable (PushAnswer) -> Void
    ) -> UInt64 {
        let number = state.withLock { state in
            state.lastNumber += 1
            state.waiting[state.lastNumber] = answer
            return state.lastNumber
        }
        // What is taken up later than this may be answered too late.
        let expires = MonotonicClock.milliseconds &+ UInt64(limits.patience - 5) * 1000
        report(
            .content(
                PushedContent(
                    id: id, number: number, contentType: contentType, body: body, expires: expires,
                    room: BodyRoom(body.count, of: self))))
        return number
    }

    /// Nobody waits for the answer to what was brought to a callback any more, where it has not come.
    func giveUp(_ number: UInt64, of id: String) {
        guard state.withLock({ $0.waiting.removeValue(forKey: number) }) != nil else { return }
        report(.withdrawn(id: id, number: number))
    }

    // MARK: The fetcher's side

    func takeEvents() -> [PushEvent] {
        state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
    }

    func answer(_ number: UInt64, _ answer: PushAnswer) {
        state.withLock { $0.waiting.removeValue(forKey: number) }?(answer)
    }
}

/// Bytes of a body that the fetcher holds; they are given back at the end of the last one who does.
private final class BodyRoom: Sendable {
    private let bytes: Int
    private let table: CallbackTable

    init(_ bytes: Int, of table: CallbackTable) { (self.bytes, self.table) = (bytes, table) }

    deinit { table.give(bytes: bytes) }
}
