import Document
import SQLite

/// Finds documents that are nearly the same as a new one.
///
/// Keys of fingerprints name candidates, fingerprints decide. Both steps are bounded, so that a look-up costs the same among
/// a thousand documents and ten million: eight keys, eight documents a key, eight candidates compared. A candidate has two
/// keys in common with the document: with half of the shingles shared it has four on average, and one alone is mostly a
/// phrase that many documents have.
extension Index {
    private static let comparisons = 8
    private static let commonKeys = 2

    /// The document that is most like one with this fingerprint, where one is nearly the same.
    ///
    /// - Parameter pending: documents that are not applied yet.
    public func nearestDocument(
        to fingerprint: Fingerprint, besides id: DocumentID, pending: PendingDocuments? = nil
    ) throws(SQLiteError) -> (id: DocumentID, similarity: Double)? {
        guard fingerprint.isComparable else { return nil }
        var candidates = Candidates()
        try keys.eachPositions(of: fingerprint) { key, positions in
            candidates.add(positions, arePending: false)
            if let pending { candidates.add(pending.positions(of: key), arePending: true) }
        }
        var best: (id: DocumentID, similarity: Double)?
        for candidate in candidates.likeliest(Self.comparisons, withKeys: Self.commonKeys) {
            let known: (id: DocumentID, fingerprint: Fingerprint)
            if candidate.isPending, let pending {
                known = pending[candidate.position]
            } else {
                guard let row = try rows.row(at: candidate.position), let print = row.fingerprint else { continue }
                known = (row.id, print)
            }
            guard known.id != id, let similarity = fingerprint.similarity(to: known.fingerprint),
                similarity > best?.similarity ?? 0
            else { continue }
            // Of what a document was before its newest revision nothing is the same any more.
            if !candidate.isPending, try document(known.id)?.position != candidate.position { continue }
            best = (known.id, similarity)
        }
        return best
    }
}
