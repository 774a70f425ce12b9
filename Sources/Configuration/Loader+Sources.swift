import JSON
import PluginProtocol

/// The tables `[source.NAME]`.
extension Loader {
    static func readSource(_ member: TOMLNode.Member, _ file: String, _ parsed: inout ParsedConfiguration) {
        let title = "[source.\(member.key)]"
        var reader = TableReader(member.node, file: file, title: title, line: member.line, isClosed: false)
        defer { parsed.problems += reader.problems }
        if let first = parsed.sourcePlaces[member.key] {
            reader.note(member.line, "there is another source '\(member.key)' at \(first)", "rename one of them")
        } else {
            parsed.sourcePlaces[member.key] = ParsedConfiguration.Place(file: file, line: member.line)
        }
        let plugin = reader.string("plugin")
        if plugin == nil, !reader.members.contains(where: { $0.key == "plugin" }) {
            reader.note(member.line, "\(title) names no plugin", "write plugin = \"http\"")
        }
        var rules = SourceRules(plugin: plugin ?? "")
        readSchedule(&reader, &parsed, &rules)
        if let timeout = reader.duration("timeout", atLeast: 1) { rules.timeout = timeout }
        rules.paused = reader.boolean("paused") ?? false
        if let window = reader.size("window", atMost: 1 << 30) { rules.window = window }
        if let size = reader.size("max_item_size", atMost: 256 << 20) { rules.maximumItemSize = size }
        rules.records = reader.choice("records", ["whole", "lines", "nul", "json"]).flatMap {
            RecordFraming(rawValue: $0)
        }
        rules.duplicates = reader.choice("duplicates", DuplicatePolicy.self) ?? .mark
        readMediaType(&reader, &rules)
        rules.normalisation = readNormalisation(&reader)
        guard let plugin else { return }
        let isSound = reader.problems.isEmpty
        if isSound {
            parsed.configuration.sources.append(
                SourceConfiguration(
                    name: member.key, rules: parsed.shared(rules), file: file, line: member.line))
        }
        parsed.openSources.append(
            OpenSettings(
                plugin: plugin, title: title, file: file, line: member.line, pluginLine: reader.line(of: "plugin"),
                members: reader.rest, isSound: isSound))
    }

    private static func readSchedule(
        _ reader: inout TableReader, _ parsed: inout ParsedConfiguration, _ rules: inout SourceRules
    ) {
        let isAutomatic = reader.members.contains { member in
            if case .string("auto") = member.node.value { return member.key == "every" }
            return false
        }
        let every = isAutomatic ? nil : reader.duration("every", atLeast: 0.1)
        let bounds = (reader.duration("every_min", atLeast: 1), reader.duration("every_max", atLeast: 1))
        if isAutomatic {
            _ = reader.string("every")
            readBounds(bounds, &reader, &rules)
        } else {
            for key in ["every_min", "every_max"] where reader.members.contains(where: { $0.key == key }) {
                reader.note(key: key, "'\(key)' has no effect without every = \"auto\"", "leave it out")
            }
        }
        let cron = reader.string("cron")
        let zone = reader.string("timezone")
        rules.jitter = reader.duration("jitter")
        if every != nil || isAutomatic, cron != nil {
            reader.note(key: "cron", "both 'every' and 'cron'", "leave one of them out")
        }
        if rules.plugin == SourceConfiguration.pushPlugin {
            for key in ["every", "every_min", "every_max", "cron", "jitter", "timezone"]
            where reader.members.contains(where: { $0.key == key }) {
                reader.note(key: key, "'\(key)' has no effect with the plugin 'push'", "leave it out")
            }
        } else if zone != nil, cron == nil {
            reader.note(key: "timezone", "'timezone' has no effect without 'cron'", "leave it out")
        }
        if rules.plugin != SourceConfiguration.pushPlugin, rules.jitter != nil, every == nil, cron == nil,
            isAutomatic || !reader.members.contains(where: { $0.key == "every" })
        {
            reader.note(
                key: "jitter", "'jitter' has no effect without 'cron' or a length of time in 'every'", "leave it out")
        }
        if let every {
            rules.schedule = .every(every)
            if let jitter = rules.jitter, jitter > every {
                reader.note(
                    key: "jitter", "'jitter' is longer than 'every'", "give it at most \(DurationText.format(every))")
            }
        }
        guard let cron else { return }
        if zone != nil, cron.hasPrefix(SourceSchedule.timeZonePrefix) {
            reader.note(key: "timezone", "the time zone stands in 'cron' too", "leave one of them out")
            return
        }
        // The name is checked with the expression; a blank in it would make it part of the fields.
        if let zone, zone.utf8.contains(where: { $0 <= 0x20 }) {
            reader.note(key: "timezone", "'timezone' is \"\(zone.prefix(80))\"", "give it a name such as Europe/Berlin")
            return
        }
        let text = zone.map { "\(SourceSchedule.timeZonePrefix)\($0) \(cron)" } ?? cron
        rules.schedule = .cron(text)
        if let problem = parsed.problem(withCron: text) {
            let isZone = zone != nil && parsed.problem(withCron: cron) == nil
            reader.note(
                key: isZone ? "timezone" : "cron", "'\(isZone ? "timezone" : "cron")': \(problem.what)", problem.remedy)
        }
    }

