import Glibc
import SQLite

/// What can be looked up: ids, fingerprints, checkpoints, dead letters, cursors.
///
/// Everything but the runs of sources is rebuilt from the log when the database is missing, damaged or of another version.
/// It carries the log position that it is good to, in the same transaction as what it says; a start replays what follows.
/// Changes go into one open transaction, which look-ups see, and ``commit()`` ends it once the log has synced. Each page has
/// a checksum. After any error the index is to be opened anew: SQLite may have taken the open transaction back.
///
/// Owned by one actor; not Sendable.
public final class Index {
    static let schemaVersion: Int64 = 3
    /// SQLite's code for a statement that does not fit the tables; all statements are ours, so the tables are wrong.
    private static let missingTable: Int32 = 1

    let connection: Connection
    let statements: Statements
    let rows: DocumentRows
    let keys: DocumentKeys
    private var isInTransaction = false
    var sourceNumbers: [String: Int64] = [:]
    var sourceNames: [Int64: String] = [:]
    /// Up to this log position everything is in the index, with the open transaction.
    public private(set) var position: UInt64
    /// Where the log begins, as far as the index was told; what stood before is trimmed.
    var firstPlace: UInt64

    /// Opens the index in `directory`.
    ///
    /// Damage that shows only later, when a page is read, is thrown by whatever reads it; ``setAside(directory:)`` and another
    /// call of this then give an empty one, to be filled from the log.
    ///
    /// - Parameter lastPosition: the log's last position; an index that claims to know more belongs to another log.
    /// - Returns: the index, and why an older one was set aside, where it was.
    public static func open(
        directory: String, lastPosition: UInt64
    ) throws(SQLiteError) -> (index: Index, setAside: String?) {
        if mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw SQLiteError(code: 14, message: "can't make \(directory): \(String(cString: strerror(errno)))")
        }
        let path = "\(directory)/\(IndexFiles.database)"
        let reason: String
        do {
            let index = try Index(path: path)
            guard index.position > lastPosition else { return (index, nil) }
            reason = "it is good to position \(index.position), the log ends at \(lastPosition)"
        } catch  where isDamage(error) {
            reason = error.description
        }
        let kept = try setAside(directory: directory)
        return (try Index(path: path), kept.map { "\(reason); set aside as \($0)" } ?? reason)
    }

    /// Whether an error means that the database can't be trusted, and must be made anew.
    public static func isDamage(_ error: SQLiteError) -> Bool {
        error.isCorruption || error.isUnreadable || error.code == missingTable
    }

    /// Gives the database, which nobody may have open, another name.
    ///
    /// - Returns: that name; nil where there was no database.
    public static func setAside(directory: String) throws(SQLiteError) -> String? {
        try IndexFiles.setAside(directory: directory)
    }

    /// - Parameter documentsPerRun: how many documents' keys are kept in memory; other than the default for tests.
    init(path: String, documentsPerRun: Int = DocumentKeys.documentsPerRun) throws(SQLiteError) {
        connection = try Connection(path: path, checkedPages: true)
        // Rebuilt from the log if power loss takes the last transactions, so only checkpoints sync.
        try connection.execute(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY;")
        let version = try connection.integer("PRAGMA user_version") ?? 0
        if version != Self.schemaVersion {
            guard version == 0, try connection.integer("SELECT count(*) FROM sqlite_master") == 0 else {
                throw SQLiteError(
                    code: 26, message: "\(path) has schema version \(version), \(Self.schemaVersion) is known")
            }
            try connection.execute("BEGIN; \(Self.schema) PRAGMA user_version=\(Self.schemaVersion); COMMIT;")
        }
        statements = try Statements(connection)
        rows = try DocumentRows(connection)
        keys = try DocumentKeys(path: path, connection: connection, documentsPerRun: documentsPerRun)
        position = UInt64(clamping: try connection.integer("SELECT value FROM meta WHERE key='position'") ?? 0)
        firstPlace = UInt64(clamping: try connection.integer("SELECT value FROM meta WHERE key='first'") ?? 1)
        let names = try connection.prepare("SELECT number, name FROM sources")
        while try names.step() {
            let name = names.text(1) ?? ""
            sourceNumbers[name] = names.integer(0)
            sourceNames[names.integer(0)] = name
        }
    }

    private static let schema = """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
        CREATE TABLE sources (number INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, paused INTEGER NOT NULL DEFAULT 0,
            items INTEGER NOT NULL DEFAULT 0, new INTEGER NOT NULL DEFAULT 0, revised INTEGER NOT NULL DEFAULT 0,
            unchanged INTEGER NOT NULL DEFAULT 0, duplicates INTEGER NOT NULL DEFAULT 0,
            dead_letters INTEGER NOT NULL DEFAULT 0);
        \(DocumentRows.table)
        \(DocumentKeys.table)
        CREATE TABLE positions (position INTEGER PRIMARY KEY, source INTEGER NOT NULL);
        CREATE TABLE checkpoints (source INTEGER NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
            PRIMARY KEY (source, key)) WITHOUT ROWID;
        CREATE TABLE dead_letters (position INTEGER PRIMARY KEY, source INTEGER NOT NULL, time INTEGER NOT NULL,
            attempts INTEGER NOT NULL, uri TEXT NOT NULL, reason TEXT NOT NULL);
        CREATE TABLE cursors (sink TEXT PRIMARY KEY, position INTEGER NOT NULL, delivered INTEGER NOT NULL,
            rejected INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE runs (source TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        """

    // MARK: Transactions

    func beginChanges() throws(SQLiteError) {
        guard !isInTransaction else { return }
        try connection.execute("BEGIN")
        isInTransaction = true
    }

    /// Whether there are changes that ``commit()`` has not ended yet.
    public var hasChanges: Bool { isInTransaction }

    /// Notes that everything up to `position` has been applied.
    public func advance(to position: UInt64) { self.position = max(self.position, position) }

    /// Ends the open transaction; the log must be durable up to ``position``.
    public func commit() throws(SQLiteError) {
        guard isInTransaction else { return }
        try commit(allKeys: false)
    }

    private func commit(allKeys: Bool) throws(SQLiteError) {
        statements.setPosition.bind(1, Int64(clamping: position))
        try statements.setPosition.run()
        try keys.settle(upTo: position, all: allKeys)
        try connection.execute("COMMIT")
        isInTransaction = false
        guard keys.isUnsettled else { return }
        // Syncs, so that the runs which no row names any more can go, and a power failure takes no more than came behind.
        try connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        keys.settled()
    }

    /// Writes what the next opening would have to read again; the last thing that is done with the index.
    public func close() {
        do throws(SQLiteError) {
            try beginChanges()
            try commit(allKeys: true)
        } catch {
            // Whatever is not written now is made again from the log.
        }
    }
}
