import LogRecords
import Document
import Index
import JSON
import PluginProtocol
import SQLite
import Synchronization
import WriteAheadLog

/// Decides what a document is (new, a revision, known, a duplicate), and writes it to the log and into the index.
///
/// The index's transaction stays open over many items and is ended once the log has synced that far, so the index never
/// knows more than the log; after a crash the rest is replayed from the log. So it is after any error of the index, too.
actor Committer {
    private let log: WriteAheadLog
    private let indexDirectory: String
    private let daemonLog: DaemonLog
    /// Nil only before it is opened and while it is being restored.
    private var index: Index?
    private var uncommitted = 0
    private var isEndingTransaction = false
    private var isRestoring = false
    /// Those who wait until neither is so.
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// What status shows of the index.
    nonisolated let health = Mutex(IndexHealth())

    private static let documentsPerTransaction = 20_000

    /// A committer whose index is still to be opened, with ``openIndex()``.
    init(log: WriteAheadLog, indexDirectory: String, daemonLog: DaemonLog) {
        self.log = log
        self.indexDirectory = indexDirectory
        self.daemonLog = daemonLog
    }

    // MARK: Items

    /// Writes what became of an item; returns the counts and the position that must be durable before it is acknowledged.
    func commit(
        _ outcome: NormalisedItem, of item: Item
    ) async throws -> (outcomes: Outcomes, position: UInt64, reasons: [String]) {
        await passGate()
        do { return try await write(outcome, of: item) } catch let error as SQLiteError {
            // Looking up failed, before anything was written.
            try await restoreIndex(after: error)
            await passGate()
            return try await write(outcome, of: item)
        }
    }

    private func write(
        _ outcome: NormalisedItem, of item: Item
    ) async throws -> (outcomes: Outcomes, position: UInt64, reasons: [String]) {
        var batch = LogBatch(capacity: outcome.bodyLength + 4096)
        var outcomes = Outcomes()
        var reasons: [String] = []
        outcomes.items = 1
        var documents: [PendingDocument] = []
        var letters: [DeadLetter] = []
        switch outcome {
        case .documents(let entries, let body):
            try add(entries, body, item, &batch, &documents, &outcomes)
            for rejected in entries.rejected {
                letters.append(
                    DeadLetter(
                        source: item.source, uri: item.description.uri, reason: rejected.reason,
                        record: rejected.record,
                        mediaType: item.description.mediaType))
            }
        case .deadLetter(let reason, let attempts):
            letters.append(
                DeadLetter(
                    source: item.source, uri: item.description.uri, reason: reason, attempts: attempts,
                    mediaType: item.description.mediaType, body: item.body))
        }
        for letter in letters {
            batch.append(kind: RecordKind.deadLetter.rawValue, letter.encoded)
            if reasons.count < 20 { reasons.append(letter.reason) }
        }
        outcomes.deadLetters = letters.count
        let receipt = Receipt(source: item.source, counts: outcomes, state: item.state)
        batch.append(kind: RecordKind.receipt.rawValue, receipt.encoded)
        let positions = try log.enqueue(batch)
        let failure = note(positions.upperBound, records: documents.count + 1) { index in
            var position = positions.lowerBound
            for document in documents {
                try index.apply(
                    document: document.id, source: item.source, revision: document.revision, hash: document.hash,
                    fingerprint: document.fingerprint, position: position)
                position += 1
            }
            for letter in letters {
                try index.apply(letter, at: position)
                position += 1
            }
            try index.apply(receiptOf: item.source, counts: outcomes.list, state: item.state)
        }
        if let failure { try await restoreIndex(after: failure) }
        return (outcomes, positions.upperBound, reasons)
    }

    private struct PendingDocument {
        var id: DocumentID
        var hash: ContentHash
        var fingerprint: Fingerprint?
        var revision: Int
    }

    private func add(
        _ entries: NormalisedDocuments, _ body: [UInt8], _ item: Item, _ batch: inout LogBatch,
        _ documents: inout [PendingDocument], _ outcomes: inout Outcomes
    ) throws {
        var judge = SamenessJudge(index: try openedIndex(), policy: item.duplicates)
        var offset = 0
        try body.withUnsafeBufferPointer { bytes in
            for entry in entries.documents {
                let line = UnsafeBufferPointer(rebasing: bytes[offset..<offset + entry.length])
                offset += entry.length + 1
                guard line.starts(with: Self.documentStart), line.last == UInt8(ascii: "}") else {
                    throw ProtocolError("the normaliser sent a document that does not begin with {\"id\":")
                }
                let envelope: DocumentEnvelope
                switch try judge.judge(entry) {
                case .unchanged:
                    outcomes.unchanged += 1
                    continue
                case .dropped:
                    outcomes.duplicates += 1
                    continue
                case .document(let written): envelope = written
                }
                if envelope.revision > 1 {
                    outcomes.revised += 1
                } else if envelope.duplicateOf != nil {
                    outcomes.duplicates += 1
                } else {
                    outcomes.new += 1
                }
                let record = DocumentRecord(
                    id: entry.id, hash: entry.hash, fingerprint: entry.fingerprint, envelope: envelope,
                    source: item.source)
                batch.append(kind: RecordKind.document.rawValue) { record.append(document: line, to: &$0) }
                documents.append(
                    PendingDocument(
                        id: entry.id, hash: entry.hash, fingerprint: record.comparedFingerprint,
                        revision: envelope.revision))
            }
        }
    }

    private static let documentStart = Array(#"{"id":"#.utf8)

    /// Writes the end of a job that changed the source's state without an item.
    func commit(state: [String: JSONValue], of source: String) async throws -> UInt64 {
        await passGate()
        var batch = LogBatch()
        batch.append(
            kind: RecordKind.receipt.rawValue, Receipt(source: source, counts: Outcomes(), state: state).encoded)
        let position = try log.enqueue(batch).upperBound
        let failure = note(position) { try $0.apply(receiptOf: source, counts: [], state: state) }
        if let failure { try await restoreIndex(after: failure) }
        return position
    }

    /// Writes that an operator paused or resumed a source.
    func setPaused(_ paused: Bool, source: String) async throws -> UInt64 {
        await passGate()
        var batch = LogBatch()
        let control: JSONValue = ["source": .string(source), "paused": .bool(paused)]
        batch.append(kind: RecordKind.sourceControl.rawValue, control.encoded)
        let position = try log.enqueue(batch).upperBound
        if let failure = note(position, { try $0.apply(paused: paused, source: source) }) {
            try await restoreIndex(after: failure)
        }
        return position
    }

    // MARK: Sinks

    /// Writes how far a sink has come, and the documents that it would not have.
    func advance(_ cursor: Index.Cursor, of sink: String, rejected: [DeadLetter]) async throws {
        await passGate()
        var batch = LogBatch()
        for letter in rejected { batch.append(kind: RecordKind.deadLetter.rawValue, letter.encoded) }
        let record: JSONValue = [
            "sink": .string(sink), "position": .integer(Int64(clamping: cursor.position)),
            "delivered": .integer(Int64(cursor.delivered)), "rejected": .integer(Int64(cursor.rejected)),
        ]
        batch.append(kind: RecordKind.cursor.rawValue, record.encoded)
        let positions = try log.enqueue(batch)
        let failure = note(positions.upperBound) { index in
            for (offset, letter) in rejected.enumerated() {
                try index.apply(letter, at: positions.lowerBound + UInt64(offset))
            }
            try index.apply(cursor: cursor, of: sink)
        }
        if let failure { try await restoreIndex(after: failure) }
    }

    // MARK: Looking

    /// Runs look-ups against the index.
    func read<Result: Sendable>(_ body: (Index) throws -> Result) async throws -> Result {
        while isRestoring { await sleepUntilOpen() }
        do { return try body(try openedIndex()) } catch let error as SQLiteError where Index.isDamage(error) {
            try await restoreIndex(after: error)
            return try body(try openedIndex())
        }
    }

    /// Notes when and how a source ran.
    func setRun(of source: String, _ value: JSONValue) async throws {
        await passGate()
        if let failure = note(0, { try $0.setRun(of: source, value) }) { try await restoreIndex(after: failure) }
    }

    // MARK: The index

    private func openedIndex() throws -> Index {
        guard let index else { throw LogError(.stopped, "the index is not open") }
        return index
    }

    /// Tells the index what stands in the log up to `position`; returns why it could not be told.
    private func note(_ position: UInt64, records: Int = 1, _ body: (Index) throws -> Void) -> (any Error)? {
        do {
            let index = try openedIndex()
            try body(index)
            index.advance(to: position)
            uncommitted += records
            return nil
        } catch {
            return error
        }
    }

    /// Opens the index and brings it up to the log.
    func openIndex() async throws {
        isRestoring = true
        defer { open { isRestoring = false } }
        do { try await openAndReplay() } catch let error as SQLiteError where Index.isDamage(error) {
            try await openAndReplay(damage: error)
        }
    }

    /// - Parameter damage: why the index that is there can't be trusted.
    private func openAndReplay(damage: SQLiteError? = nil) async throws {
        index = nil
        uncommitted = 0
        if let damage, let kept = try Index.setAside(directory: indexDirectory) {
            daemonLog.warning("the index is made anew from the log: \(damage); set aside as \(kept)")
        }
        let opened = try openUntrimmed() ?? openFromSnapshot()
        let from = opened.position
        let replayed = try await Replay.run(log: log, into: opened)
        if replayed.records > 0 {
            daemonLog.info(
                "replayed \(replayed.records) records of the log, those behind position \(from), into the index")
        }
        for fault in replayed.faults {
            daemonLog.error("the log is damaged: \(fault); what is whole around it stays readable")
        }
        index = opened
        health.withLock { $0 = IndexHealth(position: opened.position, replayed: replayed.records) }
    }

    /// Opens the index; nil when it lacks what was trimmed from the log, which only the snapshot knows.
    private func openUntrimmed() throws -> Index? {
        let opened = try Index.open(directory: indexDirectory, lastPosition: log.statistics.last)
        if let reason = opened.setAside { daemonLog.warning("the index is made anew from the log: \(reason)") }
        let position = opened.index.position
        guard position + 1 < log.first || (position == 0 && log.snapshotPosition > 0) else { return opened.index }
        opened.index.close()
        return nil
    }

    private func openFromSnapshot() throws -> Index {
        _ = try Index.setAside(directory: indexDirectory)
        let index = try Index.open(directory: indexDirectory, lastPosition: log.statistics.last).index
        let faults = try log.readSnapshot { try index.apply(snapshot: $0.kind, $0.bytes) }
        for fault in faults {
            daemonLog.error("the log's snapshot is damaged: \(fault); what it said of documents is taken as new")
        }
        index.advance(to: max(log.snapshotPosition, log.first - 1))
        try index.commit()
        daemonLog.info("the index begins with the log's snapshot, which is good to position \(log.snapshotPosition)")
        return index
    }

    /// Writes what the index on disk says beside the log, so that the log's older segments can go.
    func writeSnapshot() async throws {
        await commitIndex()
        try Self.writeSnapshot(of: indexDirectory, to: log)
    }

    private static func writeSnapshot(of directory: String, to log: WriteAheadLog) throws {
        try Index.withSnapshot(directory: directory, first: log.first) { position, records in
            try log.writeSnapshot(at: position) { writer in
                try records { kind, bytes in try writer.append(kind: kind, bytes) }
            }
        }
    }

    /// Notes that the log begins at `first` now.
    func forgetPlaces(before first: UInt64) async throws {
        await passGate()
        if let failure = note(0, { try $0.forgetPlaces(before: first) }) { try await restoreIndex(after: failure) }
    }

    /// Opens the index anew after an error, set aside first where it is damaged, and returns once it knows all of the log.
    private func restoreIndex(after error: any Error) async throws {
        guard !isRestoring else {
            while isRestoring { await sleepUntilOpen() }
            return
        }
        isRestoring = true
        defer { open { isRestoring = false } }
        var cause = error
        while true {
            daemonLog.error("the index can't be used, and is brought up from the log again: \(cause)")
            let reason = cause
            health.withLock { health in
                health.fault = "\(reason)"
                health.isFull = (reason as? SQLiteError)?.isFull == true
            }
            let damage = (cause as? SQLiteError).flatMap { Index.isDamage($0) ? $0 : nil }
            do {
                // Replaying reads only what is durable, and all that was appended must be in it.
                try await log.durable(log.statistics.last)
                return try await openAndReplay(damage: damage)
            } catch let error as SQLiteError {
                cause = error
                try await Task.sleep(for: .seconds(2))
            }
        }
    }

    /// Ends the index's transaction once the log is durable that far. Nothing is added to it meanwhile.
    func commitIndex() async {
        guard let ending = index, ending.hasChanges, !isEndingTransaction, !isRestoring else { return }
        isEndingTransaction = true
        defer { open { isEndingTransaction = false } }
        // A log that has failed says so itself. One that is full must not keep sinks from going on, which may be what makes room.
        guard (try? await log.durable(ending.position, unlessFull: true)) != nil, index === ending else { return }
        do {
            try ending.commit()
            uncommitted = 0
            health.withLock { $0.position = ending.position }
        } catch {
            try? await restoreIndex(after: error)
        }
    }

    /// Ends the last transaction and writes what the index has not written yet; nothing is committed behind it.
    func close() async {
        await commitIndex()
        index?.close()
    }

    /// Waits while the index takes nothing.
    private func passGate() async {
        while isEndingTransaction || isRestoring { await sleepUntilOpen() }
    }

    private func sleepUntilOpen() async {
        await withCheckedContinuation { waiting.append($0) }
    }

    private func open(_ change: () -> Void) {
        change()
        let woken = waiting
        waiting = []
        for continuation in woken { continuation.resume() }
    }

    /// Whether the open transaction has grown so large that it should end now.
    var isTransactionLarge: Bool { uncommitted >= Self.documentsPerTransaction }
}

/// How the index is.
struct IndexHealth: Sendable {
    /// Up to this log position it is on disk.
    var position: UInt64 = 0
    /// Records that the last opening had to read from the log.
    var replayed = 0
    /// Why it is being made anew, while it is.
    var fault: String?
    /// Whether that is for want of room on the disk.
    var isFull = false
}

extension NormalisedItem {
    fileprivate var bodyLength: Int {
        if case .documents(_, let body) = self { return body.count + body.count / 8 }
        return 0
    }
}

extension Outcomes {
    /// In the order of ``Index/Index/Counts``.
    var list: [Int] { [items, new, revised, unchanged, duplicates, deadLetters] }

    init(list: [Int]) {
        self.init()
        guard list.count == 6 else { return }
        (items, new, revised, unchanged, duplicates, deadLetters) = (
            list[0], list[1], list[2], list[3], list[4], list[5]
        )
    }
}

extension Index {
    func apply(_ letter: DeadLetter, at position: UInt64) throws {
        try apply(
            deadLetterAt: position, source: letter.source, time: letter.time, attempts: letter.attempts,
            uri: letter.uri,
            reason: letter.reason)
    }
}
