import JSON
import SQLite

/// Sources: what their items came to, what their jobs have committed, when they ran.
extension Index {
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
}
