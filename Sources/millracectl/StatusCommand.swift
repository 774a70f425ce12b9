import ArgumentParser
import ControlAPI
import ControlClient

/// `millracectl status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows the whole daemon at one glance.",
        discussion: "Exits with 1 when the log is full or has failed.")

    @OptionGroup var daemon: DaemonOptions

    func run() throws {
        let body = try daemon.connect().answer(to: ControlRequest("GET", "status"))
        let status: DaemonStatus = try ControlConnection.read(body)
        if daemon.json {
            StandardOutput.writeJSON(body)
        } else {
            StandardOutput.write(StatusPage.render(status, Style(descriptor: 1)))
        }
        if status.state == "failed" || status.state == "full" { throw ExitCode(ExitStatus.refused.rawValue) }
    }
}
