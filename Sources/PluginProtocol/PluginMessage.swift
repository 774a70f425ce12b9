import JSON

/// A frame from a plugin to the core, without its body.
public enum PluginMessage: Sendable, Equatable {
    case hello(PluginHello)
    case item(FetchedItem)
    case rejected(RejectedItem)
    case checkpoint(Checkpoint)
    case watching(job: Int64, report: FetchReport = FetchReport())
    case done(FinishedJob)
    case failed(FailedJob)
    case log(level: LogLevel, message: String, job: Int64?)
    case documents(NormalisedDocuments)
    case configured(job: Int64, position: UInt64?)
    case delivered(job: Int64, position: UInt64, rejected: [RejectedDocument])
    case found(job: Int64, count: Int)
    case pong(id: Int64)
}

/// What a plugin can do.
public enum PluginRole: String, Sendable, Hashable {
    case fetch, normalise, deliver, search
}

/// How important a log line is.
public enum LogLevel: String, Sendable, CaseIterable {
    case debug, info, notice, warning, error
}

/// How a plugin introduces itself.
public struct PluginHello: Sendable, Equatable {
    /// As in its file name.
    public var name: String
    /// Of the plugin, in any form.
    public var version: String
    /// What it can do.
    public var roles: Set<PluginRole>
    /// A JSON Schema of the settings that a source or sink of this plugin may have.
    public var settings: JSONValue

    /// An introduction.
    public init(name: String, version: String, roles: Set<PluginRole>, settings: JSONValue) {
        self.name = name
        self.version = version
        self.roles = roles
        self.settings = settings
    }
}

/// An item; its bytes are the frame's body.
public struct FetchedItem: Sendable, Equatable {
    /// The job that this belongs to.
    public var job: Int64
    /// From 1, without gaps.
    public var item: Int64
    /// Where the bytes came from and what is known of them.
    public var description: ItemDescription
    /// Changes to the source's state, committed together with the item's documents.
    public var state: [String: JSONValue]

    /// Item number `item` of `job`.
    public init(job: Int64, item: Int64, description: ItemDescription, state: [String: JSONValue] = [:]) {
        self.job = job
        self.item = item
        self.description = description
        self.state = state
    }
}

/// An item that can't be taken; it becomes a dead letter.
public struct RejectedItem: Sendable, Equatable {
    /// The job that this belongs to.
    public var job: Int64
    /// From 1, without gaps.
    public var item: Int64
    /// Where its bytes came from.
    public var uri: String
    /// Why it is refused, for people.
    public var reason: String
    /// Changes to the source's state; `null` removes a key.
    public var state: [String: JSONValue]

    /// Item number `item` of `job`, which can't be taken for `reason`.
    public init(job: Int64, item: Int64, uri: String, reason: String, state: [String: JSONValue] = [:]) {
        self.job = job
        self.item = item
        self.uri = uri
        self.reason = reason
        self.state = state
    }
}

/// Changes to a source's state that come without an item: what was found and is still to be fetched, say.
public struct Checkpoint: Sendable, Equatable {
    /// The job that this belongs to.
    public var job: Int64
    /// Numbered along with the items: from 1, without gaps.
    public var item: Int64
    /// Changes to the source's state; `null` removes a key.
    public var state: [String: JSONValue]

    /// Checkpoint number `item` of `job`.
    public init(job: Int64, item: Int64, state: [String: JSONValue]) {
        self.job = job
        self.item = item
        self.state = state
    }
}

/// A job that has come to its end.
public struct FinishedJob: Sendable, Equatable {
    /// The job that this belongs to.
    public var job: Int64
    /// Changes to the source's state; `null` removes a key.
    public var state: [String: JSONValue]
    /// Seconds until it is worth coming again.
    public var next: Double?
    /// Whether the source had nothing new.
    public var unchanged: Bool
    /// Whether there is something to bring already, so that the source is to be run again at once.
    public var again = false
    /// Hours in GMT, 0 to 23, at which the source says that nothing new comes.
    public var skipHours: [Int] = []
    /// Days in GMT, 0 (Sunday) to 6, at which the source says that nothing new comes.
    public var skipDays: [Int] = []
    /// What happened on the way, for people; see ``FetchReport``.
    public var report = FetchReport()

    /// The end of `job`.
    public init(job: Int64, state: [String: JSONValue] = [:], next: Double? = nil, unchanged: Bool = false) {
        self.job = job
        self.state = state
        self.next = next
        self.unchanged = unchanged
    }
}

/// What a failure means for trying again.
public enum FailureKind: String, Sendable {
    /// May pass by itself.
    case transient
    /// Stays until the source changes.
    case permanent
    /// Stays until the configuration changes.
    case configuration
    /// Stays for good: the source is not run again by itself.
    case gone
    /// Nothing was tried, because whoever serves the source wants to be left alone; no failure of the source.
    case postponed
}

/// A job that failed.
public struct FailedJob: Sendable, Equatable {
    /// The job that this belongs to.
    public var job: Int64
    /// What it means for trying again.
    public var kind: FailureKind
    /// What went wrong, for people.
    public var message: String
    /// What to do about it, where that is known.
    public var remedy: String?
    /// Seconds.
    public var retryAfter: Double?
    /// Changes to the source's state; `null` removes a key.
    public var state: [String: JSONValue]
    /// What happened on the way, for people.
    public var report = FetchReport()

    /// The failure of `job`.
    public init(
        job: Int64, kind: FailureKind, message: String, remedy: String? = nil, retryAfter: Double? = nil,
        state: [String: JSONValue] = [:]
    ) {
        self.job = job
        self.kind = kind
        self.message = message
        self.remedy = remedy
        self.retryAfter = retryAfter
        self.state = state
    }
}

/// A document that the receiver will not have.
public struct RejectedDocument: Sendable, Equatable {
    /// Its log position.
    public var position: UInt64
    /// Why it is refused, for people.
    public var reason: String

    /// The document at `position`, refused for `reason`.
    public init(position: UInt64, reason: String) {
        self.position = position
        self.reason = reason
    }
}
