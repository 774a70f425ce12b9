import Document
import SQLite

/// Finds documents that are nearly the same as a new one.
///
/// Keys of fingerprints name candidates, fingerprints decide. Both steps are bounded, so that a look-up costs the same among
/// a thousand documents and ten million: eight keys, eight documents a key, eight candidates compared. A candidate has two
/// keys in common with the document: with half of the shingles shared it has four on average, and one alone is mostly a
/// phrase that many documents have.
final class NearDuplicates {
    /// A document with its fingerprint.
    typealias Candidate = (id: DocumentID, fingerprint: Fingerprint)

    private let table: KeyTable
    private let findByPrefix: Statement
    private static let comparisons = 8
    private static let commonKeys = 2

    /// Opens the table beside the index; made again from the index where it can't be used.
    init(path: String, connection: Connection) throws(SQLiteError) {
        table = try KeyTable(path: path)
        findByPrefix = try connection.prepare(
            "SELECT high, low, fingerprint FROM documents WHERE high BETWEEN ?1 AND ?2 AND fingerprint IS NOT NULL")
        guard table.isFresh else { return }
        let all = try connection.prepare("SELECT high, low, fingerprint FROM documents WHERE fingerprint IS NOT NULL")
        while try all.step() {
            if let candidate = Self.candidate(all) { try note(candidate.fingerprint, of: candidate.id) }
        }
    }

    /// Remembers a document.
    func note(_ fingerprint: Fingerprint, of id: DocumentID) throws(SQLiteError) {
        for index in 0..<Fingerprint.keyCount where fingerprint.keys[index] != 0 {
            try table.insert(fingerprint.keys[index], prefix: Self.prefix(id))
        }
    }

    /// The most similar document.
    ///
    /// - Parameter pending: documents that are noted and not yet in the index.
    func nearest(
        to fingerprint: Fingerprint, besides id: DocumentID, pending: [UInt32: Candidate]
    ) throws(SQLiteError) -> (id: DocumentID, similarity: Double)? {
        guard fingerprint.isComparable else { return nil }
        var hits: [(prefix: UInt32, keys: Int)] = []
        for index in 0..<Fingerprint.keyCount where fingerprint.keys[index] != 0 {
            table.forEach(fingerprint.keys[index]) { prefix in
                if let known = hits.firstIndex(where: { $0.prefix == prefix }) {
                    hits[known].keys += 1
                } else {
                    hits.append((prefix, 1))
                }
            }
        }
        hits.removeAll { $0.keys < Self.commonKeys }
        guard !hits.isEmpty else { return nil }
        // Those with most keys in common are the likeliest.
        hits.sort { $0.keys > $1.keys }
        var best: (id: DocumentID, similarity: Double)?
        func consider(_ candidate: Candidate) {
            guard candidate.id != id, let similarity = fingerprint.similarity(to: candidate.fingerprint),
                similarity > best?.similarity ?? 0
            else { return }
            best = (candidate.id, similarity)
        }
        for hit in hits.prefix(Self.comparisons) {
            if let candidate = pending[hit.prefix] { consider(candidate) }
            findByPrefix.bind(1, Int64(bitPattern: UInt64(hit.prefix) << 32))
            findByPrefix.bind(2, Int64(bitPattern: UInt64(hit.prefix) << 32 | 0xFFFF_FFFF))
            defer { findByPrefix.reset() }
            while try findByPrefix.step() {
                if let candidate = Self.candidate(findByPrefix) { consider(candidate) }
            }
        }
        return best
    }

    /// Writes everything to the disk.
    func close() { table.close() }

    /// What the table knows of an id.
    static func prefix(_ id: DocumentID) -> UInt32 { UInt32(truncatingIfNeeded: id.high >> 32) }

    private static func candidate(_ row: Statement) -> Candidate? {
        guard let fingerprint = row.blob(2).withUnsafeBytes(Fingerprint.init(bytes:)) else { return nil }
        let id = DocumentID(high: UInt64(bitPattern: row.integer(0)), low: UInt64(bitPattern: row.integer(1)))
        return (id, fingerprint)
    }
}
