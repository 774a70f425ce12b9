import Configuration
import JSON
import PluginProtocol

/// A sink of the configuration, run by this program for as long as a replay takes.
public final class ReplaySink {
    /// What the configuration says of it.
    public let configuration: SinkConfiguration
    /// The last position that the sink itself knows to be at the receiver; nil where it can't know.
    public private(set) var position: UInt64?
    /// Documents that the receiver refused.
    public private(set) var rejected: [RejectedDocument] = []
    private let process: PluginProcess
    private var job: Int64 = 1

    /// Starts the plugin of the sink `name` and has it open its receiver.
    ///
    /// - Parameter file: the daemon's main configuration file.
    public init(_ name: String, configuration file: String) throws(CommandFailure) {
        let parsed = Loader.load(file: file, knownPlugins: Programs.builtIn)
        guard let open = parsed.configuration.sinks.first(where: { $0.name == name }) else {
            // What is wrong with the file may be why the sink is not there.
            if let problem = parsed.problems.first { throw CommandFailure(.refused, problem.description) }
            let names = parsed.configuration.sinks.map(\.name).joined(separator: ", ")
            throw CommandFailure(
                .refused, "\(file) has no sink '\(name)'",
                remedy: names.isEmpty ? "add a [[sink]]" : "its sinks are \(names)")
        }
        let programs = Programs(configured: parsed.configuration.daemon.pluginDirectory)
        process = try PluginProcess(
            name: "the plugin '\(open.plugin)'", command: programs.command(ofPlugin: open.plugin, parsed.configuration),
            environment: Programs.environment(ofPlugin: open.plugin, parsed.configuration))
        guard process.hello.roles.contains(.deliver) else {
            throw CommandFailure(.refused, "the plugin '\(open.plugin)' is no sink")
        }
        let (whole, problems) = parsed.resolved(schemas: [open.plugin: process.hello.settings])
        guard let sink = whole.sinks.first(where: { $0.name == name }) else {
            throw CommandFailure(.refused, problems.first?.description ?? "the sink '\(name)' is not configured")
        }
        configuration = sink
        process.send(.configure(job: job, sink: name, settings: sink.settings.value))
        guard case .configured(_, let position) = try answer() else {
            throw CommandFailure(.refused, "\(process.name) does not say that it is configured")
        }
        self.position = position
    }

    /// Hands documents over and waits until the receiver has them for good.
    ///
    /// - Parameters:
    ///   - lines: a line of JSON each.
    ///   - positions: of the first and of the last one.
    public func deliver(
        _ lines: [UInt8], positions: ClosedRange<UInt64>, count: Int
    ) throws(CommandFailure) {
        job += 1
        let request = DeliverRequest(
            job: job, sink: configuration.name, first: positions.lowerBound, last: positions.upperBound, count: count,
            again: true)
        process.send(.deliver(request), body: lines)
        guard case .delivered(_, let position, let rejected) = try answer(), position == positions.upperBound else {
            throw CommandFailure(.refused, "\(process.name) does not say that it has delivered")
        }
        self.rejected += rejected
    }

    private func answer() throws(CommandFailure) -> PluginMessage {
        while true {
            guard let (message, _) = try process.next(within: configuration.timeout) else {
                throw CommandFailure(.refused, "\(process.name) gave no answer within \(configuration.timeout) s")
            }
            switch message {
            case .log(_, let text, _): StandardOutput.complain("\(configuration.name): \(text)")
            case .pong: continue
            case .failed(let failed):
                throw CommandFailure(.refused, "\(configuration.name): \(failed.message)", remedy: failed.remedy)
            default: return message
            }
        }
    }
}
