import JSON

/// The settings that were read lately: most sources differ in their addresses only.
struct SettingsCache {
    private static let most = 16
    /// The latest one last.
    private var known: [(members: [String: JSONValue], settings: HTTPSettings)] = []

    /// Reads the settings of a `fetch` frame.
    /// - Throws: as ``HTTPSettings/init(_:)``.
    mutating func settings(_ json: JSONValue) throws(FetchFailure) -> HTTPSettings {
        let members = json.object ?? [:]
        if let place = known.lastIndex(where: { Self.areAlike($0.members, members) }) {
            return try known[place].settings.with(addressesOf: json)
        }
        let settings = try HTTPSettings(json)
        if known.count == Self.most { known.removeFirst() }
        known.append((members, settings))
        return settings
    }

    /// Whether two sources have the same settings, their addresses aside.
    private static func areAlike(_ one: [String: JSONValue], _ other: [String: JSONValue]) -> Bool {
        guard one.count == other.count else { return false }
        return one.allSatisfy { name, value in
            name == "url" || name == "urls" ? other[name] != nil : other[name] == value
        }
    }
}
