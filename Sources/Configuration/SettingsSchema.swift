import JSON

/// Checks a plugin's settings against the JSON Schema that it published, and brings them into the form it expects.
///
/// docs/plugin-protocol.md lists what is understood of JSON Schema.
struct SettingsSchema {
    let schema: JSONValue
    let plugin: String
    /// Relative paths are relative to it.
    let directory: String
    /// The keys that every source or sink may have, for remedies.
    let commonKeys: [String]
    var environment: (String) -> String? = Interpolation.environment

    private static let fileSuffix = "_file"

    private var properties: [String: JSONValue] { schema["properties"]?.object ?? [:] }

    func resolve(
        _ members: [TOMLNode.Member], file: String, line: Int, title: String
    ) -> (PluginSettings, [Problem]) {
        var settings: [String: JSONValue] = [:]
        var secrets: Set<String> = []
        var problems: [Problem] = []
        for member in members {
            var place = SettingCheck(
                file: file, directory: directory, environment: environment, line: member.line, column: member.column)
            var target = member.key
            if let property = properties[member.key] {
                settings[target] = place.value(member.node, property, path: member.key)
            } else if let base = baseOfFile(member.key) {
                target = base
                settings[target] = readSecret(member, base: base, &place)
            } else if let others = additional {
                settings[target] = place.value(member.node, others, path: member.key)
            } else if problems.count < Problem.most {
                place.note("\(title) has no key '\(member.key.prefix(80))'", unknownRemedy(member.key))
            }
            if place.isSecret { secrets.insert(target) }
            if target != member.key, members.contains(where: { $0.key == target }) {
                place.note("'\(target)' is given twice, as itself and by a file", "leave one of them out")
            }
            problems += place.problems
        }
        for name in (schema["required"]?.array ?? []).compactMap(\.string)
        where !members.contains(where: { $0.key == name || isFile($0.key, with: name) }) {
            let why = properties[name]?["description"]?.string ?? "needed by the plugin '\(plugin)'"
            problems.append(
                Problem(
                    file: file, line: line, what: "\(title) lacks the key '\(name)'", remedy: "add \(name) = … (\(why))"
                ))
        }
        return (PluginSettings(value: .object(settings), secrets: secrets), problems)
    }

    /// What the schema says of keys that it does not name; nil when there are to be none.
    private var additional: JSONValue? {
        switch schema["additionalProperties"] {
        case .bool(let allowed): allowed ? [:] : nil
        case .object(let schema): .object(schema)
        // A schema that names keys is taken to name all of them: a misspelt key must not pass.
        default: properties.isEmpty ? [:] : nil
        }
    }

    private func unknownRemedy(_ key: String) -> String {
        let known = properties.keys.sorted()
        if let near = nearest(key, among: known + commonKeys) { return "did you mean '\(near)'?" }
        return known.isEmpty
            ? "leave it out: the plugin '\(plugin)' has no settings"
            : "the plugin '\(plugin)' knows \(known.joined(separator: ", "))"
    }

    /// The setting that a key such as `password_file` gives by a file.
    private func baseOfFile(_ key: String) -> String? {
        guard key.hasSuffix(Self.fileSuffix) else { return nil }
        let base = String(key.dropLast(Self.fileSuffix.count))
        guard let property = properties[base], SettingCheck.types(of: property).contains("string") else { return nil }
        return base
    }

    private func isFile(_ key: String, with name: String) -> Bool {
        key.hasPrefix(name) && properties[key] == nil && baseOfFile(key) == name
    }

    private func readSecret(_ member: TOMLNode.Member, base: String, _ place: inout SettingCheck) -> JSONValue? {
        place.isSecret = true
        guard case .string(let path) = member.node.value else {
            place.note("'\(member.key)' is \(member.node.kind)", "give it a path or \"credential:NAME\"")
            return nil
        }
        do {
            let secret = try Interpolation.secret(in: path, directory: directory, environment: environment)
            let node = TOMLNode(value: .string(secret), line: member.line, column: member.column)
            return place.value(node, properties[base] ?? [:], path: base, isLiteral: true)
        } catch {
            place.note("'\(member.key)': \(error.what)", error.remedy)
            return nil
        }
    }
}
