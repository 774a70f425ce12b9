import SQLite

/// Sinks.
extension Index {
    /// How far a sink has come.
    public struct Cursor: Sendable, Equatable {
        /// Log position.
        public var position: UInt64
        /// Documents that the receiver took.
        public var delivered: Int
        /// Documents that it would not have.
        public var rejected: Int

        /// A sink that has come to `position`.
        public init(position: UInt64 = 0, delivered: Int = 0, rejected: Int = 0) {
            self.position = position
            self.delivered = delivered
            self.rejected = rejected
        }
    }

    /// Notes how far a sink has come.
    public func apply(cursor: Cursor, of sink: String) throws(SQLiteError) {
        try beginChanges()
        let put = statements.putCursor
        put.bind(1, sink)
        put.bind(2, Int64(clamping: cursor.position))
        put.bind(3, Int64(cursor.delivered))
        put.bind(4, Int64(cursor.rejected))
        try put.run()
    }

    /// How far a sink has come; from the beginning when it is new.
    public func cursor(of sink: String) throws(SQLiteError) -> Cursor {
        let statement = try connection.prepare("SELECT position, delivered, rejected FROM cursors WHERE sink = ?1")
        statement.bind(1, sink)
        guard try statement.step() else { return Cursor() }
        return Cursor(
            position: UInt64(clamping: statement.integer(0)), delivered: Int(statement.integer(1)),
            rejected: Int(statement.integer(2)))
    }
}
