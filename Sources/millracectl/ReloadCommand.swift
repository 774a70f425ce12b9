import ArgumentParser
import ControlAPI
import ControlClient

/// `millracectl reload`
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Reads the configuration again and applies what changed.",
        discussion: "Exits with 1 when there are problems: the old configuration is then still in force.")

    @OptionGroup var daemon: DaemonOptions

    func run() throws {
        let (status, body) = try daemon.connect().exchange(ControlRequest("POST", "reload"))
        guard status < 400 || status == 422 else {
            let error: ControlError = try ControlConnection.read(body)
            throw CommandFailure(.refused, error.what, remedy: error.remedy)
        }
        let answer: ReloadAnswer = try ControlConnection.read(body)
        if daemon.json {
            StandardOutput.writeJSON(body)
        } else {
            StandardOutput.write(ReloadPage.render(answer, refused: status == 422, Style(descriptor: 1)))
        }
        if status == 422 || !answer.problems.isEmpty { throw ExitCode(ExitStatus.refused.rawValue) }
    }
}
