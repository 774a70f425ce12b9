import CSQLite

/// A prepared statement. Bind, step until false, then reset; parameters are counted from 1, columns from 0.
public final class Statement {
    private let handle: OpaquePointer
    private let connection: Connection
    private let text: String

    init(_ handle: OpaquePointer, _ connection: Connection, _ text: String) {
        self.handle = handle
        self.connection = connection
        self.text = text
    }

    deinit { sqlite3_finalize(handle) }

    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    /// Binds an integer, or NULL.
    public func bind(_ place: Int32, _ value: Int64?) {
        if let value { sqlite3_bind_int64(handle, place, value) } else { sqlite3_bind_null(handle, place) }
    }

    /// Binds a number, or NULL.
    public func bind(_ place: Int32, _ value: Double?) {
        if let value { sqlite3_bind_double(handle, place, value) } else { sqlite3_bind_null(handle, place) }
    }

    /// Binds a text, or NULL.
    public func bind(_ place: Int32, _ value: String?) {
        guard var value else {
            sqlite3_bind_null(handle, place)
            return
        }
        value.withUTF8 { bytes in
            _ = bytes.withMemoryRebound(to: CChar.self) { characters in
                // An empty text may have no address, which SQLite would take for NULL.
                if let address = characters.baseAddress {
                    sqlite3_bind_text64(
                        handle, place, address, UInt64(characters.count), Self.transient, UInt8(SQLITE_UTF8))
                } else {
                    sqlite3_bind_text(handle, place, "", 0, Self.transient)
                }
            }
        }
    }

    /// Binds bytes.
    public func bind(_ place: Int32, blob: [UInt8]) {
        _ = blob.withUnsafeBytes { bytes in
            if let address = bytes.baseAddress {
                sqlite3_bind_blob64(handle, place, address, UInt64(bytes.count), Self.transient)
            } else {
                sqlite3_bind_zeroblob(handle, place, 0)
            }
        }
    }

    /// Goes to the next row; false when there is none.
    public func step() throws(SQLiteError) -> Bool {
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

    /// A column of the row as bytes; empty for NULL.
    public func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }
}
