import Glibc
import SQLite
import TestSupport
import Testing

/// What the wrapper adds to SQLite: types, typed errors, statements that are ready for the next time.
@Suite struct SQLiteTests {
    private let connection: Connection

    init() throws {
        connection = try Connection(path: ":memory:")
        try connection.execute("CREATE TABLE things (number INTEGER PRIMARY KEY, value UNIQUE)")
    }

    /// The error that `body` throws.
    private func fault(_ body: () throws(SQLiteError) -> Void) -> SQLiteError? {
        do throws(SQLiteError) { try body() } catch { return error }
        return nil
    }

    @Test func valuesComeBack() throws {
        let echo = try connection.prepare("SELECT ?1")
        for value in [Int64.min, -1, 0, .max] {
            echo.bind(1, value)
            #expect(try echo.step())
            #expect(echo.integer(0) == value)
            echo.reset()
        }
        for value in [0.1, -0.0, .infinity, .leastNonzeroMagnitude] {
            echo.bind(1, value)
            #expect(try echo.step())
            #expect(echo.number(0) == value)
            echo.reset()
        }
        for value in ["", "a", "é😀", "with \0 inside", String(repeating: "long ", count: 100_000)] {
            echo.bind(1, value)
            #expect(try echo.step())
            #expect(echo.text(0) == value)
            #expect(!echo.isNull(0))
            echo.reset()
        }
        for value in [[], [0], [0xFF, 0, 1], [UInt8](repeating: 7, count: 300_000)] as [[UInt8]] {
            echo.bind(1, blob: value)
            #expect(try echo.step())
            #expect(echo.blob(0) == value)
            #expect(!echo.isNull(0))
            echo.reset()
        }
        echo.bind(1, nil as String?)
        #expect(try echo.step())
        #expect(echo.isNull(0) && echo.text(0) == nil && echo.blob(0).isEmpty)
    }

    @Test func aStatementIsUsedAgainAfterItsFailure() throws {
        let put = try connection.prepare("INSERT INTO things (value) VALUES (?1)")
        put.bind(1, "a")
        try put.run()
        put.bind(1, "a")
        let error = try #require(fault { () throws(SQLiteError) in try put.run() })
        // SQLITE_CONSTRAINT_UNIQUE, and the statement is named.
        #expect(error.code == 2067 && error.code & 0xFF == 19)
        #expect(error.description.contains("things.value") && error.description.contains("INSERT INTO things"))
        #expect(!error.isCorruption && !error.isFull)
        put.bind(1, "b")
        try put.run()
        #expect(connection.changes == 1)
        #expect(try connection.integer("SELECT count(*) FROM things") == 2)
    }

    @Test func aBindingThatIsRefusedIsNotLost() throws {
        let put = try connection.prepare("INSERT INTO things (value) VALUES (?1)")
        put.bind(1, "kept")
        put.bind(2, "there is no second place")
        // SQLITE_RANGE
        #expect(fault { () throws(SQLiteError) in try put.run() }?.code == 25)
        #expect(try connection.integer("SELECT count(*) FROM things") == 0)
        put.bind(1, "kept")
        try put.run()
        #expect(try connection.integer("SELECT count(*) FROM things") == 1)
        // A statement that is in the midst of its rows takes no new values: SQLITE_MISUSE.
        let list = try connection.prepare("SELECT value FROM things WHERE number >= ?1")
        list.bind(1, Int64(0))
        #expect(try list.step())
        list.bind(1, Int64(1))
        #expect(fault { () throws(SQLiteError) in _ = try list.step() }?.code == 21)
        list.bind(1, Int64(1))
        #expect(try list.step())
    }

    @Test func anOpenRowDoesNotKeepATransactionOpen() throws {
        try connection.execute("INSERT INTO things (value) VALUES (1), (2)")
        let list = try connection.prepare("SELECT value FROM things")
        #expect(try list.step())
        list.reset()
        try connection.execute("BEGIN; DROP TABLE things; COMMIT")
        #expect(fault { () throws(SQLiteError) in _ = try list.step() }?.message.contains("no such table") == true)
    }

    @Test func mistakesAreTyped() throws {
        let connection = connection
        #expect(fault { () throws(SQLiteError) in try connection.execute("SELEKT 1") }?.code == 1)
        #expect(fault { () throws(SQLiteError) in _ = try connection.prepare("SELECT * FROM nothing") }?.code == 1)
        for text in ["", "  ", "-- nothing"] {
            #expect(fault { () throws(SQLiteError) in _ = try connection.prepare(text) }?.code == 21)
        }
        let missing = try #require(
            fault { () throws(SQLiteError) in _ = try Connection(path: "/nowhere/at/all.sqlite3", readOnly: true) })
        #expect(missing.code & 0xFF == 14 && missing.description.contains("/nowhere/at/all.sqlite3"))
        #expect(try connection.integer("SELECT NULL") == nil)
        #expect(try connection.integer("SELECT 1 WHERE 0") == nil)
    }

    @Test func filesThatAreNoDatabaseAndFullOnesAreToldApart() throws {
        let directory = TemporaryDirectory()
        let descriptor = open(directory.file("bad"), O_WRONLY | O_CREAT, 0o600)
        let text = String(repeating: "this is no database at all\n", count: 200)
        #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
        close(descriptor)
        let bad = try Connection(path: directory.file("bad"))
        #expect(
            fault { () throws(SQLiteError) in _ = try bad.integer("SELECT count(*) FROM sqlite_master") }?.isCorruption
                == true)
        let full = try Connection(path: directory.file("full"))
        try full.execute("PRAGMA max_page_count=4; CREATE TABLE t (x)")
        let error = fault { () throws(SQLiteError) in try full.execute("INSERT INTO t VALUES (zeroblob(100000))") }
        #expect(error?.isFull == true && error?.isCorruption == false)
        let reader = try Connection(path: directory.file("full"), readOnly: true)
        #expect(fault { () throws(SQLiteError) in try reader.execute("CREATE TABLE u (x)") }?.code == 8)
    }

    /// Statements keep their connection, whatever goes first.
    @Test func aStatementOutlivesItsConnectionsName() throws {
        func make() throws -> Statement { try Connection(path: ":memory:").prepare("SELECT 42") }
        let statement = try make()
        #expect(try statement.step())
        #expect(statement.integer(0) == 42)
    }
}
