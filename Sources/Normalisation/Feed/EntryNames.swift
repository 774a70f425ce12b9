import Document

/// Tells the entries of a feed apart that have one name: the same id but other links, or the same link but other titles.
///
/// As one document they would be revisions of each other at each fetch, for ever. Their number and order change with each new
/// entry, so all of them are named by both from the first on, for which a feed that has such is read a second time.
struct EntryNames {
    /// What stands beside the name where it was first seen, by its hash.
    private var companions: [DocumentID: Int] = [:]
    private var ambiguous: Set<DocumentID> = []
    /// Whether a name turned out to be of several entries since the last ``restart()``.
    private(set) var hasFoundAmbiguous = false

    /// Notes an entry.
    ///
    /// - Parameters:
    ///   - name: the id that its name gives it.
    ///   - companion: what tells it from others with that name.
    /// - Returns: whether `companion` is needed, as far as is known.
    mutating func needsCompanion(_ name: DocumentID, beside companion: String?) -> Bool {
        guard ambiguous.isEmpty || !ambiguous.contains(name) else { return true }
        let hash = companion.hashValue
        guard let first = companions.updateValue(hash, forKey: name), first != hash else { return false }
        ambiguous.insert(name)
        hasFoundAmbiguous = true
        return true
    }

    /// Begins anew with the same feed, and knows from the first entry on which names are ambiguous.
    mutating func restart() {
        companions.removeAll(keepingCapacity: true)
        hasFoundAmbiguous = false
    }
}
