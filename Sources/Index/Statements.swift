import SQLite

/// The statements that the index uses for every document.
struct Statements {
    let setPosition: Statement
    let putPosition: Statement
    let listPositions: Statement
    let listSourcePositions: Statement
    let putSource: Statement
    let addCounts: Statement
    let putCheckpoint: Statement
    let removeCheckpoint: Statement
    let listCheckpoints: Statement
    let putDeadLetter: Statement
    let putCursor: Statement
    let putRun: Statement
    let getRun: Statement

    init(_ connection: Connection) throws(SQLiteError) {
        setPosition = try connection.prepare("INSERT OR REPLACE INTO meta VALUES ('position', ?1)")
        putPosition = try connection.prepare("INSERT OR REPLACE INTO positions VALUES (?1, ?2)")
        listPositions = try connection.prepare(
            "SELECT position FROM positions WHERE position < ?1 ORDER BY position DESC LIMIT ?2")
        listSourcePositions = try connection.prepare(
            "SELECT position FROM positions WHERE position < ?1 AND source = ?3 ORDER BY position DESC LIMIT ?2")
        putSource = try connection.prepare("INSERT INTO sources (name) VALUES (?1)")
        addCounts = try connection.prepare(
            """
            UPDATE sources SET items = items + ?1, new = new + ?2, revised = revised + ?3, unchanged = unchanged + ?4,
                duplicates = duplicates + ?5, dead_letters = dead_letters + ?6 WHERE number = ?7
            """)
        putCheckpoint = try connection.prepare("INSERT OR REPLACE INTO checkpoints VALUES (?1, ?2, ?3)")
        removeCheckpoint = try connection.prepare("DELETE FROM checkpoints WHERE source = ?1 AND key = ?2")
        listCheckpoints = try connection.prepare("SELECT key, value FROM checkpoints WHERE source = ?1")
        putDeadLetter = try connection.prepare("INSERT OR REPLACE INTO dead_letters VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        putCursor = try connection.prepare("INSERT OR REPLACE INTO cursors VALUES (?1, ?2, ?3, ?4)")
        putRun = try connection.prepare("INSERT OR REPLACE INTO runs VALUES (?1, ?2)")
        getRun = try connection.prepare("SELECT value FROM runs WHERE source = ?1")
    }
}
