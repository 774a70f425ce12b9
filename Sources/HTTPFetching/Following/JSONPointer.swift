import JSON

/// A place in a JSON value (RFC 6901).
struct JSONPointer: Sendable, Equatable {
    private let names: [String]

    /// Reads a pointer; nil where the text is none. An empty one is the whole value.
    init?(_ text: String) {
        guard text.isEmpty || text.hasPrefix("/"), text.utf8.count <= 1024 else { return nil }
        names = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    /// What stands there.
    func value(in tree: JSONValue) -> JSONValue? {
        var value = tree
        for name in names {
            let index = HeaderText.digits(name).flatMap { Int(exactly: $0) }
            guard let next = value[name] ?? index.flatMap({ value[$0] }) else { return nil }
            value = next
        }
        return value
    }
}
