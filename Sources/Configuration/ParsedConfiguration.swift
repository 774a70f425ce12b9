import JSON

/// The configuration files, read and checked as far as that goes without asking the plugins.
public struct ParsedConfiguration: Sendable {
    /// Everything but the plugins' own settings, which are still empty.
    public internal(set) var configuration: Configuration
    /// What is wrong so far. A part with a problem is not in `configuration`.
    public internal(set) var problems: [Problem] = []
    var openSources: [OpenSettings] = []
    var openSinks: [OpenSettings] = []
    /// Where each name was seen first, also of parts that turned out to be bad.
    var sourcePlaces: [String: String] = [:]
    var sinkPlaces: [String: String] = [:]
    /// Where the main file names the directory of source files.
    var sourcesLine = 0

    init(configuration: Configuration) { self.configuration = configuration }

    /// The plugins that sources and sinks name.
    public var usedPlugins: Set<String> {
        Set((openSources + openSinks).map(\.plugin)).subtracting([
            SourceConfiguration.pushPlugin
        ])
    }

    /// Checks the plugins' own settings.
    ///
    /// - Parameter schemas: what each plugin published; a plugin that is missing here could not be asked, which the caller
    ///   reports, and its sources and sinks are left out.
    /// - Returns: all that is good, and every problem, by file and line.
    public func resolved(schemas: [String: JSONValue]) -> (Configuration, [Problem]) {
        var result = configuration
        var problems = problems
        let schemas = schemas.merging([SourceConfiguration.pushPlugin: ["additionalProperties": false]]) { $1 }
        func check(_ open: [OpenSettings], commonKeys: [String]) -> [String: PluginSettings] {
            var good: [String: PluginSettings] = [:]
            for settings in open {
                guard let schema = schemas[settings.plugin] else { continue }
                let checker = SettingsSchema(
                    schema: schema, plugin: settings.plugin,
                    directory: ConfigurationFile.directory(of: settings.file), commonKeys: commonKeys)
                let (value, found) = checker.resolve(
                    settings.members, file: settings.file, line: settings.line, title: settings.title)
                problems += found
                if found.isEmpty, settings.isSound { good[settings.name] = value }
            }
            return good
        }
        let sources = check(openSources, commonKeys: SourceConfiguration.commonKeys)
        result.sources = result.sources.compactMap { source in
            guard let settings = sources[source.name] else { return nil }
            var source = source
            source.settings = settings
            return source
        }
        let sinks = check(openSinks, commonKeys: SinkConfiguration.commonKeys)
        result.sinks = result.sinks.compactMap { sink in
            guard let settings = sinks[sink.name] else { return nil }
            var sink = sink
            sink.settings = settings
            return sink
        }
        return (result, problems.sorted { ($0.file, $0.line) < ($1.file, $1.line) })
    }
}

/// Settings that wait for their plugin's schema.
struct OpenSettings: Sendable {
    var plugin: String
    var name: String
    var title: String
    var file: String
    var line: Int
    var pluginLine: Int
    var members: [TOMLNode.Member]
    /// Nothing is wrong with the keys that are not the plugin's. Else its own are only checked, to tell every problem at once.
    var isSound: Bool
}
