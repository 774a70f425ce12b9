import JSON

/// What a source's state may hold. The core hands over all of it with each job, in a frame of 256 MiB at most.
extension FetchJob {
    /// Bytes of a state, about.
    static let largestState = 64 << 20

    /// Forgets pages and entries where more is known than there is room for: a server can name others in each run. What is
    /// not named any more goes first, else any. What is forgotten is fetched again when it is named again, and found to be
    /// unchanged.
    func forgetBeyondRoom(_ changes: inout [String: JSONValue]) {
        var size = 0
        for (key, value) in request.state where changes[key] == nil { size += key.utf8.count + value.roughSize }
        guard size > Self.largestState else { return }
        let configured = Set(addresses.map(\.text))
        let known = request.state.keys.filter {
            changes[$0] == nil && !configured.contains($0) && (StateKey.isAddress($0) || StateKey.isEntry($0))
        }
        var old = known.filter { !seen.contains($0) }.shuffled()
        var named = known.filter { seen.contains($0) }.shuffled()
        var count = 0
        while size > Self.largestState, let key = old.popLast() ?? named.popLast() {
            size -= key.utf8.count + (request.state[key]?.roughSize ?? 0)
            changes[key] = .null
            count += 1
        }
        note(
            """
            more is known of its addresses than there is room for (\(Self.largestState >> 20) MiB): \(count) are \
            forgotten, and fetched again when they are listed again
            """)
    }
}

extension JSONValue {
    /// About how many bytes it takes when it is written.
    var roughSize: Int {
        switch self {
        case .null, .bool, .integer, .number: 16
        case .string(let text): text.utf8.count + 3
        case .array(let elements): elements.reduce(2) { $0 + $1.roughSize }
        case .object(let members): members.reduce(2) { $0 + $1.key.utf8.count + 4 + $1.value.roughSize }
        }
    }
}
