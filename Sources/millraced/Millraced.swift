import ArgumentParser
import Daemon
import Document
import Glibc

/// The daemon's command line.
@main
struct Millraced: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "millraced",
        abstract: "Brings content in: schedules fetchers, normalises, keeps a log that loses nothing, delivers.",
        discussion: """
            Without --config it reads /etc/millrace/millrace.toml where there is one, else it runs on a built-in default
            that keeps its state under ./var and reads ./Samples.
            """,
        version: Daemon.version)

    @Option(help: "The main configuration file.")
    var config: String?

    @Option(help: "Where the log and the index are.")
    var stateDirectory: String?

    @Option(help: "The Unix socket that answers millracectl.")
    var controlSocket: String?

    @Flag(help: "Check the configuration, print every problem, and exit with 0 or 1.")
    var check = false

    @Flag(help: "Use the built-in default whatever is installed.")
    var builtIn = false

    mutating func run() async throws {
        let installed = "/etc/millrace/millrace.toml"
        let file = config ?? (!builtIn && access(installed, F_OK) == 0 ? installed : nil)
        let daemonLog = DaemonLog()
        let daemon = Daemon(
            options: .init(configurationFile: file, stateDirectory: stateDirectory, controlSocket: controlSocket),
            daemonLog: daemonLog)
        if check {
            let problems = await daemon.check()
            for problem in problems { print(VisibleText.line(problem.description)) }
            throw problems.isEmpty ? ExitCode.success : ExitCode(1)
        }
        do {
            try await daemon.run()
        } catch {
            daemonLog.error("\(error)")
            throw ExitCode(1)
        }
    }

    /// Not the asynchronous entry, whose runtime has started threads before the first line: the signals must be blocked
    /// in every thread.
    static func main() {
        Daemon.blockSignals()
        do {
            var command = try parseAsRoot()
            guard let asynchronous = command as? Millraced else { return try command.run() }
            try Daemon.runToEnd { [asynchronous] in
                var command = asynchronous
                try await command.run()
            }
        } catch {
            exit(withError: error)
        }
    }
}
