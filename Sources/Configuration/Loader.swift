import Glibc
import JSON
import PluginProtocol

/// The configuration files, read and checked as far as that goes without asking the plugins.
public struct ParsedConfiguration: Sendable {
    /// Everything but the plugins' own settings, which are still empty.
    public fileprivate(set) var configuration: Configuration
    /// What is wrong so far. A part with a problem is not in `configuration`.
    public fileprivate(set) var problems: [Problem] = []
    fileprivate var open: [OpenSettings] = []

    /// The plugins that sources and sinks name.
    public var usedPlugins: Set<String> {
        Set(configuration.sources.map(\.plugin) + configuration.sinks.map(\.plugin)).subtracting([
            SourceConfiguration.pushPlugin
        ])
    }

    /// Checks the plugins' own settings.
    ///
    /// - Parameter schemas: what each plugin published; a plugin that is missing here could not be asked, which the caller
    ///   reports, and its sources and sinks are left out.
    /// - Returns: all that is good, and every problem.
    public func resolved(schemas: [String: JSONValue]) -> (Configuration, [Problem]) {
        var result = configuration
        var problems = problems
        var bad: Set<String> = []
        let schemas = schemas.merging([SourceConfiguration.pushPlugin: ["additionalProperties": false]]) { $1 }
        for settings in open {
            guard let schema = schemas[settings.plugin] else {
                bad.insert(settings.title)
                continue
            }
            let directory = String(
                settings.file.prefix(upTo: settings.file.lastIndex(of: "/") ?? settings.file.startIndex))
            let checker = SettingsSchema(
                schema: schema, plugin: settings.plugin, directory: directory.isEmpty ? "." : directory)
            let (value, found) = checker.resolve(
                settings.members, file: settings.file, line: settings.line, title: settings.title)
            problems += found
            if !found.isEmpty { bad.insert(settings.title) }
            for index in result.sources.indices where settings.title == "[source.\(result.sources[index].name)]" {
                result.sources[index].settings = value
            }
            for index in result.sinks.indices where settings.title == "[[sink]] '\(result.sinks[index].name)'" {
                result.sinks[index].settings = value
            }
        }
        result.sources.removeAll { bad.contains("[source.\($0.name)]") }
        result.sinks.removeAll { bad.contains("[[sink]] '\($0.name)'") }
        return (result, problems)
    }
}

/// Settings that wait for their plugin's schema.
struct OpenSettings: Sendable {
    var plugin: String
    var title: String
    var file: String
    var line: Int
    nonisolated(unsafe) var members: [TOMLNode.Member]
}

/// Reads configuration files.
public enum Loader {
    static let sourceKeys = [
        "plugin", "every", "cron", "jitter", "timeout", "paused", "window", "max_item_size", "records", "media_type",
        "fields", "language", "content",
    ]
    private static let fileLimit = 1 << 20

    /// Reads the main file and the source files beside it.
    public static func load(file: String, knownPlugins: Set<String>) -> ParsedConfiguration {
        var parsed = ParsedConfiguration(configuration: Configuration(file: file))
        do throws(Problem) {
            let text = try readFile(file, limit: fileLimit)
            read(text, file: file, isMain: true, into: &parsed)
        } catch {
            parsed.problems.append(error)
            return parsed
        }
        let parent = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        let named = parsed.configuration.daemon.sourcesDirectory
        let directory = named.map { $0.hasPrefix("/") ? $0 : "\(parent)/\($0)" } ?? "\(parent)/sources.d"
        readSources(directory, mustExist: named != nil, line: 1, into: &parsed)
        finish(&parsed, knownPlugins: knownPlugins)
        return parsed
    }

    /// Reads a configuration from a text that the program brings along.
    public static func load(text: String, name: String, knownPlugins: Set<String>) -> ParsedConfiguration {
        var parsed = ParsedConfiguration(configuration: Configuration(file: name))
        read(Array(text.utf8), file: name, isMain: true, into: &parsed)
        finish(&parsed, knownPlugins: knownPlugins)
        return parsed
    }

