import Document
import SQLite

/// Dead letters.
extension Index {
    /// A dead letter as lists show it.
    public struct DeadLetterEntry: Sendable, Equatable {
        /// Log position.
        public var position: UInt64
        /// The source that the item came from; empty when that is unknown.
        public var source: String
        /// When it was written.
        public var time: Timestamp
        /// How often it was tried.
        public var attempts: Int
        /// Where its bytes came from.
        public var uri: String
        /// Why it is no document.
        public var reason: String
    }

    /// Notes a dead letter that stands at `position`.
    public func apply(
        deadLetterAt position: UInt64, source: String, time: Timestamp, attempts: Int, uri: String, reason: String
    ) throws(SQLiteError) {
        try beginChanges()
        let put = statements.putDeadLetter
        put.bind(1, Int64(clamping: position))
        put.bind(2, try number(of: source))
        put.bind(3, time.milliseconds)
        put.bind(4, Int64(attempts))
        put.bind(5, uri)
        put.bind(6, reason)
        try put.run()
    }

    /// Dead letters, newest first.
    public func deadLetters(
        source: String?, before: UInt64?, limit: Int
    ) throws(SQLiteError) -> [DeadLetterEntry] {
        // A name that nothing came from must not become a source by being asked for.
        let filter = source.flatMap { sourceNumbers[$0] }
        if source != nil, filter == nil { return [] }
        let statement = try connection.prepare(
            "SELECT position, source, time, attempts, uri, reason FROM dead_letters WHERE position < ?1"
                + (filter == nil ? "" : " AND source = ?3") + " ORDER BY position DESC LIMIT ?2")
        statement.bind(1, Int64(clamping: before ?? UInt64(Int64.max)))
        statement.bind(2, Int64(limit))
        if let filter { statement.bind(3, filter) }
        var all: [DeadLetterEntry] = []
        while try statement.step() {
            all.append(
                DeadLetterEntry(
                    position: UInt64(clamping: statement.integer(0)), source: name(of: statement.integer(1)),
                    time: Timestamp(milliseconds: statement.integer(2)), attempts: Int(statement.integer(3)),
                    uri: statement.text(4) ?? "", reason: statement.text(5) ?? ""))
        }
        return all
    }
}
