import Document
import Glibc
import JSON
import PluginKit
import PluginProtocol
import SQLite

/// Keeps the newest revision of every document in a table, and its words in an FTS5 index.
///
/// A delivery is one transaction that ends with its position, so redelivery changes nothing. What is delivered again never
/// replaces a newer revision.
final class SQLiteSink: Sink {
    private var connection: Connection?
    private var statements: Statements?
    private var lastPosition: UInt64 = 0

    private struct Statements {
        var put: Statement
        var find: Statement
        var removeWords: Statement
        var putWords: Statement
        var setPosition: Statement
        var search: Statement
    }

    private static let schema = """
        CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS documents (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL,
            position INTEGER NOT NULL, source TEXT NOT NULL, uri TEXT, url TEXT, title TEXT, authors TEXT, site TEXT,
            summary TEXT, language TEXT, published TEXT, modified TEXT, fetched TEXT, duplicate_of TEXT, text TEXT,
            json TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS documents_by_source ON documents (source, published);
        CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (title, authors, summary, text,
            content='documents', content_rowid='number', tokenize="unicode61 remove_diacritics 2");
        """

    var canSearch: Bool { true }

    func configure(_ settings: JSONValue) throws -> UInt64? {
        guard let path = settings["path"]?.string else {
            throw SinkError(.configuration, "no path", remedy: "set 'path'")
        }
        try makeParent(of: path)
        do {
            let connection = try Connection(path: path)
            try connection.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
            try connection.execute(Self.schema)
            statements = try prepare(connection)
            lastPosition = UInt64(clamping: try connection.integer("SELECT value FROM meta WHERE key='position'") ?? 0)
            self.connection = connection
        } catch let error {
            throw SinkError(
                .transient, "\(path): \(error)",
                remedy: error.isCorruption
                    ? "move the file aside; all documents that the log still holds are delivered anew" : nil)
        }
        return lastPosition == 0 ? nil : lastPosition
    }

    /// The last connection that closes moves what is in the write-ahead log into the file, which is then whole by itself.
    func finish() {
        statements = nil
        connection = nil
    }

    private func prepare(_ connection: Connection) throws(SQLiteError) -> Statements {
        Statements(
            put: try connection.prepare(
                """
                INSERT INTO documents (id, revision, position, source, uri, url, title, authors, site, summary, language,
                    published, modified, fetched, duplicate_of, text, json)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
                ON CONFLICT (id) DO UPDATE SET revision = ?2, position = ?3, source = ?4, uri = ?5, url = ?6, title = ?7,
                    authors = ?8, site = ?9, summary = ?10, language = ?11, published = ?12, modified = ?13, fetched = ?14,
                    duplicate_of = ?15, text = ?16, json = ?17
                RETURNING number
                """),
            find: try connection.prepare(
                "SELECT number, title, authors, summary, text, position FROM documents WHERE id = ?1"),
            removeWords: try connection.prepare(
                "INSERT INTO words (words, rowid, title, authors, summary, text) VALUES ('delete', ?1, ?2, ?3, ?4, ?5)"),
            putWords: try connection.prepare(
                "INSERT INTO words (rowid, title, authors, summary, text) VALUES (?1, ?2, ?3, ?4, ?5)"),
            setPosition: try connection.prepare("INSERT OR REPLACE INTO meta VALUES ('position', ?1)"),
            search: try connection.prepare(
                """
                SELECT d.id, d.title, d.url, d.uri, d.source, d.published, d.position,
                    snippet(words, -1, '[', ']', '…', 24)
                FROM words JOIN documents d ON d.number = words.rowid
                WHERE words MATCH ?1 ORDER BY bm25(words, 8.0, 4.0, 2.0, 1.0) LIMIT ?2
                """))
    }

