import Configuration
import Scheduling

extension Daemon {
    /// Reads the files and asks the plugins; every problem is in the result.
    func load() async -> (Configuration, [Problem]) {
        var parsed: ParsedConfiguration
        let cronProblem: Loader.CronCheck = { CronExpression.problem(in: $0) }
        if let file = options.configurationFile {
            parsed = Loader.loadMain(file: file, knownPlugins: Programs.builtIn, cronProblem: cronProblem)
        } else {
            parsed = Loader.load(
                text: EmbeddedDefault.text, name: EmbeddedDefault.name, knownPlugins: Programs.builtIn,
                cronProblem: cronProblem)
        }
        let programs = Programs(configured: parsed.configuration.daemon.pluginDirectory)
        var schemas = PluginSchemas()
        await schemas.ask(parsed, programs: programs, group: group)
        parsed.resolve(schemas: schemas.known)
        // Settings are checked file by file, so that no more than a few files' are in memory unchecked. While that goes
        // on the next files are read.
        var files = parsed.takeSourceFiles()[...]
        await withTaskGroup(of: [SourceFileTree].self) { reading in
            func readAhead() {
                guard !files.isEmpty else { return }
                reading.addTask { [files] in SourceFileTree.first(of: files) }
            }
            readAhead()
            while let trees = await reading.next() {
                files = files.dropFirst(trees.count)
                readAhead()
                for tree in trees {
                    Loader.take(tree, into: &parsed)
                    await schemas.ask(parsed, programs: programs, group: group)
                    parsed.resolve(schemas: schemas.known)
                }
            }
        }
        let (configuration, problems) = parsed.resolved(schemas: schemas.known)
        return (configuration, (problems + schemas.problems).sorted { ($0.file, $0.line) < ($1.file, $1.line) })
    }

    /// A change in one place can be a problem in each of a hundred thousand sources: the log is not to be flooded by it.
    static let reportedProblems = 50

    func report(_ problems: [Problem]) {
        for problem in problems.prefix(Self.reportedProblems) { daemonLog.error("\(problem)") }
        let more = problems.count - Self.reportedProblems
        if more > 0 { daemonLog.error("and \(more) more problems; 'millraced --check' names each") }
    }

    /// Checks the configuration and returns its problems.
    public func check() async -> [Problem] { await load().1 }
}
