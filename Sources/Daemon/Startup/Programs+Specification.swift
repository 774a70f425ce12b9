import Configuration
import Supervision

extension Programs {
    /// How a plugin is started.
    func specification(plugin: String, as name: String, _ configuration: Configuration, input: Int32?)
        -> ProcessSpecification
    {
        ProcessSpecification(
            name: name, command: command(ofPlugin: plugin, configuration),
            environment: Self.environment(ofPlugin: plugin, configuration),
            memoryLimit: configuration.plugins[plugin]?.memory, extraDescriptor: plugin == "stdin" ? input : nil)
    }

    /// How a normaliser is started.
    func normaliser(_ number: Int, memory: Int64) -> ProcessSpecification {
        ProcessSpecification(
            name: "normalise-\(number)", command: [path(of: Self.normaliser)], environment: Self.inherited,
            memoryLimit: memory)
    }
}
