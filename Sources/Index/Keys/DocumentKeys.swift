import Document
import Glibc
import SQLite

/// Where in the log the documents stand that have a key: a log-structured merge tree (O'Neil and others 1996).
///
/// Keys come in no order. In a B-tree each would change a page of its own, of which there are hundreds of thousands with ten
/// million documents. Here the newest are in memory, a few thousand documents' at once are written in order as a run, and runs
/// of like size are merged in the background, so that each entry is written again some ten times until then, and always one
/// behind the other.
///
/// The database says which runs there are, in the transaction with the position that they are good to. What came behind it
/// is taken from the documents' rows when the index is opened, and everything is where a run is missing or no run at all.
final class DocumentKeys {
    private let connection: Connection
    private let pathPrefix: String
    /// Oldest first.
    private var runs: [KeyRun] = []
    private let recent = RecentKeys(capacity: 1 << 12)
    /// What a look into a run finds.
    private var bucket: [KeyEntry] = []
    private var looks: [Look] = []
    private var recentDocuments = 0
    private var nextNumber: UInt64 = 1
    /// Oldest runs first: while large ones are merged, small ones that come meanwhile are, too, so that there are never many.
    private var merges: [KeyRunMerge] = []
    /// Runs that are merged, whose files may go when the database says so durably.
    private var obsolete: [KeyRun] = []
    /// Whether the database says of other runs than it durably does.
    private(set) var isUnsettled = false

    /// Documents whose keys are written as one run; a start reads the rows of so many, and of one transaction.
    static let documentsPerRun = 1 << 14
    private let documentsPerRun: Int
    /// Runs are merged with newer ones unless they are more than so many times as large as those are together.
    private static let sizeRatio = 3
    private static let fewestMerged = 3
    private static let mostMerges = 2
    /// With more runs, writing waits for the merge of the newest.
    private static let mostRuns = 16

    /// `last`: the position that a run and those before it are good to.
    static let table = "CREATE TABLE key_runs (last INTEGER PRIMARY KEY, number INTEGER NOT NULL);"

    /// Opens the runs that the database at `path` names; they stand beside it.
    init(path: String, connection: Connection, documentsPerRun: Int) throws(SQLiteError) {
        self.connection = connection
        self.documentsPerRun = documentsPerRun
        pathPrefix = "\(path)-keys"
        do { try openRuns() } catch  where error.isCorruption {
            runs = []
            try connection.execute("DELETE FROM key_runs")
        }
        removeLeftovers()
        try takeRows()
        settled()
    }

    private func openRuns() throws(SQLiteError) {
        let rows = try connection.prepare("SELECT number FROM key_runs ORDER BY last")
        while try rows.step() {
            let number = UInt64(clamping: rows.integer(0))
            nextNumber = max(nextNumber, number &+ 1)
            runs.append(try KeyRun(path: path(number), number: number))
        }
    }

    private func path(_ number: UInt64) -> String { "\(pathPrefix)-\(number)" }

    /// Removes files that no row names: of a merge that was not finished, or whose end the database does not know.
    private func removeLeftovers() {
        for name in IndexFiles.names(beginningWith: pathPrefix) where !runs.contains(where: { path($0.number) == name })
        {
            unlink(name)
        }
    }

    /// Takes the keys of all documents behind the runs.
    private func takeRows() throws(SQLiteError) {
        let last = try connection.integer("SELECT max(last) FROM key_runs") ?? 0
        let rows = try connection.prepare(
            "SELECT position, high, low, hash, fingerprint FROM documents WHERE position > \(last) ORDER BY position")
        try connection.execute("BEGIN")
        while try rows.step() {
            guard let hash = rows.withBlob(3, { ContentHash(bytes: $0) }) else { continue }
            let id = DocumentID(high: UInt64(bitPattern: rows.integer(1)), low: UInt64(bitPattern: rows.integer(2)))
            try insert(id, hash, rows.withBlob(4) { Fingerprint(bytes: $0) }, at: UInt64(clamping: rows.integer(0)))
        }
        try connection.execute("COMMIT")
        if isUnsettled { try connection.execute("PRAGMA wal_checkpoint(PASSIVE)") }
    }

    // MARK: Changing

    /// Notes, in the open transaction, where a document stands, behind all that were noted before.
    func insert(
        _ id: DocumentID, _ hash: ContentHash, _ fingerprint: Fingerprint?, at position: UInt64
    ) throws(SQLiteError) {
        recent.insert(DocumentKey(id), at: position)
        recent.insert(DocumentKey(hash), at: position)
        fingerprint?.eachKey { recent.insert($0, at: position) }
        recentDocuments += 1
        // Before the end of the transaction only where that is long in coming.
        if recentDocuments >= documentsPerRun * 2 { try settle(upTo: position) }
    }

