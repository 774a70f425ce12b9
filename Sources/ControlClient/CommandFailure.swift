/// How a command ends, for scripts.
public enum ExitStatus: Int32, Sendable {
    case fine = 0
    /// The answer is no.
    case refused = 1
    case wrongUse = 2
    case noDaemon = 3
}

/// Why a command could not do what it was asked to.
public struct CommandFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the program exits with.
    public var status: ExitStatus
    /// What went wrong, for people.
    public var what: String
    /// What to do about it, where that is known.
    public var remedy: String?

    /// A failure that ends the program with `status`.
    public init(_ status: ExitStatus, _ what: String, remedy: String? = nil) {
        self.status = status
        self.what = what
        self.remedy = remedy
    }

    /// One line for people, safe to show on a terminal.
    public var description: String {
        TerminalText.line(remedy.map { "\(what); \($0)" } ?? what)
    }
}
