import JSON

/// Takes settings out of their object; each fault names the setting and what would be right, never a secret's value.
struct SettingsReader {
    /// A source has few of the many settings that are asked for: comparing beats hashing each name.
    private let members: [(name: String, value: JSONValue)]

    init(_ settings: JSONValue) { members = (settings.object ?? [:]).map { ($0.key, $0.value) } }

    subscript(name: String) -> JSONValue? { members.first { $0.name == name }?.value }

    func fault(_ message: String, remedy: String) -> FetchFailure {
        FetchFailure(.configuration, message, remedy: remedy)
    }

    func fault(_ fault: WebAddress.Fault, in text: String) -> FetchFailure {
        let shown = WebAddress.redacted(text)
        switch fault {
        case .malformed(let why):
            return FetchFailure(
                .configuration, "'\(shown)' is no address that can be fetched: \(why)",
                remedy: "write `url` in full, such as https://example.org/feed.xml")
        case .unsupportedScheme(let scheme):
            return FetchFailure(
                .configuration, "'\(shown)' has the unsupported protocol '\(scheme)'",
                remedy: "use an address that begins with http:// or https://")
        }
    }

    private func value(_ name: String) -> JSONValue? {
        guard let value = self[name], !value.isNull else { return nil }
        return value
    }

    private func wrongType(_ name: String, _ expected: String) -> FetchFailure {
        fault("`\(name)` must be \(expected)", remedy: "see the settings of the http plugin")
    }

    func string(_ name: String) throws(FetchFailure) -> String? {
        guard let value = value(name) else { return nil }
        // libcurl's strings end at the first NUL: what stands after it would be dropped without a word.
        guard let text = value.string, !text.utf8.contains(0) else { throw wrongType(name, "a text without NUL") }
        return text
    }

    func headerValue(_ name: String) throws(FetchFailure) -> String? {
        guard let text = try string(name) else { return nil }
        guard HeaderText.isValue(text) else { throw wrongType(name, "a text without line breaks") }
        return text
    }

    func path(_ name: String) throws(FetchFailure) -> String? {
        guard let text = try string(name) else { return nil }
        guard !text.isEmpty else { throw wrongType(name, "the path of a file") }
        return text
    }

    func strings(_ name: String) throws(FetchFailure) -> [String] {
        guard let value = value(name) else { return [] }
        guard let elements = value.array else { throw wrongType(name, "a list of texts") }
        var texts: [String] = []
        for element in elements {
            guard let text = element.string, !text.utf8.contains(0) else { throw wrongType(name, "a list of texts") }
            texts.append(text)
        }
        return texts
    }

    func stringMap(_ name: String) throws(FetchFailure) -> [String: String] {
        guard let value = value(name) else { return [:] }
        guard let object = value.object else { throw wrongType(name, "a table of texts") }
        var texts: [String: String] = [:]
        for (key, member) in object {
            guard let text = member.string else { throw wrongType(name, "a table of texts") }
            texts[key] = text
        }
        return texts
    }

    /// A table of settings of its own.
    func table(_ name: String) throws(FetchFailure) -> SettingsReader? {
        guard let value = value(name) else { return nil }
        guard value.object != nil else { throw wrongType(name, "a table") }
        return SettingsReader(value)
    }

    /// Patterns of paths, written as in a robots.txt.
    func patterns(_ name: String) throws(FetchFailure) -> [RobotsPattern] {
        var patterns: [RobotsPattern] = []
        for text in try strings(name) {
            guard let pattern = RobotsPattern(text.utf8) else {
                throw fault(
                    "`\(name)` holds '\(text.prefix(80))', which matches nothing",
                    remedy: "begin it with / or *, such as \"/news/*.html$\"")
            }
            patterns.append(pattern)
        }
        return patterns
    }

    func bool(_ name: String) throws(FetchFailure) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let flag = value.bool else { throw wrongType(name, "true or false") }
        return flag
    }

    func number(_ name: String, _ range: ClosedRange<Double>) throws(FetchFailure) -> Double? {
        guard let value = value(name) else { return nil }
        guard let number = value.number, range.contains(number) else {
            throw wrongType(name, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func integer(_ name: String, _ range: ClosedRange<Int>) throws(FetchFailure) -> Int? {
        guard let value = value(name) else { return nil }
        guard let integer = value.integer.flatMap(Int.init(exactly:)), range.contains(integer) else {
            throw wrongType(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String
    ) throws(FetchFailure) -> Choice? where Choice.RawValue == String {
        guard let text = try string(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw wrongType(name, "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }
}
