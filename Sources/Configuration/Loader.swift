import Glibc
import JSON

/// Reads configuration files.
public enum Loader {
    /// Says what is wrong with a cron expression; nil when nothing is.
    ///
    /// It stands beside this module (`CronExpression.problem(in:)`), so it is handed in.
    public typealias CronCheck = @Sendable (String) -> (what: String, remedy: String)?

    /// Reads the main file and the source files beside it.
    ///
    /// - Parameters:
    ///   - file: the main file's path.
    ///   - knownPlugins: names of plugins that need no `[plugin.NAME]`.
    ///   - cronProblem: checks cron expressions; without it that is left to the caller.
    public static func load(
        file: String, knownPlugins: Set<String>, cronProblem: CronCheck? = nil
    ) -> ParsedConfiguration {
        var parsed = loadMain(file: file, knownPlugins: knownPlugins, cronProblem: cronProblem)
        for file in parsed.takeSourceFiles() { take(SourceFileTree(file), into: &parsed) }
        return parsed
    }

    /// Reads the main file alone, and lists the source files beside it for
    /// ``ParsedConfiguration/takeSourceFiles()``: who resolves the settings of each file before the next is taken needs
    /// memory for a few files only.
    public static func loadMain(
        file: String, knownPlugins: Set<String>, cronProblem: CronCheck? = nil
    ) -> ParsedConfiguration {
        var parsed = ParsedConfiguration(configuration: Configuration(file: file), knownPlugins, cronProblem)
        do throws(Problem) {
            let text = try ConfigurationFile.read(file, limit: ConfigurationFile.limit)
            read(text, file: file, isMain: true, into: &parsed)
        } catch {
            parsed.problems.append(error)
            return parsed
        }
        listSourceFiles(besides: file, into: &parsed)
        return parsed
    }

    /// Adds what a source file says.
    public static func take(_ file: SourceFileTree, into parsed: inout ParsedConfiguration) {
        switch file.content {
        case .success(let root): take(root, file: file.file, isMain: false, into: &parsed)
        case .failure(let problem): parsed.problems.append(problem)
        }
    }

    /// Reads a configuration from a text that the program brings along; `name` stands for the file in problems.
    public static func load(
        text: String, name: String, knownPlugins: Set<String>, cronProblem: CronCheck? = nil
    ) -> ParsedConfiguration {
        var parsed = ParsedConfiguration(configuration: Configuration(file: name), knownPlugins, cronProblem)
        read(Array(text.utf8), file: name, isMain: true, into: &parsed)
        return parsed
    }

    private static func listSourceFiles(besides file: String, into parsed: inout ParsedConfiguration) {
        let named = parsed.configuration.daemon.sourcesDirectory
        let parent = ConfigurationFile.directory(of: file)
        let relative = named ?? "sources.d"
        let directory =
            relative.hasPrefix("/") || parent.isEmpty
            ? relative : parent == "/" ? "/\(relative)" : "\(parent)/\(relative)"
        // Nobody has to have the usual directory.
        if named == nil, access(directory, F_OK) != 0, errno == ENOENT { return }
        do throws(Problem) {
            parsed.sourceFiles = try ConfigurationFile.names(in: directory).map { "\(directory)/\($0)" }
        } catch {
            // That one is named wrongly stands in the main file.
            parsed.problems.append(
                named == nil
                    ? error
                    : Problem(
                        file: file, line: parsed.sourcesLine, what: "the directory \(error.file) \(error.what)",
                        remedy: error.remedy))
        }
    }

    private static func read(
        _ text: [UInt8], file: String, isMain: Bool, into parsed: inout ParsedConfiguration
    ) {
        do throws(Problem) {
            take(try tree(of: text, file: file), file: file, isMain: isMain, into: &parsed)
        } catch {
            parsed.problems.append(error)
        }
    }

    /// Takes a text apart, which looks at nothing else.
    static func tree(of text: [UInt8], file: String) throws(Problem) -> TOMLNode {
        guard (try? UTF8Span(validating: text.span)) != nil else {
            throw Problem(
                file: file, line: firstInvalidLine(text), what: "this is no UTF-8", remedy: "save the file as UTF-8")
        }
        return try TOMLNode.parse(text, file: file)
    }

