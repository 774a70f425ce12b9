import PluginProtocol

/// Why something could not be fetched, and what helps.
public struct FetchFailure: Error, Sendable, Equatable {
    /// What it means for trying again.
    public var kind: FailureKind
    /// What happened, with the address it happened at; never a secret.
    public var message: String
    /// What the reader can do about it.
    public var remedy: String?
    /// Seconds that the server asked to wait.
    public var retryAfter: Double?

    /// A failure.
    public init(_ kind: FailureKind, _ message: String, remedy: String? = nil, retryAfter: Double? = nil) {
        self.kind = kind
        self.message = message
        self.remedy = remedy
        self.retryAfter = retryAfter
    }
}
