import Document
import SQLite

/// Documents: each revision is a row at its position in the log, found by its keys.
extension Index {
    /// What is known of a document.
    public struct Entry: Sendable, Equatable {
        /// 1 for a new document, one more with each change.
        public var revision: Int
        /// Where its newest revision stands in the log.
        public var position: UInt64
        /// Of the content in that revision.
        public var hash: ContentHash
    }

    /// Says what will be looked up soon, so that the processor fetches it meanwhile: all at once rather than one after the
    /// other. Nothing depends on it.
    public func expect(_ id: DocumentID, _ hash: ContentHash, _ fingerprint: Fingerprint?) {
        keys.prefetch(DocumentKey(id))
        keys.prefetch(DocumentKey(hash))
        fingerprint?.eachKey(keys.prefetch)
    }

    /// Looks a document up by its id.
    public func document(_ id: DocumentID) throws(SQLiteError) -> Entry? {
        let positions = try keys.positions(of: DocumentKey(id))
        for place in (0..<positions.count).reversed() {
            if let row = try rows.row(at: positions[place]), row.id == id {
                return Entry(revision: row.revision, position: positions[place], hash: row.hash)
            }
        }
        return nil
    }

    /// The first document that had this content, whatever its source.
    public func firstDocument(with hash: ContentHash) throws(SQLiteError) -> DocumentID? {
        let positions = try keys.positions(of: DocumentKey(hash))
        for place in 0..<positions.count {
            if let row = try rows.row(at: positions[place]), row.hash == hash { return row.id }
        }
        return nil
    }

    /// Notes a document that stands at `position`, behind all that were noted before.
    ///
    /// - Parameter fingerprint: nil for a document that others are not compared with: a duplicate, or a short one.
    public func apply(
        document id: DocumentID, source: String, revision: Int, hash: ContentHash, fingerprint: Fingerprint?,
        position: UInt64
    ) throws(SQLiteError) {
        try beginChanges()
        let number = try self.number(of: source)
        if revision > 1, firstPlace > 1, let older = try document(id)?.position, older < min(firstPlace, position) {
            // Nobody can ask for it any more.
            try rows.remove(at: older)
        }
        try rows.put(
            DocumentRow(id: id, source: number, revision: revision, hash: hash, fingerprint: fingerprint), at: position)
        try put(source: number, at: position)
        try keys.insert(id, hash, fingerprint, at: position)
    }

    func put(source number: Int64, at position: UInt64) throws(SQLiteError) {
        statements.putPosition.bind(1, Int64(clamping: position))
        statements.putPosition.bind(2, number)
        try statements.putPosition.run()
    }

    /// Positions of documents, newest first.
    ///
    /// - Parameter before: only those that stand before it.
    public func positions(source: String?, before: UInt64?, limit: Int) throws(SQLiteError) -> [UInt64] {
        // A name that nothing came from must not become a source by being asked for.
        let filter = source.flatMap { sourceNumbers[$0] }
        if source != nil, filter == nil { return [] }
        let statement = filter == nil ? statements.listPositions : statements.listSourcePositions
        defer { statement.reset() }
        statement.bind(1, Int64(clamping: before ?? UInt64(Int64.max)))
        statement.bind(2, Int64(limit))
        if let filter { statement.bind(3, filter) }
        var found: [UInt64] = []
        while try statement.step() { found.append(UInt64(clamping: statement.integer(0))) }
        return found
    }

    /// Forgets where documents before `first` stood in the log; they are known all the same, but for their older revisions.
    public func forgetPlaces(before first: UInt64) throws(SQLiteError) {
        try beginChanges()
        let trimmed = try connection.prepare("SELECT position FROM positions WHERE position < \(first)")
        while try trimmed.step() {
            let position = UInt64(clamping: trimmed.integer(0))
            guard let row = try rows.row(at: position), let newest = try document(row.id)?.position else { continue }
            if newest != position { try rows.remove(at: position) }
        }
        try connection.execute(
            """
            DELETE FROM positions WHERE position < \(first);
            INSERT OR REPLACE INTO meta VALUES ('first', \(first));
            """)
        firstPlace = first
    }
}