    /// Writes a run when there is enough for one, and says in the open transaction which runs there are.
    ///
    /// - Parameters:
    ///   - position: which nothing that is not noted yet stands at or before.
    ///   - all: whether few keys are worth a run, too.
    func settle(upTo position: UInt64, all: Bool = false) throws(SQLiteError) {
        try takeMerged(waiting: runs.count >= Self.mostRuns)
        guard recentDocuments >= (all ? documentsPerRun / 8 : documentsPerRun) else { return }
        let writer = try KeyRunWriter(path: path(nextNumber), number: nextNumber, capacity: recent.count)
        for entry in recent.sorted() { try writer.append(entry) }
        try writer.finish()
        let run = try KeyRun(path: path(nextNumber), number: nextNumber)
        nextNumber += 1
        try connection.execute("INSERT INTO key_runs VALUES (\(position), \(run.number))")
        runs.append(run)
        recent.removeAll()
        recentDocuments = 0
        isUnsettled = true
        startMerge()
    }

    /// To be called when the transaction is durable in which ``isUnsettled`` became true.
    func settled() {
        isUnsettled = false
        for run in obsolete { run.remove() }
        obsolete = []
        startMerge()
    }

    private func takeMerged(waiting: Bool) throws(SQLiteError) {
        for merge in merges {
            guard let outcome = merge.outcome(waiting: waiting && merge === merges.last) else { continue }
            merges.removeAll { $0 === merge }
            switch outcome {
            case .success(let run): try replace(merge.inputs, with: run)
            // Whatever else stands in the way, a later merge may find it gone; damage does not go.
            case .failure(let error): if error.isCorruption { throw error }
            }
        }
    }

    private func replace(_ inputs: [KeyRun], with run: KeyRun) throws(SQLiteError) {
        guard let first = runs.firstIndex(where: { $0 === inputs[0] }), let newest = inputs.last else { return }
        let numbers = inputs.map { "\($0.number)" }.joined(separator: ",")
        try connection.execute(
            """
            UPDATE key_runs SET number = \(run.number) WHERE number = \(newest.number);
            DELETE FROM key_runs WHERE number IN (\(numbers));
            """)
        runs.replaceSubrange(first..<first + inputs.count, with: [run])
        obsolete += inputs
        isUnsettled = true
    }

    private func startMerge() {
        guard merges.count < Self.mostMerges else { return }
        // Behind those that are being merged.
        let oldest = runs.lastIndex { run in merges.contains { $0.inputs.last === run } }.map { $0 + 1 } ?? 0
        var first = runs.count
        var entries = 0
        while first > oldest, entries == 0 || runs[first - 1].count <= entries * Self.sizeRatio {
            first -= 1
            entries += runs[first].count
        }
        guard runs.count - first >= Self.fewestMerged, entries <= KeyRun.mostEntries else { return }
        merges.append(KeyRunMerge(Array(runs[first...]), path: path(nextNumber), number: nextNumber))
        nextNumber += 1
    }

    // MARK: Looking

    /// Lets the processor fetch what ``positions(of:)`` will look at, while something else is done: all at once rather than
    /// one after the other.
    func prefetch(_ key: DocumentKey) {
        recent.prefetch(key)
        for run in runs { run.prefetch(key) }
    }

    /// The positions of a key that are remembered, rising: of an id the newest, of all else the oldest.
    func positions(of key: DocumentKey) throws(SQLiteError) -> KeyPositions {
        let newest = recent.positions(of: key)
        guard !runs.isEmpty else { return newest }
        var positions = KeyPositions()
        if key.keepsNewest {
            for place in 0..<newest.count { positions.insert(newest[place]) }
            for run in runs.reversed() where !positions.isFull {
                for place in try run.find(key, in: &bucket).reversed() { positions.insert(bucket[place].position) }
            }
        } else {
            for run in runs where !positions.isFull {
                for place in try run.find(key, in: &bucket) { positions.insert(bucket[place].position) }
            }
            for place in 0..<newest.count { positions.insert(newest[place]) }
        }
        return positions
    }

    /// Calls `body` with the positions of each key of a fingerprint that are remembered: the oldest, rising.
    ///
    /// The same as asking for one key after the other, but that the processor fetches the entries of all of them meanwhile.
    func eachPositions(
        of fingerprint: Fingerprint, _ body: (DocumentKey, KeyPositions) -> Void
    ) throws(SQLiteError) {
        looks.removeAll(keepingCapacity: true)
        var number = 0
        try fingerprint.eachKey { (key) throws(SQLiteError) in
            var isFirst = true
            for run in runs.indices {
                guard let place = try runs[run].place(of: key) else { continue }
                // The oldest run mostly has as many as are remembered.
                if isFirst { runs[run].prefetch(place) }
                isFirst = false
                looks.append(Look(number: number, run: run, place: place))
            }
            number += 1
        }
        number = 0
        var next = looks.startIndex
        try fingerprint.eachKey { (key) throws(SQLiteError) in
            var positions = KeyPositions()
            while next < looks.endIndex, looks[next].number == number {
                let look = looks[next]
                next += 1
                if positions.isFull { continue }
                for found in try runs[look.run].find(key, at: look.place, in: &bucket) {
                    positions.insert(bucket[found].position)
                }
            }
            let newest = recent.positions(of: key)
            for place in 0..<newest.count { positions.insert(newest[place]) }
            body(key, positions)
            number += 1
        }
    }

    /// A run that may have entries of a key, to be looked at.
    private struct Look {
        /// Of the key among those of its fingerprint.
        let number: Int
        let run: Int
        let place: KeyPlace
    }
}
