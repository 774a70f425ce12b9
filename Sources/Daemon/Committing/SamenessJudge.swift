import Configuration
import Document
import Index
import PluginProtocol

/// Decides what the documents of one item are: new, a revision, known, a duplicate.
struct SamenessJudge {
    enum Verdict {
        /// Its content is what it was.
        case unchanged
        /// Another document's content, from a source whose duplicates are dropped.
        case dropped
        /// To be written.
        case document(DocumentEnvelope)
    }

    private let index: Index
    private let policy: DuplicatePolicy
    // The index learns of a batch only when it is in the log, so what came before in this one is remembered here.
    private var revisions: [DocumentID: (revision: Int, hash: ContentHash)] = [:]
    private var originals: [ContentHash: DocumentID] = [:]
    private var pending = PendingDocuments()

    /// Texts with fewer words are often the same without being about the same: "Untitled", "Read more on our site".
    private static let fewestWords = 8

    init(index: Index, policy: DuplicatePolicy) {
        self.index = index
        self.policy = policy
    }

    mutating func judge(_ entry: NormalisedDocuments.Entry) throws -> Verdict {
        index.expect(entry.id, entry.hash, policy == .keep ? nil : entry.fingerprint)
        let known = try revisions[entry.id] ?? index.document(entry.id).map { ($0.revision, $0.hash) }
        if let known, known.hash == entry.hash { return .unchanged }
        var envelope = DocumentEnvelope(revision: (known?.revision ?? 0) + 1)
        if known == nil, policy != .keep, let original = try original(of: entry) {
            if policy == .drop { return .dropped }
            envelope.duplicateOf = original.id
            envelope.similarity = original.similarity
        }
        revisions[entry.id] = (envelope.revision, entry.hash)
        if originals[entry.hash] == nil { originals[entry.hash] = entry.id }
        if envelope.duplicateOf == nil, let fingerprint = entry.fingerprint, fingerprint.isComparable {
            pending.add(entry.id, fingerprint)
        }
        return .document(envelope)
    }

    private func original(of entry: NormalisedDocuments.Entry) throws -> (id: DocumentID, similarity: Double)? {
        if let fingerprint = entry.fingerprint, fingerprint.words < Self.fewestWords { return nil }
        if let same = try originals[entry.hash] ?? index.firstDocument(with: entry.hash), same != entry.id {
            return (same, 1)
        }
        guard let fingerprint = entry.fingerprint,
            let nearest = try index.nearestDocument(to: fingerprint, besides: entry.id, pending: pending)
        else { return nil }
        // 1 is kept for the same content.
        return (nearest.id, min(0.99, (nearest.similarity * 100).rounded() / 100))
    }
}
