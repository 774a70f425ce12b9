import JSON

/// The settings that were read lately: most sources differ in their addresses only.
struct SettingsCache {
    private static let most = 16
    /// The latest one last.
    private var known: [SharedSettings] = []
    /// What each of them was read from.
    private var sources: [[String: JSONValue]] = []

    /// Reads the settings of a `fetch` frame.
    /// - Throws: as ``HTTPSettings/init(_:)``.
    mutating func settings(_ json: JSONValue) throws(FetchFailure) -> SharedSettings {
        let members = json.object ?? [:]
        if let place = sources.lastIndex(where: { Self.areAlike($0, members) }) {
            return known[place]
        }
        let settings = SharedSettings(try HTTPSettings(json))
        if known.count == Self.most {
            known.removeFirst()
            sources.removeFirst()
        }
        known.append(settings)
        sources.append(members)
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
