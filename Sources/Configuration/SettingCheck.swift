import JSON

/// Checks the value of one key, and what lies in it, against its part of a plugin's schema.
struct SettingCheck {
    let file: String
    let directory: String
    let environment: (String) -> String?
    let line: Int
    let column: Int
    private(set) var problems: [Problem] = []
    /// Whether the value, or something in it, must never be shown.
    var isSecret = false

    init(file: String, directory: String, environment: @escaping (String) -> String?, line: Int, column: Int) {
        self.file = file
        self.directory = directory
        self.environment = environment
        self.line = line
        self.column = column
    }

    mutating func note(_ what: String, _ remedy: String, at node: TOMLNode? = nil) {
        let isElsewhere = node.map { $0.line > line } ?? false
        problems.append(
            Problem(
                file: file, line: isElsewhere ? node?.line ?? line : line,
                column: isElsewhere ? node?.column ?? 0 : column,
                what: what, remedy: remedy))
    }

    /// The types that a schema allows; none when it does not say.
    static func types(of schema: JSONValue) -> [String] {
        schema["type"]?.string.map { [$0] } ?? (schema["type"]?.array ?? []).compactMap(\.string)
    }

    /// The value in the form for the plugin; nil when there is a problem with it.
    ///
    /// - Parameters:
    ///   - path: the key with the keys before it, for problems.
    ///   - isLiteral: whether `${` stands for itself, as in the content of a file.
    mutating func value(_ node: TOMLNode, _ schema: JSONValue, path: String, isLiteral: Bool = false) -> JSONValue? {
        if schema["format"]?.string == "secret" { isSecret = true }
        switch node.value {
        case .string(let text):
            guard let (text, isForeign) = expanded(text, path, node, isLiteral) else { return nil }
            return string(text, isForeign: isForeign, schema, path, node)
        case .integer(let value): return checked(.integer(value), schema, path, node)
        case .number(let value):
            guard value.isFinite else {
                note("'\(path)' is no number that can be used", "give it an ordinary number", at: node)
                return nil
            }
            return checked(.number(value), schema, path, node)
        case .boolean(let flag): return checked(.bool(flag), schema, path, node)
        case .array(let elements): return array(elements, schema, path, node)
        case .table(let members): return table(members, schema, path, node)
        case .other:
            note("'\(path)' is a date", "write it as a string, in quotes", at: node)
            return nil
        }
    }

    private mutating func expanded(
        _ text: String, _ path: String, _ node: TOMLNode, _ isLiteral: Bool
    ) -> (text: String, isForeign: Bool)? {
        if isLiteral { return (text, true) }
        do {
            let expanded = try Interpolation.expand(text, environment: environment)
            if expanded.isSecret { isSecret = true }
            return (expanded.text, expanded.isSecret)
        } catch {
            note("'\(path)': \(error.what)", error.remedy, at: node)
            return nil
        }
    }

    private mutating func string(
        _ text: String, isForeign: Bool, _ schema: JSONValue, _ path: String, _ node: TOMLNode
    ) -> JSONValue? {
        switch schema["format"]?.string {
        case "duration":
            guard let seconds = DurationText.parse(text) else {
                return wrong(.string(text), path, "a length of time such as \"15m\" (units ms, s, m, h, d, w)", node)
            }
            return bounded(.number(seconds), schema, path, node) { DurationText.format($0) }
        case "size":
            guard let bytes = SizeText.parse(text) else {
                return wrong(.string(text), path, "a size such as \"32 MiB\"", node)
            }
            return sized(bytes, schema, path, node)
        case "path":
            guard !text.isEmpty, !text.holds(0) else { return wrong(.string(text), path, "a path", node) }
            return checked(.string(ConfigurationFile.absolute(text, in: directory)), schema, path, node)
        case "uri":
            guard Self.hasScheme(text) else {
                return wrong(.string(text), path, "a whole address, such as https://example.org/", node)
            }
            return checked(.string(text), schema, path, node)
        default: break
        }
        let types = Self.types(of: schema)
        // A variable of the environment is always text, whatever it is for.
        if isForeign, !types.isEmpty, !types.contains("string"), let value = Self.converted(text, types) {
            return checked(value, schema, path, node)
        }
        return checked(.string(text), schema, path, node)
    }