    private static func readSources(
        _ directory: String, mustExist: Bool, line: Int, into parsed: inout ParsedConfiguration
    ) {
        guard let stream = opendir(directory) else {
            if mustExist || errno != ENOENT {
                parsed.problems.append(
                    Problem(
                        file: directory, line: 0, what: "can't be read: \(String(cString: strerror(errno)))",
                        remedy: "make the directory, or change 'sources' in [daemon]"))
            }
            return
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".toml"), !name.hasPrefix(".") { names.append(name) }
        }
        for name in names.sorted() {
            let file = "\(directory)/\(name)"
            do throws(Problem) {
                read(try readFile(file, limit: fileLimit), file: file, isMain: false, into: &parsed)
            } catch {
                parsed.problems.append(error)
            }
        }
    }

    private static func read(_ text: [UInt8], file: String, isMain: Bool, into parsed: inout ParsedConfiguration) {
        guard String(validating: text, as: UTF8.self) != nil else {
            let line = firstInvalidLine(text)
            parsed.problems.append(
                Problem(file: file, line: line, what: "this is no UTF-8", remedy: "save the file as UTF-8"))
            return
        }
        let root: TOMLNode
        do { root = try TOMLNode.parse(text, file: file) } catch {
            parsed.problems.append(error)
            return
        }
        var reader = TableReader(root, file: file, title: isMain ? "the main file" : "a source file")
        if isMain {
            if let member = reader.member("daemon") { readDaemon(member, file, &parsed) }
            if let member = reader.member("log") { readLog(member, file, &parsed) }
            if let member = reader.member("plugin") { readNamed(member, file, "plugin", &parsed, readPlugin) }
            if let member = reader.member("sink") { readSinks(member, file, &parsed) }
        }
        if let member = reader.member("source") { readNamed(member, file, "source", &parsed, readSource) }
        reader.finish()
        parsed.problems += reader.problems
    }

    private static func firstInvalidLine(_ text: [UInt8]) -> Int {
        var line = 1
        for part in text.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { return line }
            line += 1
        }
        return line
    }

    private static func readDaemon(_ member: TOMLNode.Member, _ file: String, _ parsed: inout ParsedConfiguration) {
        var reader = TableReader(member.node, file: file, title: "[daemon]")
        var daemon = DaemonSettings()
        daemon.stateDirectory = reader.string("state_directory")
        daemon.controlSocket = reader.string("control_socket")
        daemon.sourcesDirectory = reader.string("sources")
        daemon.pluginDirectory = reader.string("plugin_directory")
        daemon.workers = reader.integer("workers", in: 1...256).map(Int.init)
        if let memory = reader.size("worker_memory", atLeast: 64 << 20) { daemon.workerMemory = memory }
        if let timeout = reader.duration("worker_timeout", atLeast: 1) { daemon.workerTimeout = timeout }
        if let level = reader.choice("log_level", LogLevel.self) { daemon.logLevel = level }
        if let format = reader.string("log_format") {
            if ["auto", "journal", "terminal", "json"].contains(format) {
                daemon.logFormat = format
            } else {
                reader.note(
                    reader.line(of: "log_format"), "'log_format' is \"\(format)\"",
                    "give it one of auto, journal, terminal, json")
            }
        }
        reader.finish()
        parsed.problems += reader.problems
        parsed.configuration.daemon = daemon
    }

    private enum SyncChoice: String, CaseIterable { case always, interval }

    private static func readLog(_ member: TOMLNode.Member, _ file: String, _ parsed: inout ParsedConfiguration) {
        var reader = TableReader(member.node, file: file, title: "[log]")
        var log = LogSettings()
        let choice = reader.choice("sync", SyncChoice.self) ?? .always
        let interval = reader.duration("sync_interval", atLeast: 0.001)
        if choice == .interval { log.syncInterval = interval ?? 1 }
        if choice == .always, interval != nil {
            reader.note(
                reader.line(of: "sync_interval"), "'sync_interval' has no effect",
                "write sync = \"interval\", or leave it out")
        }
        if let size = reader.size("segment_size", atLeast: 1 << 16, atMost: 4 << 30) { log.segmentSize = size }
        reader.finish()
        parsed.problems += reader.problems
        parsed.configuration.log = log
    }

    private static func readNamed(
        _ member: TOMLNode.Member, _ file: String, _ kind: String, _ parsed: inout ParsedConfiguration,
        _ body: (TOMLNode.Member, String, inout ParsedConfiguration) -> Void
    ) {
        guard case .table(let tables) = member.node.value else {
            parsed.problems.append(
                Problem(
                    file: file, line: member.line, what: "'\(kind)' is \(member.node.kind)",
                    remedy: "write [\(kind).NAME]"))
            return
        }
        for table in tables {
            guard case .table = table.node.value else {
                parsed.problems.append(
                    Problem(
                        file: file, line: table.line, what: "'\(kind).\(table.key)' is \(table.node.kind)",
                        remedy: "write [\(kind).NAME]"))
                continue
            }
            guard isName(table.key) else {
                parsed.problems.append(
                    Problem(
                        file: file, line: table.line, what: "'\(table.key)' is no name",
                        remedy: "use a to z, 0 to 9, '.', '_' and '-', at most 64, beginning with a letter or digit"))
                continue
            }
            body(table, file, &parsed)
        }
    }

    private static func isName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        func isWord(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
        return !bytes.isEmpty && bytes.count <= 64 && isWord(bytes[0])
            && bytes.allSatisfy { isWord($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }
    }

    private static func readPlugin(_ member: TOMLNode.Member, _ file: String, _ parsed: inout ParsedConfiguration) {
        var reader = TableReader(member.node, file: file, title: "[plugin.\(member.key)]")
        let command = reader.strings("command")
        if command?.isEmpty ?? true {
            reader.note(
                reader.line(of: "command"), "[plugin.\(member.key)] has no command",
                "write command = [\"/path/to/program\"]")
        }
        var plugin = PluginCommand(command: command ?? [], memory: reader.size("memory", atLeast: 1 << 20))
        if let environment = reader.member("environment"), case .table(let members) = environment.node.value {
            for member in members {
                guard case .string(let text) = member.node.value, let value = try? Interpolation.expand(text).text
                else {
                    reader.note(
                        member.line, "'\(member.key)' is \(member.node.kind)",
                        "give it a string whose variables are set")
                    continue
                }
                plugin.environment[member.key] = value
            }
        }
        reader.finish()
        parsed.problems += reader.problems
        if reader.problems.isEmpty { parsed.configuration.plugins[member.key] = plugin }
    }

    private static func readSinks(_ member: TOMLNode.Member, _ file: String, _ parsed: inout ParsedConfiguration) {
        guard case .array(let tables) = member.node.value else {
            parsed.problems.append(
                Problem(file: file, line: member.line, what: "'sink' is \(member.node.kind)", remedy: "write [[sink]]"))
            return
        }
        for table in tables {
            var reader = TableReader(table, file: file, title: "[[sink]]")
            let plugin = reader.string("plugin")
            let name = reader.string("name") ?? plugin
            guard let plugin, let name, isName(name) else {
                reader.note(
                    table.line, "a [[sink]] without a proper name or plugin",
                    "write name = \"archive\" and plugin = \"jsonl\"")
                parsed.problems += reader.problems
                continue
            }
            var sink = SinkConfiguration(name: name, plugin: plugin)
            sink.paused = reader.boolean("paused") ?? false
            if let size = reader.integer("batch_size", in: 1...100_000) { sink.batchSize = Int(size) }
            if let timeout = reader.duration("timeout", atLeast: 0.1) { sink.timeout = timeout }
            if parsed.configuration.sinks.contains(where: { $0.name == name }) {
                reader.note(table.line, "there is another sink '\(name)'", "give each sink a name of its own")
            }
            parsed.problems += reader.problems
            guard reader.problems.isEmpty else { continue }
            parsed.configuration.sinks.append(sink)
            parsed.open.append(
                OpenSettings(
                    plugin: plugin, title: "[[sink]] '\(name)'", file: file, line: table.line, members: reader.rest))
        }
    }

    private static func readSource(_ member: TOMLNode.Member, _ file: String, _ parsed: inout ParsedConfiguration) {
        var reader = TableReader(member.node, file: file, title: "[source.\(member.key)]")
        guard let plugin = reader.string("plugin") else {
            reader.note(member.line, "[source.\(member.key)] names no plugin", "write plugin = \"http\"")
            parsed.problems += reader.problems
            return
        }
        var source = SourceConfiguration(name: member.key, plugin: plugin)
        source.file = file
        source.line = member.line
        let every = reader.duration("every", atLeast: 0.1)
        let cron = reader.string("cron")
        if every != nil, cron != nil {
            reader.note(reader.line(of: "cron"), "both 'every' and 'cron'", "leave one of them out")
        }
        if let every { source.schedule = .every(every) }
        if let cron { source.schedule = .cron(cron) }
        source.jitter = reader.duration("jitter")
        if let timeout = reader.duration("timeout", atLeast: 1) { source.timeout = timeout }
        source.paused = reader.boolean("paused") ?? false
        if let window = reader.size("window", atMost: 1 << 30) { source.window = window }
        if let size = reader.size("max_item_size", atMost: 256 << 20) { source.maximumItemSize = size }
        if let records = reader.string("records") {
            source.records = RecordFraming(rawValue: records)
            if source.records == nil {
                reader.note(
                    reader.line(of: "records"), "'records' is \"\(records)\"", "give it one of whole, lines, nul, json")
            }
        }
        source.mediaType = reader.string("media_type")
        source.normalisation = readNormalisation(&reader)
        if let other = parsed.configuration.sources.first(where: { $0.name == member.key }) {
            reader.note(
                member.line, "there is another source '\(member.key)' in \(other.file):\(other.line)",
                "rename one of them")
        }
        parsed.problems += reader.problems
        guard reader.problems.isEmpty else { return }
        parsed.configuration.sources.append(source)
        parsed.open.append(
            OpenSettings(
                plugin: plugin, title: "[source.\(member.key)]", file: file, line: member.line, members: reader.rest))
    }

    private static func readNormalisation(_ reader: inout TableReader) -> JSONValue {
        var settings: [String: JSONValue] = [:]
        if let fields = reader.member("fields") {
            if case .table(let members) = fields.node.value {
                var mapping: [String: JSONValue] = [:]
                for member in members {
                    guard case .string(let name) = member.node.value else {
                        reader.note(
                            member.line, "'fields.\(member.key)' is \(member.node.kind)",
                            "give it the name of a field in the record")
                        continue
                    }
                    mapping[member.key] = .string(name)
                }
                settings["fields"] = .object(mapping)
            } else {
                reader.note(
                    fields.line, "'fields' is \(fields.node.kind)", "give it a table such as { title = \"headline\" }")
            }
        }
        if let language = reader.string("language") { settings["language"] = .string(language) }
        if let content = reader.strings("content") {
            let known = ["text", "markdown", "html"]
            for name in content where !known.contains(name) {
                reader.note(
                    reader.line(of: "content"), "'content' holds \"\(name)\"",
                    "known are \(known.joined(separator: ", "))")
            }
            settings["content"] = .array(content.map { .string($0) })
        }
        return .object(settings)
    }

    private static func finish(_ parsed: inout ParsedConfiguration, knownPlugins: Set<String>) {
        let known = knownPlugins.union(parsed.configuration.plugins.keys).union([SourceConfiguration.pushPlugin])
        for settings in parsed.open where !known.contains(settings.plugin) {
            let remedy =
                nearest(settings.plugin, among: known).map { "did you mean '\($0)'?" }
                ?? "known are \(known.sorted().joined(separator: ", ")); name others in [plugin.NAME]"
            parsed.problems.append(
                Problem(
                    file: settings.file, line: settings.line,
                    what: "\(settings.title): there is no plugin '\(settings.plugin)'", remedy: remedy))
        }
        let unknown = Set(parsed.open.map(\.plugin)).subtracting(known)
        parsed.open.removeAll { unknown.contains($0.plugin) }
        parsed.configuration.sources.removeAll { unknown.contains($0.plugin) }
        parsed.configuration.sinks.removeAll { unknown.contains($0.plugin) }
    }
}
