import Document
import Index
import JSON
import PluginProtocol
import Synchronization
import WriteAheadLog

/// Decides what a document is (new, a revision, known, a duplicate), and writes it to the log and into the index.
///
/// The index's transaction stays open over many items and is ended once the log has synced that far, so the index never
/// knows more than the log; after a crash the rest is replayed from the log.
actor Committer {
    private let log: WriteAheadLog
    private let index: Index
    private let daemonLog: DaemonLog
    private var uncommitted = 0
    private var failure: String?
    /// Those who wait for a transaction to end; nil while none is being ended.
    private var gate: [CheckedContinuation<Void, Never>]?

    private static let documentsPerTransaction = 20_000

    init(log: WriteAheadLog, index: sending Index, daemonLog: DaemonLog) {
        self.log = log
        self.index = index
        self.daemonLog = daemonLog
    }

    // MARK: Items

    /// Writes what became of an item; returns the counts and the position that must be durable before it is acknowledged.
    func commit(
        _ outcome: NormalisedItem, of item: Item
    ) async throws -> (outcomes: Outcomes, position: UInt64, reasons: [String]) {
        await passGate()
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
        try apply {
            var position = positions.lowerBound
            for document in documents {
                try index.apply(
                    document: document.id, source: item.source, revision: document.revision, hash: document.hash,
                    simhash: document.simhash, position: position)
                position += 1
            }
            for letter in letters {
                try index.apply(letter, at: position)
                position += 1
            }
            try index.apply(receiptOf: item.source, counts: outcomes.list, state: item.state)
        }
        index.advance(to: positions.upperBound)
        uncommitted += documents.count + 1
        return (outcomes, positions.upperBound, reasons)
    }

    private struct PendingDocument {
        var id: DocumentID
        var hash: ContentHash
        var simhash: UInt64
        var revision: Int
    }

    private func add(
        _ entries: NormalisedDocuments, _ body: [UInt8], _ item: Item, _ batch: inout LogBatch,
        _ documents: inout [PendingDocument], _ outcomes: inout Outcomes
    ) throws {
        // The index learns of this batch only when it is in the log, so what it holds twice is remembered here.
        var inBatch: [DocumentID: (revision: Int, hash: ContentHash)] = [:]
        var hashesInBatch: [ContentHash: DocumentID] = [:]
        var offset = 0
        try body.withUnsafeBufferPointer { bytes in
            for entry in entries.documents {
                let line = UnsafeBufferPointer(rebasing: bytes[offset..<offset + entry.length])
                offset += entry.length + 1
                guard line.starts(with: Self.documentStart), line.last == UInt8(ascii: "}") else {
                    throw ProtocolError("the normaliser sent a document that does not begin with {\"id\":")
                }
                let known = try inBatch[entry.id] ?? index.document(entry.id).map { ($0.revision, $0.hash) }
                if let known, known.hash == entry.hash {
                    outcomes.unchanged += 1
                    continue
                }
                var envelope = DocumentEnvelope(revision: (known?.revision ?? 0) + 1)
                if known != nil {
                    outcomes.revised += 1
                } else if let original = try hashesInBatch[entry.hash] ?? index.firstDocument(with: entry.hash),
                    original != entry.id
                {
                    envelope.duplicateOf = original
                    envelope.similarity = 1
                    outcomes.duplicates += 1
                } else {
                    outcomes.new += 1
                }
                inBatch[entry.id] = (envelope.revision, entry.hash)
                if hashesInBatch[entry.hash] == nil { hashesInBatch[entry.hash] = entry.id }
                let record = DocumentRecord(
                    id: entry.id, hash: entry.hash, simhash: entry.simhash, envelope: envelope, source: item.source)
                batch.append(kind: RecordKind.document.rawValue) { record.append(document: line, to: &$0) }
                documents.append(
                    PendingDocument(
                        id: entry.id, hash: entry.hash, simhash: entry.simhash, revision: envelope.revision))
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
        try apply { try index.apply(receiptOf: source, counts: [], state: state) }
        index.advance(to: position)
        return position
    }

    /// Writes that an operator paused or resumed a source.
    func setPaused(_ paused: Bool, source: String) async throws -> UInt64 {
        await passGate()
        var batch = LogBatch()
        let control: JSONValue = ["source": .string(source), "paused": .bool(paused)]
        batch.append(kind: RecordKind.sourceControl.rawValue, control.encoded)
        let position = try log.enqueue(batch).upperBound
        try apply { try index.apply(paused: paused, source: source) }
        index.advance(to: position)
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
        try apply {
            for (offset, letter) in rejected.enumerated() {
                try index.apply(letter, at: positions.lowerBound + UInt64(offset))
            }
            try index.apply(cursor: cursor, of: sink)
        }
        index.advance(to: positions.upperBound)
        uncommitted += 1
    }

    // MARK: Looking

    /// Runs look-ups against the index.
    func read<Result: Sendable>(_ body: (Index) throws -> Result) throws -> Result { try body(index) }

    /// Notes when and how a source ran.
    func setRun(of source: String, _ value: JSONValue) throws { try apply { try index.setRun(of: source, value) } }

    // MARK: The index's transactions

    private func apply(_ body: () throws -> Void) throws {
        do { try body() } catch {
            // The log has it; the index is rebuilt from the log at the next start.
            if failure == nil {
                daemonLog.error("the index can't be written: \(error); restart to rebuild it from the log")
            }
            failure = "\(error)"
            throw error
        }
    }

    /// Ends the index's transaction once the log is durable that far. Nothing is added to it meanwhile.
    func commitIndex() async {
        guard index.hasChanges, failure == nil, gate == nil else { return }
        gate = []
        do {
            try await log.durable(index.position)
            try index.commit()
            uncommitted = 0
        } catch {
            daemonLog.error("the index can't be written: \(error)")
        }
        let waiting = gate ?? []
        gate = nil
        for continuation in waiting { continuation.resume() }
    }

    /// Waits while a transaction is being ended.
    private func passGate() async {
        while gate != nil {
            await withCheckedContinuation { continuation in
                if gate == nil { continuation.resume() } else { gate?.append(continuation) }
            }
        }
    }

    /// Whether the open transaction has grown so large that it should end now.
    var isTransactionLarge: Bool { uncommitted >= Self.documentsPerTransaction }
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
