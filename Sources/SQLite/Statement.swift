import CSQLite

/// A prepared statement. Bind, step until false, then reset; parameters are counted from 1, columns from 0.
public final class Statement {
    private let handle: OpaquePointer
    private let connection: Connection
    private let text: String
    /// The first binding that SQLite refused since the last step; the next step throws it.
    private var bindingFault: SQLiteError?

    init(_ handle: OpaquePointer, _ connection: Connection, _ text: String) {
        self.handle = handle
        self.connection = connection
        self.text = text
    }

    deinit { sqlite3_finalize(handle) }

    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    /// Binds an integer, or NULL.
    public func bind(_ place: Int32, _ value: Int64?) {
        check(value.map { sqlite3_bind_int64(handle, place, $0) } ?? sqlite3_bind_null(handle, place))
    }

    /// Binds a number, or NULL.
    public func bind(_ place: Int32, _ value: Double?) {
        check(value.map { sqlite3_bind_double(handle, place, $0) } ?? sqlite3_bind_null(handle, place))
    }

    /// Binds a text, or NULL.
    public func bind(_ place: Int32, _ value: String?) {
        guard var value else { return check(sqlite3_bind_null(handle, place)) }
        let code = value.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // An empty text may have no address, which SQLite would take for NULL.
                guard let address = characters.baseAddress else {
                    return sqlite3_bind_text(handle, place, "", 0, Self.transient)
                }
                return sqlite3_bind_text64(
                    handle, place, address, UInt64(characters.count), Self.transient, UInt8(SQLITE_UTF8))
            }
        }
        check(code)
    }

    /// Binds bytes.
    public func bind(_ place: Int32, blob: [UInt8]) {
        let code = blob.withUnsafeBytes { bytes in
            guard let address = bytes.baseAddress else { return sqlite3_bind_zeroblob(handle, place, 0) }
            return sqlite3_bind_blob64(handle, place, address, UInt64(bytes.count), Self.transient)
        }
        check(code)
    }

    /// A place that there is not, or a value larger than SQLite takes, must not leave the older value bound unseen.
    private func check(_ code: Int32) {
        if code != SQLITE_OK, bindingFault == nil { bindingFault = connection.error(code, text) }
    }

    /// Goes to the next row; false when there is none. Throws what a binding or SQLite says no to; then the statement is
    /// ready to be bound again.
    public func step() throws(SQLiteError) -> Bool {
        if let fault = bindingFault {
            bindingFault = nil
            sqlite3_reset(handle)
            throw fault
        }
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            let error = connection.error(code, text)
            sqlite3_reset(handle)
            throw error
        }
    }

    /// Runs a statement that gives no rows and makes it ready for the next time.
    public func run() throws(SQLiteError) {
        _ = try step()
        sqlite3_reset(handle)
    }

    /// Makes the statement ready to be bound and stepped again.
    public func reset() { sqlite3_reset(handle) }

    /// Whether a column of the row is NULL.
    public func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
    /// A column of the row as an integer.
    public func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
    /// A column of the row as a number.
    public func number(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

    /// A column of the row as a text; nil for NULL.
    public func text(_ column: Int32) -> String? {
        guard let start = sqlite3_column_text(handle, column) else { return nil }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// Calls `body` with a column's bytes, which are gone afterwards; none for NULL.
    public func withBlob<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let start = sqlite3_column_blob(handle, column)
        return body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    /// A column of the row as bytes; empty for NULL.
    public func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }
}
