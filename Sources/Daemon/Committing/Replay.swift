import LogRecords
import Document
import Index
import JSON
import WriteAheadLog

/// Brings the index up to the log: applies every record behind the position that the index is good to.
enum Replay {
    /// Records between two pauses in which others on the same actor have their turn.
    private static let stretch = 2000
    /// Records in a transaction.
    private static let transaction = 50_000

    /// Returns how many records were applied and what damage was passed over.
    static func run(
        log: WriteAheadLog, into index: Index, isolation: isolated (any Actor)? = #isolation
    ) async throws -> (records: Int, faults: [RecoveryReport.Fault]) {
        var reader = LogReader(log, from: index.position + 1)
        var count = 0
        var pauseAt = stretch
        var commitAt = transaction
        while try reader.nextBatch({ record in
            try apply(record, to: index)
            count += 1
        }) {
            index.advance(to: reader.position - 1)
            if count >= commitAt {
                try index.commit()
                commitAt = count + transaction
            }
            if count >= pauseAt {
                pauseAt = count + stretch
                await Task.yield()
            }
        }
        index.advance(to: reader.position - 1)
        try index.commit()
        return (count, reader.faults)
    }

    private static func apply(_ record: LogRecord, to index: Index) throws {
        switch RecordKind(rawValue: record.kind) {
        case .document:
            guard let document = DocumentRecord(record.bytes) else { return }
            try index.apply(
                document: document.id, source: document.source, revision: document.envelope.revision,
                hash: document.hash, fingerprint: document.comparedFingerprint, position: record.position)
        case .receipt:
            guard let receipt = Receipt(record.bytes) else { return }
            try index.apply(receiptOf: receipt.source, counts: receipt.counts.list, state: receipt.state)
        case .deadLetter:
            guard let letter = DeadLetter(record.bytes) else { return }
            try index.apply(letter, at: record.position)
        case .cursor:
            guard let json = try? JSONValue.parse(record.bytes.bindMemory(to: UInt8.self)),
                let sink = json["sink"]?.string
            else { return }
            let cursor = Index.Cursor(
                position: UInt64(clamping: json["position"]?.integer ?? 0),
                delivered: Int(clamping: json["delivered"]?.integer ?? 0),
                rejected: Int(clamping: json["rejected"]?.integer ?? 0))
            try index.apply(cursor: cursor, of: sink)
        case .sourceControl:
            guard let json = try? JSONValue.parse(record.bytes.bindMemory(to: UInt8.self)),
                let source = json["source"]?.string, let paused = json["paused"]?.bool
            else { return }
            try index.apply(paused: paused, source: source)
        case nil:
            // A kind of a later version: it stays in the log for the program that knows it.
            return
        }
    }
}
