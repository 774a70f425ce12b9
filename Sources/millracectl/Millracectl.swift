import ArgumentParser
import ControlClient
import Glibc

/// The control program's command line.
@main
struct Millracectl: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "millracectl",
        abstract: "Asks and steers millraced; previews pages and checks logs without it.",
        discussion: """
            The daemon's socket is --socket, else $MILLRACE_SOCKET, else ./var/run/control.sock or
            /run/millrace/control.sock, whichever is there.
            Exit codes: 0 fine, 1 the answer is no, 2 wrong use, 3 no daemon there.
            """,
        version: version,
        subcommands: [
            StatusCommand.self, SourcesCommand.self, SinksCommand.self, DocumentsCommand.self, IngestCommand.self,
            ReloadCommand.self, DeadLettersCommand.self, LogCommand.self, PreviewCommand.self,
        ])

    /// Our exit codes instead of the parser's, and errors with their remedy.
    static func main() {
        // A child or a reader that goes away shows as an error of the write.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot(SocketOption.leading(Array(CommandLine.arguments.dropFirst())))
            try command.run()
        } catch let failure as CommandFailure {
            StandardOutput.complain(failure.description)
            Glibc.exit(failure.status.rawValue)
        } catch let code as ExitCode {
            Glibc.exit(code.rawValue)
        } catch {
            let text = fullMessage(for: error)
            guard exitCode(for: error) != .success else {
                StandardOutput.write(text + "\n")
                Glibc.exit(ExitStatus.fine.rawValue)
            }
            StandardOutput.explain(text)
            Glibc.exit(ExitStatus.wrongUse.rawValue)
        }
    }
}
