/// What was considered for each field of a page's metadata, in the order in which it counts; kept only for
/// `preview --explain`.
final class EvidenceLog {
    /// A field of the metadata.
    enum Field: String, CaseIterable {
        case title, authors, published, modified, site, language, canonical, summary, tags, image
    }

    /// A value that a field could have had.
    struct Candidate {
        var value: String
        var evidence: Evidence
        /// What it weighed, where candidates are weighed.
        var score: Double?
        /// What else decided, in words.
        var note: String?
    }

    private(set) var candidates: [Field: [Candidate]] = [:]
    private static let limit = 24

    func add(
        _ field: Field, _ value: String?, _ evidence: Evidence, score: Double? = nil, note: String? = nil
    ) {
        guard let value, !value.isEmpty, candidates[field]?.count ?? 0 < Self.limit else { return }
        candidates[field, default: []].append(
            Candidate(value: value, evidence: evidence, score: score, note: note))
    }
}

extension Found {
    /// The first of the candidates that has a value; the others are looked at only where there is a log to write them to.
    static func first(
        _ field: EvidenceLog.Field, _ log: EvidenceLog?, _ candidates: (evidence: Evidence, value: () -> Value?)...
    ) -> Found? {
        var found: Found?
        for candidate in candidates {
            guard let value = candidate.value() else { continue }
            found = found ?? Found(value, candidate.evidence)
            guard let log else { break }
            log.add(field, "\(value)", candidate.evidence)
        }
        return found
    }
}
