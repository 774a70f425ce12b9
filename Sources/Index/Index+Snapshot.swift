import Document
import JSON
import SQLite

/// All of the index but the runs of sources, as records that are kept beside the log when the records before are trimmed;
/// docs/log.md has their bytes.
extension Index {
    /// What a record of a snapshot is.
    enum SnapshotKind: UInt8 { case document = 1, place = 3, source, deadLetter, cursor }

    /// Takes a record: its kind, and what appends its bytes.
    public typealias RecordTaker = (UInt8, (inout [UInt8]) -> Void) throws -> Void

    /// Hands out what the index on disk in `directory` says, through a connection of its own, so that its owner can go on.
    ///
    /// - Parameters:
    ///   - first: places of documents in the log before it are left out.
    ///   - body: called with the position that the index is good to, and with what hands the records out.
    public static func withSnapshot(
        directory: String, first: UInt64, _ body: (UInt64, (RecordTaker) throws -> Void) throws -> Void
    ) throws {
        let connection = try Connection(path: "\(directory)/\(IndexFiles.database)", checkedPages: true)
        // One transaction sees one state, whatever is committed meanwhile.
        try connection.execute("BEGIN")
        let position = UInt64(clamping: try connection.integer("SELECT value FROM meta WHERE key='position'") ?? 0)
        try body(position) { try write(connection, first: first, $0) }
    }

    private static func write(_ connection: Connection, first: UInt64, _ record: RecordTaker) throws {
        var names: [Int64: String] = [:]
        let sources = try connection.prepare(
            "SELECT number, name, paused, items, new, revised, unchanged, duplicates, dead_letters FROM sources")
        while try sources.step() {
            let number = sources.integer(0)
            names[number] = sources.text(1) ?? ""
            var state: [String: JSONValue] = [:]
            let checkpoints = try connection.prepare("SELECT key, value FROM checkpoints WHERE source = ?1")
            checkpoints.bind(1, number)
            while try checkpoints.step() {
                if let key = checkpoints.text(0) { state[key] = try? JSONValue.parse(checkpoints.blob(1)) }
            }
            let json: JSONValue = [
                "source": .string(names[number] ?? ""), "paused": .bool(sources.integer(2) != 0),
                "counts": .array((3...8).map { .integer(sources.integer(Int32($0))) }), "state": .object(state),
            ]
            try record(SnapshotKind.source.rawValue) { $0 += json.encoded }
        }
        // Rising positions, so that a document's newest revision comes last.
        let documents = try connection.prepare(
            "SELECT position, high, low, revision, source, hash, fingerprint FROM documents ORDER BY position")
        while try documents.step() {
            let fingerprint = documents.isNull(6) ? [] : documents.blob(6)
            let hash = documents.blob(5)
            let name = names[documents.integer(4)] ?? ""
            try record(SnapshotKind.document.rawValue) { bytes in
                for column: Int32 in 0...3 { bytes.append(number: documents.integer(column)) }
                bytes += hash
                bytes.append(UInt8(clamping: fingerprint.count))
                bytes += fingerprint
                bytes += Array(name.utf8)
            }
            guard documents.integer(0) >= Int64(clamping: first) else { continue }
            try record(SnapshotKind.place.rawValue) { bytes in
                for column: Int32 in 0...2 { bytes.append(number: documents.integer(column)) }
                bytes += Array(name.utf8)
            }
        }
        let letters = try connection.prepare(
            "SELECT position, source, time, attempts, uri, reason FROM dead_letters")
        while try letters.step() {
            let json: JSONValue = [
                "position": .integer(letters.integer(0)), "source": .string(names[letters.integer(1)] ?? ""),
                "time": .string(Timestamp(milliseconds: letters.integer(2)).description),
                "attempts": .integer(letters.integer(3)),
                "uri": .string(letters.text(4) ?? ""), "reason": .string(letters.text(5) ?? ""),
            ]
            try record(SnapshotKind.deadLetter.rawValue) { $0 += json.encoded }
        }
        let cursors = try connection.prepare("SELECT sink, position, delivered, rejected FROM cursors")
        while try cursors.step() {
            let json: JSONValue = [
                "sink": .string(cursors.text(0) ?? ""), "position": .integer(cursors.integer(1)),
                "delivered": .integer(cursors.integer(2)), "rejected": .integer(cursors.integer(3)),
            ]
            try record(SnapshotKind.cursor.rawValue) { $0 += json.encoded }
        }
    }

    /// Applies a record of a snapshot to an index that is being made anew. A record that is not understood is passed over.
    public func apply(snapshot kind: UInt8, _ bytes: UnsafeRawBufferPointer) throws {
        try beginChanges()
        switch SnapshotKind(rawValue: kind) {
        case .document: try applyDocument(bytes)
        case .place:
            guard bytes.count >= 24 else { return }
            try put(source: try number(of: bytes.text(from: 24)), at: UInt64(bitPattern: bytes.number(0)))
        case .source, .deadLetter, .cursor:
            guard let json = try? JSONValue.parse(bytes.bindMemory(to: UInt8.self)) else { return }
            try apply(json)
        case nil: return
        }
    }

    private func applyDocument(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count > 64 else { return }
        let nameStart = 65 + Int(bytes[64])
        guard bytes.count >= nameStart else { return }
        let id = DocumentID(high: UInt64(bitPattern: bytes.number(8)), low: UInt64(bitPattern: bytes.number(16)))
        guard let hash = ContentHash(bytes: UnsafeRawBufferPointer(rebasing: bytes[32..<64])) else { return }
        let row = DocumentRow(
            id: id, source: try number(of: bytes.text(from: nameStart)), revision: Int(bytes.number(24)), hash: hash,
            fingerprint: Fingerprint(bytes: UnsafeRawBufferPointer(rebasing: bytes[65..<nameStart])))
        let position = UInt64(bitPattern: bytes.number(0))
        try rows.put(row, at: position)
        try keys.insert(row.id, row.hash, row.fingerprint, at: position)
    }

    private func apply(_ json: JSONValue) throws {
        if let sink = json["sink"]?.string {
            let cursor = Cursor(
                position: UInt64(clamping: json["position"]?.integer ?? 0),
                delivered: Int(clamping: json["delivered"]?.integer ?? 0),
                rejected: Int(clamping: json["rejected"]?.integer ?? 0))
            return try apply(cursor: cursor, of: sink)
        }
        guard let source = json["source"]?.string else { return }
        if let counts = json["counts"]?.array {
            try apply(
                receiptOf: source, counts: counts.map { Int(clamping: $0.integer ?? 0) },
                state: json["state"]?.object ?? [:])
            return try apply(paused: json["paused"]?.bool ?? false, source: source)
        }
        try apply(
            deadLetterAt: UInt64(clamping: json["position"]?.integer ?? 0), source: source,
            time: json["time"]?.string.flatMap(Timestamp.init(rfc3339:)) ?? Timestamp(seconds: 0),
            attempts: Int(clamping: json["attempts"]?.integer ?? 1), uri: json["uri"]?.string ?? "",
            reason: json["reason"]?.string ?? "")
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: Int64) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func number(_ offset: Int) -> Int64 {
        Int64(littleEndian: loadUnaligned(fromByteOffset: offset, as: Int64.self))
    }

    fileprivate func text(from offset: Int) -> String { String(decoding: self[offset...], as: UTF8.self) }
}
