import JSON

/// The configuration files, read and checked as far as that goes without asking the plugins.
public struct ParsedConfiguration: Sendable {
    /// Everything but the plugins' own settings, which are still empty.
    public internal(set) var configuration: Configuration
    /// What is wrong so far. A part with a problem is not in `configuration`.
    public internal(set) var problems: [Problem] = []
    var openSources: [OpenSettings] = []
    var openSinks: [OpenSettings] = []
    /// How many sources, and sinks, of the configuration have their plugin's settings.
    private var resolvedSources = 0
    private var resolvedSinks = 0
    /// Source files that are still to be read, in order.
    var sourceFiles: [String] = []
    /// Where each name was seen first, also of parts that turned out to be bad.
    var sourcePlaces: [String: Place] = [:]
    var sinkPlaces: [String: Place] = [:]
    /// Where the main file names the directory of source files.
    var sourcesLine = 0
    private let builtInPlugins: Set<String>
    private let cronProblem: Loader.CronCheck?
    /// Cron expressions that were looked at: they repeat.
    private var knownCron: [String: CronVerdict] = [:]
    /// Rules of sources that were seen: they repeat, too.
    private var rules: [SourceRules: SourceConfiguration.SharedRules] = [:]

    /// A place in the files.
    struct Place: Sendable, CustomStringConvertible {
        var file: String
        var line: Int
        var description: String { "\(file):\(line)" }
    }

    private struct CronVerdict: Sendable {
        var problem: (what: String, remedy: String)?
    }

    init(configuration: Configuration, _ builtInPlugins: Set<String>, _ cronProblem: Loader.CronCheck?) {
        self.configuration = configuration
        self.builtInPlugins = builtInPlugins
        self.cronProblem = cronProblem
    }

    /// The names that a source or sink may give as its plugin.
    var knownPlugins: Set<String> {
        builtInPlugins.union(configuration.plugins.keys).union([SourceConfiguration.pushPlugin])
    }

    func isKnown(plugin: String) -> Bool {
        builtInPlugins.contains(plugin) || configuration.plugins[plugin] != nil
            || plugin == SourceConfiguration.pushPlugin
    }

    /// The source files beside the main file, in order, of which nothing is read yet; none from then on.
    public mutating func takeSourceFiles() -> [String] {
        defer { sourceFiles = [] }
        return sourceFiles
    }

    /// How much there is of what names a plugin.
    var marks: Marks {
        Marks(
            openSinks: openSinks.count, openSources: openSources.count, sinks: configuration.sinks.count,
            sources: configuration.sources.count)
    }

    struct Marks {
        var openSinks, openSources, sinks, sources: Int
    }

    /// What is wrong with a cron expression.
    mutating func problem(withCron text: String) -> (what: String, remedy: String)? {
        if let known = knownCron[text] { return known.problem }
        let problem = cronProblem?(text)
        knownCron[text] = CronVerdict(problem: problem)
        return problem
    }

    /// One copy of rules that are the same.
    mutating func shared(_ rules: SourceRules) -> SourceConfiguration.SharedRules {
        if let known = self.rules[rules] { return known }
        let new = SourceConfiguration.SharedRules(rules)
        self.rules[rules] = new
        return new
    }

    /// The plugins that sources and sinks name whose settings are not checked yet.
    public var usedPlugins: Set<String> {
        var plugins: Set<String> = []
        var last = ""
        // Most are like the one before.
        for list in [openSinks, openSources] {
            for settings in list where settings.plugin != last {
                plugins.insert(settings.plugin)
                last = settings.plugin
            }
        }
        plugins.remove(SourceConfiguration.pushPlugin)
        return plugins
    }

    /// Checks the plugins' own settings.
    ///
    /// - Parameter schemas: what each plugin published; a plugin that is missing here could not be asked, which the caller
    ///   reports, and its sources and sinks are left out.
    /// - Returns: all that is good, and every problem, by file and line.
    public func resolved(schemas: [String: JSONValue]) -> (Configuration, [Problem]) {
        var all = self
        all.resolve(schemas: schemas)
        return (all.configuration, all.problems.sorted { ($0.file, $0.line) < ($1.file, $1.line) })
    }

    /// Checks the plugins' own settings of what was read since this was called last; see ``resolved(schemas:)``.
    public mutating func resolve(schemas: [String: JSONValue]) {
        let (sources, sinks) = (openSources, openSinks)
        (openSources, openSinks) = ([], [])
        Self.resolve(
            sources, in: &configuration.sources, from: &resolvedSources, schemas, SourceConfiguration.commonKeys,
            &problems
        ) { $0.settings = $1 }
        Self.resolve(
            sinks, in: &configuration.sinks, from: &resolvedSinks, schemas, SinkConfiguration.commonKeys, &problems
        ) { $0.settings = $1 }
    }

    /// Gives the parts from `first` on, which are those that are sound, their settings, and takes out what has none.
    private static func resolve<Part>(
        _ open: [OpenSettings], in parts: inout [Part], from first: inout Int, _ schemas: [String: JSONValue],
        _ commonKeys: [String], _ problems: inout [Problem], _ set: (inout Part, PluginSettings) -> Void
    ) {
        var next = first
        var (file, directory) = ("", "")
        for settings in open {
            let place = next
            if settings.isSound { next += 1 }
            let own: JSONValue? =
                settings.plugin == SourceConfiguration.pushPlugin ? ["additionalProperties": false] : nil
            guard let schema = schemas[settings.plugin] ?? own else { continue }
            if file != settings.file {
                (file, directory) = (settings.file, ConfigurationFile.directory(of: settings.file))
            }
            let checker = SettingsSchema(
                schema: schema, plugin: settings.plugin, directory: directory, commonKeys: commonKeys)
            let (value, found) = checker.resolve(
                settings.members, file: settings.file, line: settings.line, title: settings.title)
            problems += found
            guard found.isEmpty, settings.isSound else { continue }
            set(&parts[place], value)
            parts.swapAt(first, place)
            first += 1
        }
        parts.removeSubrange(first...)
    }
}

/// Settings that wait for their plugin's schema.
struct OpenSettings: Sendable {
    var plugin: String
    var title: String
    var file: String
    var line: Int
    var pluginLine: Int
    var members: [TOMLNode.Member]
    /// Nothing is wrong with the keys that are not the plugin's. Else its own are only checked, to tell every problem at once.
    var isSound: Bool
}
