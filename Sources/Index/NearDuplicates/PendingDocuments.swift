import Document

/// Documents that are still to be applied to an index, and that those behind them are compared with all the same.
public struct PendingDocuments {
    private var documents: [(id: DocumentID, fingerprint: Fingerprint)] = []
    private var keys: RecentKeys?

    /// None yet.
    public init() {}

    /// Adds a document.
    public mutating func add(_ id: DocumentID, _ fingerprint: Fingerprint) {
        documents.append((id, fingerprint))
        let table = keys ?? RecentKeys()
        keys = table
        fingerprint.eachKey { table.insert($0, at: UInt64(documents.count)) }
    }

    /// Their numbers, from 1.
    func positions(of key: DocumentKey) -> KeyPositions { keys?.positions(of: key) ?? KeyPositions() }

    subscript(number: UInt64) -> (id: DocumentID, fingerprint: Fingerprint) { documents[Int(number) - 1] }
}