    private static func readBounds(
        _ bounds: (shortest: Double?, longest: Double?), _ reader: inout TableReader, _ rules: inout SourceRules
    ) {
        let longest = bounds.longest ?? max(86_400, bounds.shortest ?? 0)
        let shortest = bounds.shortest ?? min(300, longest)
        if shortest > longest {
            reader.note(
                key: "every_min", "'every_min' is longer than 'every_max'",
                "give it at most \(DurationText.format(longest))")
        }
        rules.schedule = .automatic(shortest: shortest, longest: longest)
    }

    private static func readMediaType(_ reader: inout TableReader, _ rules: inout SourceRules) {
        guard let type = reader.string("media_type") else { return }
        let parts = type.split(separator: ";", maxSplits: 1)[0].split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), type.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
        else {
            reader.note(
                key: "media_type", "'media_type' is \"\(type.prefix(80))\"", "give it one such as application/json")
            return
        }
        rules.mediaType = type
    }

    private static let fields = [
        "id", "url", "title", "authors", "author", "site", "summary", "tags", "language", "published", "modified",
        "text",
        "html", "image",
    ]

    private static func readNormalisation(_ reader: inout TableReader) -> JSONValue {
        var settings: [String: JSONValue] = [:]
        if let mapping = reader.stringTable("fields", example: "{ title = \"headline\" }") {
            for field in mapping.keys.sorted() where !fields.contains(field) {
                let remedy =
                    nearest(field, among: fields).map { "did you mean '\($0)'?" }
                    ?? "known are \(fields.joined(separator: ", "))"
                reader.note(key: "fields", "documents have no field '\(field.prefix(80))'", remedy)
            }
            settings["fields"] = .object(mapping.mapValues { .string($0) })
        }
        if let language = reader.string("language") {
            if !isLanguage(language) {
                reader.note(
                    key: "language", "'language' is \"\(language.prefix(80))\"", "give it a tag such as de or en-GB")
            }
            settings["language"] = .string(language)
        }
        if let content = reader.strings("content") {
            let known = ["text", "markdown", "html"]
            for name in content where !known.contains(name) {
                reader.note(
                    key: "content", "'content' holds \"\(name.prefix(80))\"",
                    "known are \(known.joined(separator: ", "))")
            }
            settings["content"] = .array(content.map { .string($0) })
        }
        return .object(settings)
    }

    /// Two or three letters and perhaps more parts (BCP 47).
    private static func isLanguage(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
        guard let first = parts.first, (2...3).contains(first.count), first.allSatisfy(isLetter) else { return false }
        return parts.dropFirst().allSatisfy { part in
            (1...8).contains(part.count) && part.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
        }
    }
}
