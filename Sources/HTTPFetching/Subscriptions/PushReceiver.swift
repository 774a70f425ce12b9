/// Where hubs bring what is new: a listener for their requests. It has a thread of its own, and hands over what came in
/// when it is asked.
public protocol PushReceiver: AnyObject {
    /// Becomes readable when there are events.
    var descriptor: Int32 { get }

    /// Begins to listen; does nothing where it listens already.
    func start() throws(PushReceiverFault)

    /// Takes requests for a callback from now on, in place of what was said of it before.
    func set(_ callback: Callback)

    /// What came in since this was asked the last time.
    func takeEvents() -> [PushEvent]

    /// Answers the request that brought something.
    func answer(_ number: UInt64, _ answer: PushAnswer)
}

/// Why nobody can bring anything.
public struct PushReceiverFault: Error, Sendable {
    /// What went wrong, for people.
    public var what: String

    /// A fault.
    public init(_ what: String) { self.what = what }
}

/// The address of one subscription, and what may be asked of it.
public struct Callback: Sendable {
    /// The last part of the address; whoever does not know it can't guess it.
    public var id: String
    /// What was subscribed to: the hub names it when it asks whether that was meant.
    public var topic: String
    /// The key of the signatures.
    public var secret: String
    /// Bytes that a request may bring.
    public var limit: Int
    /// Seconds from now on during which the hub may ask whether the subscription is meant.
    public var confirmsFor = 0.0
    /// The same for its end.
    public var endsFor = 0.0
    /// Whether nothing is taken any more: it is forgotten once `endsFor` is over.
    public var isEnding = false

    /// A callback that confirms nothing.
    public init(id: String, topic: String, secret: String, limit: Int) {
        (self.id, self.topic, self.secret, self.limit) = (id, topic, secret, limit)
    }
}

/// What a hub has done.
public enum PushEvent: Sendable {
    /// It asked whether the subscription is meant, and was told so. It goes on for so many seconds; nil: not said.
    case confirmed(id: String, lease: Double?)
    /// It asked whether the end of the subscription is meant, and was told so.
    case ended(id: String)
    /// It does not serve the subscription, or no longer.
    case denied(id: String, reason: String)
    /// It, or somebody else, brought something without the right signature.
    case ignored(id: String)
    /// It brought something new and waits for an answer.
    case content(PushedContent)
    /// Nobody waits for an answer to what was brought any more.
    case withdrawn(id: String, number: UInt64)
}

/// What a hub brought.
public struct PushedContent: Sendable {
    /// The callback's.
    public var id: String
    /// The request's, for the answer.
    public var number: UInt64
    /// The header `Content-Type`.
    public var contentType: String?
    /// The request's body.
    public var body: [UInt8]
    /// Milliseconds on the monotonic clock after which nobody waits for an answer.
    public var expires: UInt64
    /// The receiver's room that the body takes: it is free again once nobody holds this.
    public var room: (any AnyObject & Sendable)?

    /// Something that was brought.
    public init(
        id: String, number: UInt64, contentType: String?, body: [UInt8], expires: UInt64,
        room: (any AnyObject & Sendable)? = nil
    ) {
        (self.id, self.number, self.contentType, self.body, self.expires) = (id, number, contentType, body, expires)
        self.room = room
    }
}

/// What a hub is told.
public enum PushAnswer: Sendable {
    /// It is on stable storage.
    case taken
    /// It is not, and may be brought again.
    case again
}
