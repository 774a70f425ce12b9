import ArgumentParser
import ControlAPI
import ControlClient
import JSON

/// `millracectl dead-letters …`
struct DeadLettersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters", abstract: "Shows what could not become a document, and why.",
        subcommands: [List.self, Show.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists dead letters, newest first.")
        @OptionGroup var daemon: DaemonOptions
        @Option(help: "How many.") var limit = 20
        @Option(help: "Only those older than this position.") var before: UInt64?
        @Option(help: "Only those of this source.") var source: String?

        func validate() throws { try DocumentsCommand.List.check(limit) }

        func run() throws {
            var request = ControlRequest("GET", "dead-letters")
            request.add("limit", "\(limit)")
            request.add("before", before.map { "\($0)" })
            request.add("source", source)
            try daemon.show(request) { (answer: DeadLetterList, style) in
                DeadLetterPages.table(answer.deadLetters, style)
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one dead letter, whole.")
        @OptionGroup var daemon: DaemonOptions
        @Argument(help: "Its position in the log.") var position: UInt64

        func run() throws {
            let body = try daemon.connect().answer(to: ControlRequest("GET", "dead-letters", "\(position)"))
            if daemon.json { return StandardOutput.writeJSON(body) }
            do {
                StandardOutput.write(try DeadLetterPages.page(try JSONValue.parse(body), Style(descriptor: 1)))
            } catch {
                throw CommandFailure(.refused, "the daemon's answer is not understood: \(error)")
            }
        }
    }
}
