import CSQLite

/// What SQLite said no to.
public struct SQLiteError: Error, Sendable, Equatable, CustomStringConvertible {
    /// SQLite's extended result code.
    public var code: Int32
    /// Its message.
    public var message: String
    /// The statement, where there is one.
    public var statement: String?

    /// An error of SQLite, or of what must be there before it can begin.
    public init(code: Int32, message: String, statement: String? = nil) {
        self.code = code
        self.message = message
        self.statement = statement
    }

    /// Whether the file is damaged or no database at all.
    public var isCorruption: Bool {
        [SQLITE_CORRUPT, SQLITE_NOTADB].contains(code & 0xFF) || code == Self.wrongPageChecksum
    }
    /// Whether the disk could not read a part of it.
    public var isUnreadable: Bool { code == Self.failedRead || code == Self.mediaError }
    /// SQLITE_IOERR_READ, and SQLITE_IOERR_CORRUPTFS, which is what SQLite says of EIO; macros as well.
    private static let failedRead = SQLITE_IOERR | (1 << 8)
    private static let mediaError = SQLITE_IOERR | (33 << 8)
    /// SQLITE_IOERR_DATA, a macro that Swift does not see.
    private static let wrongPageChecksum = SQLITE_IOERR | (32 << 8)
    /// Whether there is no space for what was to be written.
    public var isFull: Bool { code & 0xFF == SQLITE_FULL }

    /// One line for people.
    public var description: String { "SQLite: \(message)" + (statement.map { " in '\($0)'" } ?? "") }
}
