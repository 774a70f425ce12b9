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
    let log: WriteAheadLog
    let indexDirectory: String
    let daemonLog: DaemonLog
    /// Nil only before it is opened and while it is being restored.
    var index: Index?
    var uncommitted = 0
    var isEndingTransaction = false
    var isRestoring = false
    /// Those who wait until neither is so.
    var waiting: [CheckedContinuation<Void, Never>] = []
    /// What status shows of the index.
    nonisolated let health = Mutex(IndexHealth())

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
        try await whenThereIsRoom {
            do { return try await write(outcome, of: item) } catch let error as SQLiteError {
                // Looking up failed, before anything was written.
                try await restoreIndex(after: error)
                await passGate()
                return try await write(outcome, of: item)
            } catch let error as LogError where error.code == .tooLarge {
                var item = item
                item.body = []
                return try await write(.deadLetter(reason: "\(error)", attempts: 1), of: item)
            }
        }
    }

    /// Does something that appends to the log, again from its beginning when the log had no room for it at first.
    private func whenThereIsRoom<Result>(_ body: () async throws -> Result) async throws -> Result {
        while true {
            await passGate()
            do { return try await body() } catch let error as LogError {
                guard case .maximumSize(let bytes) = error.code else { throw error }
                try await log.room(for: bytes)
            }
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
        try await whenThereIsRoom {
            var batch = LogBatch()
            batch.append(
                kind: RecordKind.receipt.rawValue, Receipt(source: source, counts: Outcomes(), state: state).encoded)
            let position = try log.enqueue(batch).upperBound
            let failure = note(position) { try $0.apply(receiptOf: source, counts: [], state: state) }
            if let failure { try await restoreIndex(after: failure) }
            return position
        }
    }

    /// Writes that an operator paused or resumed a source.
    func setPaused(_ paused: Bool, source: String) async throws -> UInt64 {
        await passGate()
        var batch = LogBatch()
        let control: JSONValue = ["source": .string(source), "paused": .bool(paused)]
        batch.append(kind: RecordKind.sourceControl.rawValue, control.encoded)
        let position = try log.enqueue(batch, beyondMaximum: true).upperBound
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
        let positions = try log.enqueue(batch, beyondMaximum: true)
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
