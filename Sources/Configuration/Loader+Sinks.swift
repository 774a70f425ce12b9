/// The tables `[[sink]]`.
extension Loader {
    static func readSinks(_ member: TOMLNode.Member, _ file: String, _ parsed: inout ParsedConfiguration) {
        guard case .array(let tables) = member.node.value else {
            parsed.problems.append(
                Problem(
                    file: file, line: member.line, column: member.column, what: "'sink' is \(member.node.kind)",
                    remedy: "write [[sink]]"))
            return
        }
        for table in tables { readSink(table, file, &parsed) }
    }

    private static func readSink(_ table: TOMLNode, _ file: String, _ parsed: inout ParsedConfiguration) {
        var reader = TableReader(table, file: file, title: "[[sink]]")
        defer { parsed.problems += reader.problems }
        guard reader.problems.isEmpty else { return }
        let plugin = reader.string("plugin")
        let given = reader.string("name")
        guard let plugin else {
            if reader.problems.isEmpty {
                reader.note(table.line, "a [[sink]] names no plugin", "write plugin = \"jsonl\"")
            }
            return
        }
        let name = given ?? plugin
        guard isName(name) else {
            reader.note(
                key: given == nil ? "plugin" : "name", "'\(name.prefix(80))' is no name",
                "use a to z, 0 to 9, '.', '_' and '-', at most 64, beginning with a letter or digit")
            return
        }
        if plugin == SourceConfiguration.pushPlugin {
            reader.note(
                key: "plugin", "the plugin '\(plugin)' takes content in and delivers none", "name a sink's plugin")
        }
        var sink = SinkConfiguration(name: name, plugin: plugin)
        sink.paused = reader.boolean("paused") ?? false
        if let size = reader.integer("batch_size", in: 1...100_000) { sink.batchSize = Int(size) }
        if let timeout = reader.duration("timeout", atLeast: 0.1) { sink.timeout = timeout }
        if let sources = reader.strings("sources") {
            if sources.isEmpty {
                reader.note(key: "sources", "'sources' is empty", "name sources or patterns, or leave it out for all")
            }
            sink.sources = sources
        }
        if let first = parsed.sinkPlaces[name] {
            reader.note(
                key: given == nil ? "plugin" : "name", "there is another sink '\(name)' at \(first)",
                "give each sink a name of its own")
        } else {
            parsed.sinkPlaces[name] = ParsedConfiguration.Place(file: file, line: table.line)
        }
        let isSound = reader.problems.isEmpty
        if isSound { parsed.configuration.sinks.append(sink) }
        parsed.openSinks.append(
            OpenSettings(
                plugin: plugin, title: "[[sink]] '\(name)'", file: file, line: table.line,
                pluginLine: reader.line(of: "plugin"), members: reader.rest, isSound: isSound))
    }
}