    private static func hasScheme(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A }
            guard let first = bytes.first, isLetter(first), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
                return false
            }
            return bytes[..<colon].allSatisfy { byte in
                isLetter(byte) || byte >= 0x30 && byte <= 0x39 || byte == UInt8(ascii: "+")
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            } && bytes.allSatisfy { $0 > 0x20 && $0 != 0x7F }
        }
    }

    private static func converted(_ text: String, _ types: [String]) -> JSONValue? {
        if types.contains("boolean"), text == "true" || text == "false" { return .bool(text == "true") }
        if types.contains("integer") || types.contains("number"), let value = Int64(text) { return .integer(value) }
        if types.contains("number"), let value = Double(text), value.isFinite { return .number(value) }
        return nil
    }

    private mutating func array(
        _ elements: [TOMLNode], _ schema: JSONValue, _ path: String, _ node: TOMLNode
    ) -> JSONValue? {
        var all: [JSONValue] = []
        all.reserveCapacity(elements.count)
        let items = schema["items"] ?? [:]
        for (place, element) in elements.enumerated() {
            guard problems.count < Problem.most else { return nil }
            if let value = value(element, items, path: "\(path)[\(place)]") { all.append(value) }
        }
        return all.count == elements.count ? checked(.array(all), schema, path, node) : nil
    }

    private mutating func table(
        _ members: [TOMLNode.Member], _ schema: JSONValue, _ path: String, _ node: TOMLNode
    ) -> JSONValue? {
        let properties = schema["properties"]?.object ?? [:]
        let others = schema["additionalProperties"]
        let isClosed = others?.bool == false || (others == nil && !properties.isEmpty)
        var all: [String: JSONValue] = [:]
        for member in members {
            guard problems.count < Problem.most else { return nil }
            if let property = properties[member.key] {
                all[member.key] = value(member.node, property, path: "\(path).\(member.key)")
            } else if !isClosed {
                let schema: JSONValue = others?.object != nil ? others ?? [:] : [:]
                all[member.key] = value(member.node, schema, path: "\(path).\(member.key)")
            } else {
                let known = properties.keys.sorted()
                note(
                    "'\(path)' has no key '\(member.key.prefix(80))'",
                    nearest(member.key, among: known).map { "did you mean '\($0)'?" }
                        ?? "known are \(known.joined(separator: ", "))", at: member.node)
            }
        }
        for name in (schema["required"]?.array ?? []).compactMap(\.string)
        where !members.contains(where: { $0.key == name }) {
            note("'\(path)' lacks the key '\(name)'", "add \(name) = …", at: node)
        }
        return all.count == members.count ? checked(.object(all), schema, path, node) : nil
    }

    /// Checks type, choices and bounds.
    private mutating func checked(_ value: JSONValue, _ schema: JSONValue, _ path: String, _ node: TOMLNode)
        -> JSONValue?
    {
        let format = schema["format"]?.string
        if format == "size", case .integer(let bytes) = value { return sized(bytes, schema, path, node) }
        if format == "duration" { return wrong(value, path, "a length of time such as \"15m\"", node) }
        let types = Self.types(of: schema)
        guard types.isEmpty || types.contains(where: { Self.fits(value, $0) }) else {
            return wrong(value, path, types.map(Self.words).joined(separator: " or "), node)
        }
        if let choices = schema["enum"]?.array, !choices.contains(value) {
            let near = value.string.flatMap { text in nearest(text, among: choices.compactMap(\.string)) }
            let all = "give it one of \(choices.map(\.description).joined(separator: ", "))"
            note("'\(path)' is \(shown(value))", near.map { "did you mean \"\($0)\"?" } ?? all, at: node)
            return nil
        }
        return bounded(value, schema, path, node) { $0 == $0.rounded() && abs($0) < 1e15 ? "\(Int64($0))" : "\($0)" }
    }

    private mutating func sized(_ bytes: Int64, _ schema: JSONValue, _ path: String, _ node: TOMLNode) -> JSONValue? {
        guard bytes >= 0 else { return wrong(.integer(bytes), path, "a size such as \"32 MiB\"", node) }
        return bounded(.integer(bytes), schema, path, node) { SizeText.format(Int64(min($0, 9e18))) }
    }

    private mutating func bounded(
        _ value: JSONValue, _ schema: JSONValue, _ path: String, _ node: TOMLNode, _ format: (Double) -> String
    ) -> JSONValue? {
        guard let number = value.number else { return value }
        let bounds = [("least", schema["minimum"]?.number), ("most", schema["maximum"]?.number)]
        for (word, bound) in bounds {
            guard let bound, word == "least" ? number < bound : number > bound else { continue }
            note(
                "'\(path)' is \(isSecret ? "out of bounds" : format(number))", "give it at \(word) \(format(bound))",
                at: node)
            return nil
        }
        return value
    }

    private mutating func wrong(_ value: JSONValue, _ path: String, _ expected: String, _ node: TOMLNode) -> JSONValue?
    {
        note("'\(path)' is \(shown(value))", "give it \(expected)", at: node)
        return nil
    }

    /// A value for a message: nothing of secrets, and not much of others.
    private func shown(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): isSecret ? "a string" : "\"\(text.prefix(80))\""
        case .integer, .number: isSecret ? "a number" : value.description
        case .bool(let flag): "\(flag)"
        case .array: "a list"
        case .object: "a table"
        case .null: "nothing"
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
        case "boolean": "true or false, without quotes"
        case "array": "a list"
        case "object": "a table"
        case "integer": "an integer"
        default: "a \(type)"
        }
    }
}
