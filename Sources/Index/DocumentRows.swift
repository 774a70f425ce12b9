import Document
import SQLite

/// What the index knows of one revision of a document.
struct DocumentRow {
    var id: DocumentID
    /// The source's number.
    var source: Int64
    var revision: Int
    var hash: ContentHash
    /// Nil where others are not compared with it.
    var fingerprint: Fingerprint?
}

/// The rows of documents by their position in the log, so that a new one is written behind the one before.
final class DocumentRows {
    private let find: Statement
    private let insert: Statement
    private let delete: Statement

    static let table = """
        CREATE TABLE documents (position INTEGER PRIMARY KEY, high INTEGER NOT NULL, low INTEGER NOT NULL,
            source INTEGER NOT NULL, revision INTEGER NOT NULL, hash BLOB NOT NULL, fingerprint BLOB);
        """

    init(_ connection: Connection) throws(SQLiteError) {
        find = try connection.prepare(
            "SELECT high, low, source, revision, hash, fingerprint FROM documents WHERE position = ?1")
        insert = try connection.prepare("INSERT OR REPLACE INTO documents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        delete = try connection.prepare("DELETE FROM documents WHERE position = ?1")
    }

    func row(at position: UInt64) throws(SQLiteError) -> DocumentRow? {
        defer { find.reset() }
        find.bind(1, Int64(clamping: position))
        guard try find.step(), let hash = find.withBlob(4, { ContentHash(bytes: $0) }) else { return nil }
        return DocumentRow(
            id: DocumentID(high: UInt64(bitPattern: find.integer(0)), low: UInt64(bitPattern: find.integer(1))),
            source: find.integer(2), revision: Int(find.integer(3)), hash: hash,
            fingerprint: find.withBlob(5) { Fingerprint(bytes: $0) })
    }

    func put(_ row: DocumentRow, at position: UInt64) throws(SQLiteError) {
        insert.bind(1, Int64(clamping: position))
        insert.bind(2, Int64(bitPattern: row.id.high))
        insert.bind(3, Int64(bitPattern: row.id.low))
        insert.bind(4, row.source)
        insert.bind(5, Int64(row.revision))
        insert.bind(6, blob: row.hash.bytes)
        if let fingerprint = row.fingerprint {
            insert.bind(7, blob: fingerprint.bytes)
        } else {
            insert.bind(7, nil as Int64?)
        }
        try insert.run()
    }

    func remove(at position: UInt64) throws(SQLiteError) {
        delete.bind(1, Int64(clamping: position))
        try delete.run()
    }
}
