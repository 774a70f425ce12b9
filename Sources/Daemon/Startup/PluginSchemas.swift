import Configuration
import JSON
import NIOCore
import PluginProtocol
import Supervision

/// Asks plugins for the settings that they know.
enum PluginSchemas {
    /// Starts each plugin once for its introduction; a plugin that can't be asked is named in the problems.
    static func ask(
        _ parsed: ParsedConfiguration, programs: Programs, group: any EventLoopGroup
    ) async -> (schemas: [String: JSONValue], problems: [Problem]) {
        let configuration = parsed.configuration
        return await withTaskGroup(of: Introduction.self) { tasks in
            for plugin in parsed.usedPlugins {
                let specification = programs.specification(plugin: plugin, as: plugin, configuration, input: nil)
                tasks.addTask {
                    let supervisor = Supervisor(specification, board: ProcessBoard(), group: group) { _, _ in }
                    return Introduction(plugin: plugin, answer: await introduce(supervisor))
                }
            }
            var schemas: [String: JSONValue] = [:]
            var problems: [Problem] = []
            for await introduction in tasks {
                let plugin = introduction.plugin
                let answer = introduction.answer
                switch answer {
                case .success(let hello): schemas[plugin] = hello.settings
                case .failure(let error):
                    let source = configuration.sources.first { $0.plugin == plugin }
                    problems.append(
                        Problem(
                            file: source?.file ?? configuration.file, line: source?.line ?? 0,
                            what: "the plugin '\(plugin)' can't be asked for its settings: \(error.what)",
                            remedy: error.remedy ?? "see whether its program runs"))
                }
            }
            return (schemas, problems)
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