    private static func take(
        _ root: TOMLNode, file: String, isMain: Bool, into parsed: inout ParsedConfiguration
    ) {
        let earlier = parsed.problems.count
        let marks = parsed.marks
        defer {
            refuseUnknownPlugins(&parsed, from: marks)
            let count = parsed.problems.count - earlier
            if count > Problem.most {
                parsed.problems.removeLast(count - Problem.most)
                parsed.problems.append(
                    Problem(
                        file: file, line: 0, what: "there are \(count - Problem.most) more problems",
                        remedy: "mend the first ones"))
            }
        }
        var reader = TableReader(root, file: file, title: isMain ? "the main file" : "a source file")
        if isMain {
            if let member = reader.member("daemon") { readDaemon(member, file, &parsed) }
            if let member = reader.member("log") { readLog(member, file, &parsed) }
            if let member = reader.member("websub") { readWebSub(member, file, &parsed) }
            if let member = reader.member("plugin") { readNamed(member, file, &parsed, readPlugin) }
            if let member = reader.member("sink") { readSinks(member, file, &parsed) }
        }
        if let member = reader.member("source") {
            readNamed(member, file, &parsed, readSource)
        }
        if !isMain {
            for key in ["daemon", "log", "websub", "plugin", "sink"] where reader.member(key) != nil {
                reader.note(key: key, "a source file has no '\(key)'", "move it to the main file")
            }
        }
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

    /// Reads the tables `[KIND.NAME]`.
    private static func readNamed(
        _ member: TOMLNode.Member, _ file: String, _ parsed: inout ParsedConfiguration,
        _ body: (TOMLNode.Member, String, inout ParsedConfiguration) -> Void
    ) {
        func note(_ place: TOMLNode.Member, _ what: String, _ remedy: String) {
            parsed.problems.append(
                Problem(file: file, line: place.line, column: place.column, what: what, remedy: remedy))
        }
        guard case .table(let tables) = member.node.value else {
            note(member, "'\(member.key)' is \(member.node.kind)", "write [\(member.key).NAME]")
            return
        }
        for table in tables {
            guard isName(table.key) else {
                note(
                    table, "'\(table.key.prefix(80))' is no name",
                    "use a to z, 0 to 9, '.', '_' and '-', at most 64, beginning with a letter or digit")
                continue
            }
            guard case .table = table.node.value else {
                note(table, "'\(member.key).\(table.key)' is \(table.node.kind)", "write [\(member.key).NAME]")
                continue
            }
            body(table, file, &parsed)
        }
    }

    static func isName(_ text: String) -> Bool {
        func isWord(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
        guard let first = text.utf8.first, isWord(first) else { return false }
        return text.utf8.count <= 64
            && text.utf8.allSatisfy { isWord($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }
    }

    /// Takes out what names a plugin that there is not, of what was read since `marks`.
    private static func refuseUnknownPlugins(_ parsed: inout ParsedConfiguration, from marks: ParsedConfiguration.Marks)
    {
        let unknown =
            parsed.openSinks[marks.openSinks...].filter { !parsed.isKnown(plugin: $0.plugin) }
            + parsed.openSources[marks.openSources...].filter { !parsed.isKnown(plugin: $0.plugin) }
        guard !unknown.isEmpty else { return }
        let known = parsed.knownPlugins
        for settings in unknown {
            let remedy =
                nearest(settings.plugin, among: known.sorted()).map { "did you mean '\($0)'?" }
                ?? "known are \(known.sorted().joined(separator: ", ")); name others in [plugin.NAME]"
            parsed.problems.append(
                Problem(
                    file: settings.file, line: settings.pluginLine,
                    what: "\(settings.title): there is no plugin '\(settings.plugin.prefix(80))'", remedy: remedy))
        }
        func keepKnown<Part>(_ parts: inout [Part], from first: Int, _ plugin: (Part) -> String) {
            parts.replaceSubrange(first..., with: parts[first...].filter { known.contains(plugin($0)) })
        }
        keepKnown(&parsed.openSources, from: marks.openSources, \.plugin)
        keepKnown(&parsed.openSinks, from: marks.openSinks, \.plugin)
        keepKnown(&parsed.configuration.sources, from: marks.sources, \.rules.plugin)
        keepKnown(&parsed.configuration.sinks, from: marks.sinks, \.plugin)
    }
}
