import JSON

/// Checks a plugin's settings against the JSON Schema that it published, and brings them into the form it expects.
///
/// docs/plugin-protocol.md lists what is understood of JSON Schema.
struct SettingsSchema {
    let schema: JSONValue
    let plugin: String
    /// Relative paths are relative to it.
    let directory: String

    private var properties: [String: JSONValue] { schema["properties"]?.object ?? [:] }

    func resolve(
        _ members: [TOMLNode.Member], file: String, line: Int, title: String
    ) -> (PluginSettings, [Problem]) {
        var settings: [String: JSONValue] = [:]
        var secrets: Set<String> = []
        var problems: [Problem] = []
        for member in members {
            var place = Place(schema: self, file: file, line: member.line, key: member.key)
            if let property = properties[member.key] {
                if let value = place.value(member.node, property) { settings[member.key] = value }
                if place.isSecret || property["format"]?.string == "secret" { secrets.insert(member.key) }
            } else if member.key.hasSuffix("_file"), properties[String(member.key.dropLast(5))] != nil,
                case .string(let path) = member.node.value
            {
                let base = String(member.key.dropLast(5))
                do {
                    settings[base] = .string(try Interpolation.secret(in: absolute(path)))
                    secrets.insert(base)
                } catch {
                    place.note(error.what, error.remedy)
                }
            } else if !properties.isEmpty || schema["additionalProperties"]?.bool == false {
                let known = Set(properties.keys).union(Loader.sourceKeys)
                let remedy =
                    nearest(member.key, among: known).map { "did you mean '\($0)'?" }
                    ?? "the plugin '\(plugin)' knows \(properties.keys.sorted().joined(separator: ", "))"
                place.note("\(title) has no key '\(member.key)'", remedy)
            } else if let value = place.value(member.node, [:]) {
                settings[member.key] = value
                if place.isSecret { secrets.insert(member.key) }
            }
            problems += place.problems
        }
        for name in (schema["required"]?.array ?? []).compactMap(\.string)
        where settings[name] == nil && !members.contains(where: { $0.key == name }) {
            problems.append(
                Problem(
                    file: file, line: line, what: "\(title) lacks the key '\(name)'",
                    remedy:
                        "add \(name) = … (\(properties[name]?["description"]?.string ?? "needed by the plugin '\(plugin)'"))"
                ))
        }
        return (PluginSettings(value: .object(settings), secrets: secrets), problems)
    }

    fileprivate func absolute(_ path: String) -> String {
        path.hasPrefix("/") || path.hasPrefix("credential:") ? path : "\(directory)/\(path)"
    }
}

/// One setting's place, while it is checked.
private struct Place {
    let schema: SettingsSchema
    let file: String
    let line: Int
    let key: String
    var problems: [Problem] = []
    var isSecret = false

    mutating func note(_ what: String, _ remedy: String) {
        problems.append(Problem(file: file, line: line, what: what, remedy: remedy))
    }

    mutating func value(_ node: TOMLNode, _ property: JSONValue) -> JSONValue? {
        let types = property["type"]?.string.map { [$0] } ?? (property["type"]?.array ?? []).compactMap(\.string)
        guard let value = plain(node) else { return nil }
        switch property["format"]?.string {
        case "duration":
            guard case .string(let text) = value, let seconds = DurationText.parse(text) else {
                note("'\(key)' is \(node.kind)", "give it a length of time such as \"15m\"")
                return nil
            }
            return limited(.number(seconds), property)
        case "size":
            if case .integer = value { return limited(value, property) }
            guard case .string(let text) = value, let bytes = SizeText.parse(text) else {
                note("'\(key)' is \(node.kind)", "give it a size such as \"32 MiB\"")
                return nil
            }
            return limited(.integer(bytes), property)
        case "path": if case .string(let path) = value { return .string(schema.absolute(path)) }
        default: break
        }
        guard types.isEmpty || types.contains(where: { Self.fits(value, $0) }) else {
            note("'\(key)' is \(node.kind)", "give it \(types.map(Self.words).joined(separator: " or "))")
            return nil
        }
        if let choices = property["enum"]?.array, !choices.contains(value) {
            note("'\(key)' is \(value)", "give it one of \(choices.map(\.description).joined(separator: ", "))")
            return nil
        }
        return limited(value, property)
    }

    private mutating func limited(_ value: JSONValue, _ property: JSONValue) -> JSONValue? {
        guard let number = value.number else { return value }
        if let minimum = property["minimum"]?.number, number < minimum {
            note("'\(key)' is \(number)", "give it at least \(minimum)")
            return nil
        }
        if let maximum = property["maximum"]?.number, number > maximum {
            note("'\(key)' is \(number)", "give it at most \(maximum)")
            return nil
        }
        return value
    }

    private mutating func plain(_ node: TOMLNode) -> JSONValue? {
        switch node.value {
        case .string(let text):
            do {
                let expanded = try Interpolation.expand(text)
                isSecret = isSecret || expanded.isSecret
                return .string(expanded.text)
            } catch {
                note("'\(key)': \(error.what)", error.remedy)
                return nil
            }
        case .integer(let value): return .integer(value)
        case .number(let value): return .number(value)
        case .boolean(let flag): return .bool(flag)
        case .array(let elements):
            var all: [JSONValue] = []
            for element in elements { if let value = plain(element) { all.append(value) } }
            return .array(all)
        case .table(let members):
            var all: [String: JSONValue] = [:]
            for member in members { all[member.key] = plain(member.node) }
            return .object(all)
        case .other:
            note("'\(key)' is \(node.kind)", "write it as a string")
            return nil
        }
    }

    private static func fits(_ value: JSONValue, _ type: String) -> Bool {
        switch (type, value) {
        case ("string", .string), ("integer", .integer), ("number", .integer), ("number", .number), ("boolean", .bool),
            ("array", .array), ("object", .object):
            true
        default: false
        }
    }

    private static func words(_ type: String) -> String {
        switch type {
        case "boolean": "true or false"
        case "array": "a list"
        case "object": "a table"
        case "integer": "an integer"
        default: "a \(type)"
        }
    }
}