    private func makeParent(of path: String) throws {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/").dropLast() {
            made += "/\(part)"
            guard mkdir(made, 0o750) == 0 || errno == EEXIST else {
                throw SinkError(.transient, "can't make the directory \(made): \(String(cString: strerror(errno)))")
            }
        }
    }

    func deliver(_ lines: [UInt8], last: UInt64, again: Bool) throws -> [RejectedDocument] {
        guard let connection, let statements else { throw SinkError(.configuration, "the sink is not configured") }
        guard again || last > lastPosition else { return [] }
        let reached = max(last, lastPosition)
        var rejected: [RejectedDocument] = []
        try connection.execute("BEGIN IMMEDIATE")
        do {
            for line in DeliveredLine.all(in: lines) where again || (line.position ?? .max) > lastPosition {
                guard let document = try? JSONValue.parse(Array(line.bytes)), document["id"]?.string != nil else {
                    rejected.append(
                        RejectedDocument(position: line.position ?? last, reason: "the document is no JSON"))
                    continue
                }
                try put(document, line, statements)
            }
            statements.setPosition.bind(1, Int64(clamping: reached))
            try statements.setPosition.run()
            try connection.execute("COMMIT")
        } catch {
            try? connection.execute("ROLLBACK")
            throw error
        }
        lastPosition = reached
        return rejected
    }

    private func put(_ document: JSONValue, _ line: DeliveredLine, _ statements: Statements) throws(SQLiteError) {
        func text(_ name: String) -> String? { document[name]?.string }
        let find = statements.find
        find.bind(1, text("id"))
        if try find.step() {
            guard UInt64(clamping: find.integer(5)) <= line.position ?? .max else { return find.reset() }
            // The index over words has no text of its own, so the old words must be told to it.
            let remove = statements.removeWords
            remove.bind(1, find.integer(0))
            for column in Int32(1)...4 { remove.bind(column + 1, find.text(column)) }
            find.reset()
            try remove.run()
        } else {
            find.reset()
        }
        let authors = document["authors"]?.array?.compactMap(\.string).joined(separator: ", ")
        let put = statements.put
        put.bind(1, text("id"))
        put.bind(2, document["revision"]?.integer ?? 1)
        put.bind(3, Int64(clamping: line.position ?? 0))
        put.bind(4, text("source") ?? "")
        for (place, name) in [(5, "uri"), (6, "url"), (7, "title")] { put.bind(Int32(place), text(name)) }
        put.bind(8, authors)
        // In UTC, so that they sort as text.
        func time(_ name: String) -> String? {
            text(name).map { Timestamp(rfc3339: $0)?.utc.description ?? $0 }
        }
        let columns = [
            text("site"), text("summary"), text("language"), time("published"), time("modified"), time("fetched"),
            text("duplicate_of"), text("text"),
        ]
        for (place, value) in columns.enumerated() { put.bind(Int32(place + 9), value) }
        put.bind(17, String(decoding: line.bytes, as: UTF8.self))
        _ = try put.step()
        let number = put.integer(0)
        put.reset()
        let words = statements.putWords
        words.bind(1, number)
        words.bind(2, text("title"))
        words.bind(3, authors)
        words.bind(4, text("summary"))
        words.bind(5, text("text"))
        try words.run()
    }

    func search(words: String, limit: Int) throws -> (lines: [UInt8], count: Int) {
        guard let statements else { throw SinkError(.configuration, "the sink is not configured") }
        // Each word is quoted, so that none of them is taken for the query language's own.
        let query = words.split(whereSeparator: \.isWhitespace).prefix(32)
            .map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: " ")
        guard !query.isEmpty else { return ([], 0) }
        let search = statements.search
        defer { search.reset() }
        search.bind(1, query)
        search.bind(2, Int64(min(max(limit, 1), 1000)))
        var lines: [UInt8] = []
        var count = 0
        while try search.step() {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("id", search.text(0))
            writer.member("title", search.text(1))
            writer.member("url", search.text(2))
            writer.member("uri", search.text(3))
            writer.member("source", search.text(4))
            writer.member("published", search.text(5))
            writer.member("position", search.integer(6))
            writer.member("snippet", search.text(7))
            writer.endObject()
            lines += writer.bytes
            lines.append(UInt8(ascii: "\n"))
            count += 1
        }
        return (lines, count)
    }
}
