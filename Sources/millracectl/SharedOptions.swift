import ArgumentParser
import ControlAPI
import ControlClient
import JSON
import PluginProtocol

/// Options of every command that asks the daemon.
struct DaemonOptions: ParsableArguments {
    @Option(help: "The daemon's control socket.")
    var socket: String?

    @Flag(help: "Print the daemon's JSON, for scripts.")
    var json = false

    func connect() throws -> ControlConnection {
        try ControlConnection(socket: try ControlSocket.locate(socket))
    }

    /// Asks, and prints the answer as it is or as a page.
    func show<Message: ControlMessage>(_ request: ControlRequest, page: (Message, Style) -> String) throws {
        let body = try connect().answer(to: request)
        if json { return StandardOutput.writeJSON(body) }
        let message: Message = try ControlConnection.read(body)
        StandardOutput.write(page(message, Style(descriptor: 1)))
    }
}

/// Puts options that stand before the command behind it: `millracectl --json status` is as good as the other order.
enum SocketOption {
    static func leading(_ arguments: [String]) -> [String] {
        var moved: [String] = []
        var rest = arguments[...]
        while let first = rest.first {
            if first == "--json" || first.hasPrefix("--socket=") {
                moved.append(first)
                rest = rest.dropFirst()
            } else if first == "--socket", rest.count > 1 {
                moved += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        guard !moved.isEmpty, !rest.isEmpty, !rest.allSatisfy({ $0.hasPrefix("-") }) else { return arguments }
        // Behind the words that name the command, before its own arguments: "--" must not come first.
        let words = rest.prefix { !$0.hasPrefix("-") }.prefix(2)
        let commands =
            ["sources", "sinks", "documents", "dead-letters", "log"].contains(words.first ?? "")
            ? words : words.prefix(1)
        return commands + moved + rest.dropFirst(commands.count)
    }
}

extension RecordFraming: ExpressibleByArgument {}
