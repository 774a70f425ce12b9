/// Why the daemon can't start.
public struct StartError: Error, Sendable, CustomStringConvertible {
    /// What is in the way.
    public var what: String
    /// What to do about it.
    public var remedy: String

    /// An error that says what to do.
    public init(_ what: String, remedy: String) {
        self.what = what
        self.remedy = remedy
    }

    /// One line for people.
    public var description: String { "\(what); \(remedy)" }
}
