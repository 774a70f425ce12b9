import Document
import Glibc
import JSON
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
    static let schemaVersion: Int64 = 2
    /// SQLite's code for a statement that does not fit the tables; all statements are ours, so the tables are wrong.
    private static let missingTable: Int32 = 1

    /// What the table of near duplicates' keys is called, behind the database's name.
    private static let keysSuffix = "-keys"

    let connection: Connection
    let statements: Statements
    private let nearDuplicates: NearDuplicates
    private var isInTransaction = false
    private var sourceNumbers: [String: Int64] = [:]
    private var sourceNames: [Int64: String] = [:]
    /// Up to this log position everything is in the index, with the open transaction.
    public private(set) var position: UInt64

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
        let path = "\(directory)/\(fileName)"
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

    static let fileName = "index.sqlite3"
    /// Damaged ones that are kept for a look; with a failing disk there would be no end of them.
    private static let keptDamaged = 3

    /// Whether an error means that the database can't be trusted, and must be made anew.
    public static func isDamage(_ error: SQLiteError) -> Bool {
        error.isCorruption || error.code == missingTable
    }

    /// Gives the database, which nobody may have open, another name.
    ///
    /// - Returns: that name; nil where there was no database.
    public static func setAside(directory: String) throws(SQLiteError) -> String? {
        let path = "\(directory)/\(fileName)"
        let prefix = "\(fileName).damaged-"
        var number = Timestamp.now.milliseconds
        while access("\(directory)/\(prefix)\(number)", F_OK) == 0 { number += 1 }
        let kept = "\(directory)/\(prefix)\(number)"
        let isThere = rename(path, kept) == 0
        guard isThere || errno == ENOENT else {
            throw SQLiteError(code: 14, message: "can't set \(path) aside: \(String(cString: strerror(errno)))")
        }
        for suffix in ["-wal", "-shm", keysSuffix] { unlink(path + suffix) }
        for name in damaged(in: directory, prefix).dropLast(keptDamaged) { unlink("\(directory)/\(name)") }
        return isThere ? kept : nil
    }

    private static func damaged(in directory: String, _ prefix: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(prefix) { names.append(name) }
        }
        return names.sorted()
    }

    init(path: String) throws(SQLiteError) {
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
        nearDuplicates = try NearDuplicates(path: path + Self.keysSuffix, connection: connection)
        position = UInt64(clamping: try connection.integer("SELECT value FROM meta WHERE key='position'") ?? 0)
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
        CREATE TABLE documents (high INTEGER NOT NULL, low INTEGER NOT NULL, source INTEGER NOT NULL,
            revision INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL, fingerprint BLOB,
            PRIMARY KEY (high, low)) WITHOUT ROWID;
        CREATE TABLE hashes (hash INTEGER PRIMARY KEY, high INTEGER NOT NULL, low INTEGER NOT NULL);
        CREATE TABLE positions (position INTEGER PRIMARY KEY, source INTEGER NOT NULL, high INTEGER NOT NULL,
            low INTEGER NOT NULL);
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
        statements.setPosition.bind(1, Int64(clamping: position))
        try statements.setPosition.run()
        try connection.execute("COMMIT")
        isInTransaction = false
    }

    /// Writes what is not on the disk yet; the last thing that is done with the index.
    public func close() { nearDuplicates.close() }

    // MARK: Documents

    /// What is known of a document.
    public struct Entry: Sendable, Equatable {
        /// 1 for a new document, one more with each change.
        public var revision: Int
        /// Where its newest revision stands in the log.
        public var position: UInt64
        /// Of the content in that revision.
        public var hash: ContentHash
    }

    /// Looks a document up by its id.
    public func document(_ id: DocumentID) throws(SQLiteError) -> Entry? {
        let statement = statements.findDocument
        defer { statement.reset() }
        statement.bind(1, Int64(bitPattern: id.high))
        statement.bind(2, Int64(bitPattern: id.low))
        guard try statement.step(), let hash = ContentHash(bytes: statement.blob(2)) else { return nil }
        return Entry(revision: Int(statement.integer(0)), position: UInt64(clamping: statement.integer(1)), hash: hash)
    }

    /// The first document that had this content, whatever its source.
    public func firstDocument(with hash: ContentHash) throws(SQLiteError) -> DocumentID? {
        let statement = statements.findHash
        defer { statement.reset() }
        statement.bind(1, Int64(bitPattern: hash.words.0))
        guard try statement.step() else { return nil }
        return DocumentID(
            high: UInt64(bitPattern: statement.integer(0)), low: UInt64(bitPattern: statement.integer(1)))
    }

    /// The document that is most like one with this fingerprint, where one is nearly the same.
    ///
    /// - Parameter pending: documents that were noted and are not applied yet, by ``key(of:)``.
    public func nearestDocument(
        to fingerprint: Fingerprint, besides id: DocumentID,
        pending: [UInt32: (id: DocumentID, fingerprint: Fingerprint)] = [:]
    ) throws(SQLiteError) -> (id: DocumentID, similarity: Double)? {
        try nearDuplicates.nearest(to: fingerprint, besides: id, pending: pending)
    }

    /// Lets a document be found by ``nearestDocument(to:besides:pending:)``, from when it is applied, or pending.
    public func note(_ fingerprint: Fingerprint, of id: DocumentID) throws(SQLiteError) {
        try nearDuplicates.note(fingerprint, of: id)
    }

    /// By what a document that is not applied yet is looked up.
    public static func key(of id: DocumentID) -> UInt32 { NearDuplicates.prefix(id) }

    /// Notes a document that stands at `position`.
    ///
    /// - Parameter fingerprint: nil for a document that others are not compared with: a duplicate, or a short one.
    public func apply(
        document id: DocumentID, source: String, revision: Int, hash: ContentHash, fingerprint: Fingerprint?,
        position: UInt64
    ) throws(SQLiteError) {
        try beginChanges()
        let number = try self.number(of: source)
        let put = statements.putDocument
        put.bind(1, Int64(bitPattern: id.high))
        put.bind(2, Int64(bitPattern: id.low))
        put.bind(3, number)
        put.bind(4, Int64(revision))
        put.bind(5, Int64(clamping: position))
        put.bind(6, blob: hash.bytes)
        if let fingerprint { put.bind(7, blob: fingerprint.bytes) } else { put.bind(7, nil as Int64?) }
        try put.run()
        let first = statements.putHash
        first.bind(1, Int64(bitPattern: hash.words.0))
        first.bind(2, Int64(bitPattern: id.high))
        first.bind(3, Int64(bitPattern: id.low))
        try first.run()
        let place = statements.putPosition
        place.bind(1, Int64(clamping: position))
        place.bind(2, number)
        place.bind(3, Int64(bitPattern: id.high))
        place.bind(4, Int64(bitPattern: id.low))
        try place.run()
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

    // MARK: Sources

    func number(of source: String) throws(SQLiteError) -> Int64 {
        if let number = sourceNumbers[source] { return number }
        try beginChanges()
        statements.putSource.bind(1, source)
        try statements.putSource.run()
        guard let number = try connection.integer("SELECT last_insert_rowid()") else { return 0 }
        sourceNumbers[source] = number
        sourceNames[number] = source
        return number
    }

    func name(of number: Int64) -> String { sourceNames[number] ?? "" }

    /// Counts, in the order items, new, revised, unchanged, duplicates, dead letters.
    public typealias Counts = [Int]

    /// Notes the end of items and what changed in their source's state.
    public func apply(receiptOf source: String, counts: Counts, state: [String: JSONValue]) throws(SQLiteError) {
        try beginChanges()
        let number = try self.number(of: source)
        let add = statements.addCounts
        // A statement keeps its values from one run to the next, so those that are not given are set as well.
        for place in 0..<6 { add.bind(Int32(place + 1), Int64(place < counts.count ? counts[place] : 0)) }
        add.bind(7, number)
        try add.run()
        for (key, value) in state {
            let statement = value.isNull ? statements.removeCheckpoint : statements.putCheckpoint
            statement.bind(1, number)
            statement.bind(2, key)
            if !value.isNull { statement.bind(3, blob: value.encoded) }
            try statement.run()
        }
    }

    /// What a source's jobs have committed.
    public func state(of source: String) throws(SQLiteError) -> [String: JSONValue] {
        guard let number = sourceNumbers[source] else { return [:] }
        let statement = statements.listCheckpoints
        defer { statement.reset() }
        statement.bind(1, number)
        var state: [String: JSONValue] = [:]
        while try statement.step() {
            if let key = statement.text(0), let value = try? JSONValue.parse(statement.blob(1)) { state[key] = value }
        }
        return state
    }

    /// The counts of every source that ever had any, and whether it is paused.
    public func sources() throws(SQLiteError) -> [(name: String, counts: Counts, paused: Bool)] {
        let statement = try connection.prepare(
            "SELECT name, items, new, revised, unchanged, duplicates, dead_letters, paused FROM sources ORDER BY name")
        var all: [(name: String, counts: Counts, paused: Bool)] = []
        while try statement.step() {
            let counts = (1...6).map { Int(statement.integer(Int32($0))) }
            all.append((statement.text(0) ?? "", counts, statement.integer(7) != 0))
        }
        return all
    }

    /// Notes whether an operator has paused a source.
    public func apply(paused: Bool, source: String) throws(SQLiteError) {
        try beginChanges()
        let number = try self.number(of: source)
        try connection.execute("UPDATE sources SET paused=\(paused ? 1 : 0) WHERE number=\(number)")
    }

    /// When and how sources ran; the one thing here that the log does not hold.
    public func setRun(of source: String, _ value: JSONValue) throws(SQLiteError) {
        try beginChanges()
        statements.putRun.bind(1, source)
        statements.putRun.bind(2, blob: value.encoded)
        try statements.putRun.run()
    }

    /// When and how sources ran, one after the other.
    public func forEachRun(_ body: (_ source: String, _ run: JSONValue) -> Void) throws(SQLiteError) {
        let statement = try connection.prepare("SELECT source, value FROM runs")
        while try statement.step() {
            guard let name = statement.text(0), let run = try? JSONValue.parse(statement.blob(1)) else { continue }
            body(name, run)
        }
    }

    /// When and how one source ran; nil where it never did.
    public func run(of source: String) throws(SQLiteError) -> JSONValue? {
        statements.getRun.bind(1, source)
        defer { statements.getRun.reset() }
        guard try statements.getRun.step() else { return nil }
        return try? JSONValue.parse(statements.getRun.blob(0))
    }

    // MARK: Dead letters and cursors

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
