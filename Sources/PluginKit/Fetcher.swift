import JSON
import PluginProtocol

/// Brings content in.
public protocol Fetcher: Sendable {
    /// Serves one job, on a thread of its own; may block. What it throws ends the job as failed.
    func run(_ job: Job) throws -> JobResult
}

/// How a job ended well.
public struct JobResult: Sendable {
    /// Changes to the source's state.
    public var state: [String: JSONValue]
    /// Seconds until it is worth coming again.
    public var next: Double?
    /// Whether the source had nothing new.
    public var unchanged: Bool

    /// A good end.
    public init(state: [String: JSONValue] = [:], next: Double? = nil, unchanged: Bool = false) {
        self.state = state
        self.next = next
        self.unchanged = unchanged
    }
}

/// Why a job could not be done.
public struct FetchError: Error, Sendable, CustomStringConvertible {
    /// What it means for trying again.
    public var kind: FailureKind
    /// What went wrong, for people.
    public var message: String
    /// What to do about it, where that is known.
    public var remedy: String?
    /// Seconds.
    public var retryAfter: Double?

    /// A failure that says what a person can do about it.
    public init(_ kind: FailureKind, _ message: String, remedy: String? = nil, retryAfter: Double? = nil) {
        self.kind = kind
        self.message = message
        self.remedy = remedy
        self.retryAfter = retryAfter
    }

    /// One line for people.
    public var description: String { message }
}

/// The job was ended from outside; throw it on, nothing else is to be done.
public struct JobCancelled: Error, Sendable {
    /// The job was ended from outside.
    public init() {}
}
