/// A set of keys that has no need of hashes while it holds but a few, as that of most jobs.
struct KeySet {
    private static let few = 8
    private var first: [String] = []
    /// All of them, once there are more.
    private var all: Set<String> = []

    func contains(_ key: String) -> Bool { all.isEmpty ? first.contains(key) : all.contains(key) }

    /// Adds a key.
    /// - Returns: whether it was not there.
    @discardableResult
    mutating func insert(_ key: String) -> Bool {
        guard all.isEmpty else { return all.insert(key).inserted }
        if first.contains(key) { return false }
        if first.count < Self.few {
            first.append(key)
        } else {
            all = Set(first)
            all.insert(key)
            first = []
        }
        return true
    }
}
