import CCheckedPages
import CSQLite

/// An open SQLite database.
///
/// A thin wrapper rather than GRDB, which brings Foundation and with it 39 MB into every program. A connection is used by
/// one thread or actor at a time; it is not Sendable.
public final class Connection {
    let handle: OpaquePointer

    /// Opens the database at `path`, making it unless `readOnly`.
    ///
    /// - Parameter checkedPages: each page carries a checksum, so that no flipped bit is taken for content: reading it then
    ///   fails with an error that ``SQLiteError/isCorruption``. A database is made with it or without it for good.
    public init(path: String, readOnly: Bool = false, checkedPages: Bool = false) throws(SQLiteError) {
        var handle: OpaquePointer?
        let flags = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        if checkedPages {
            let code = millrace_register_checked_pages()
            guard code == SQLITE_OK else { throw SQLiteError(code: code, message: "there is no VFS to check pages") }
        }
        let code = sqlite3_open_v2(
            path, &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
            checkedPages ? MILLRACE_CHECKED_VFS : nil)
        guard code == SQLITE_OK, let handle else {
            let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(handle)
            throw SQLiteError(code: code, message: "\(path): \(message)")
        }
        self.handle = handle
        sqlite3_busy_timeout(handle, 5000)
        if checkedPages {
            var reserve = MILLRACE_PAGE_RESERVE
            sqlite3_file_control(handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve)
            try execute("PRAGMA page_size=\(MILLRACE_PAGE_SIZE)")
        }
    }

    deinit { sqlite3_close_v2(handle) }

    /// Runs one or more statements that give no rows.
    public func execute(_ statements: String) throws(SQLiteError) {
        let code = sqlite3_exec(handle, statements, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code, statements) }
    }

    /// Prepares a statement, to be used again and again.
    public func prepare(_ text: String) throws(SQLiteError) -> Statement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK else { throw error(code, text) }
        guard let statement else {
            throw SQLiteError(code: SQLITE_MISUSE, message: "there is no statement", statement: text)
        }
        return Statement(statement, self, text)
    }

    /// The first column of the first row as an integer.
    public func integer(_ text: String) throws(SQLiteError) -> Int64? {
        let statement = try prepare(text)
        guard try statement.step() else { return nil }
        return statement.isNull(0) ? nil : statement.integer(0)
    }

    /// Whether a transaction is open; SQLite ends it by itself after some errors, such as one for want of space.
    public var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Rows that the last statement changed.
    public var changes: Int { Int(sqlite3_changes64(handle)) }

    func error(_ code: Int32, _ text: String?) -> SQLiteError {
        SQLiteError(code: code, message: String(cString: sqlite3_errmsg(handle)), statement: text)
    }
}
