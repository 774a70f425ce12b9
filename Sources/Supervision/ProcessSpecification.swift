/// A program that the daemon keeps running.
public struct ProcessSpecification: Sendable, Equatable {
    /// What status and log lines call it, such as `fetch-http` or `normalise-1`.
    public var name: String
    /// The program's absolute path and its arguments.
    public var command: [String]
    /// The whole environment of the child.
    public var environment: [String: String]
    /// Bytes of private writable memory that it may have; nil for no limit.
    public var memoryLimit: Int64?
    /// A descriptor of ours that it gets as descriptor 3.
    public var extraDescriptor: Int32?

    /// A program with the given command line.
    public init(
        name: String, command: [String], environment: [String: String], memoryLimit: Int64? = nil,
        extraDescriptor: Int32? = nil
    ) {
        self.name = name
        self.command = command
        self.environment = environment
        self.memoryLimit = memoryLimit
        self.extraDescriptor = extraDescriptor
    }
}

/// Why a child process could not be started or had to be given up.
public struct SupervisionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What happened, with the program's name.
    public var what: String
    /// What a person can do about it.
    public var remedy: String?

    /// An error about a process.
    public init(_ what: String, remedy: String? = nil) {
        self.what = what
        self.remedy = remedy
    }

    /// One line for people.
    public var description: String { remedy.map { "\(what); \($0)" } ?? what }
}
