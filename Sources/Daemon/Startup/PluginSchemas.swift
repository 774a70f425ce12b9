import Configuration
import JSON
import NIOCore
import PluginProtocol
import Supervision

/// The settings that plugins know, asked for as plugins turn up in the configuration.
struct PluginSchemas {
    /// What each plugin published.
    private(set) var known: [String: JSONValue] = [:]
    /// Which plugins could not be asked.
    private(set) var problems: [Problem] = []
    private var asked: Set<String> = []

    /// Starts each plugin that was not asked yet once for its introduction; one that can't be asked is a problem.
    mutating func ask(_ parsed: ParsedConfiguration, programs: Programs, group: any EventLoopGroup) async {
        let configuration = parsed.configuration
        let plugins = parsed.usedPlugins.subtracting(asked)
        guard !plugins.isEmpty else { return }
        asked.formUnion(plugins)
        await withTaskGroup(of: Introduction.self) { tasks in
            for plugin in plugins {
                let specification = programs.specification(plugin: plugin, as: plugin, configuration, input: nil)
                tasks.addTask {
                    let supervisor = Supervisor(specification, board: ProcessBoard(), group: group) { _, _ in }
                    return Introduction(plugin: plugin, answer: await Self.introduce(supervisor))
                }
            }
            for await introduction in tasks {
                let plugin = introduction.plugin
                switch introduction.answer {
                case .success(let hello): known[plugin] = hello.settings
                case .failure(let error):
                    let source = configuration.sources.first { $0.plugin == plugin }
                    problems.append(
                        Problem(
                            file: source?.file ?? configuration.file, line: source?.line ?? 0,
                            what: "the plugin '\(plugin)' can't be asked for its settings: \(error.what)",
                            remedy: error.remedy ?? "see whether its program runs"))
                }
            }
        }
    }

    /// A plugin that dies once, perhaps for want of memory, must not cost its sources everything until the next reload.
    private static func introduce(_ supervisor: Supervisor) async -> Result<PluginHello, SupervisionError> {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(2)
        for pause in [100, 400, 0] {
            do { return .success(try await supervisor.introduce()) } catch {
                let failure = error as? SupervisionError ?? SupervisionError("\(error)")
                guard pause > 0, clock.now < end else { return .failure(failure) }
                try? await Task.sleep(for: .milliseconds(pause))
            }
        }
        return .failure(SupervisionError("it does not introduce itself"))
    }

    private struct Introduction: Sendable {
        var plugin: String
        var answer: Result<PluginHello, SupervisionError>
    }
}
