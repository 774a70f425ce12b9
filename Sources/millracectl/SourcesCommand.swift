import ArgumentParser
import ControlAPI
import ControlClient

/// `millracectl sources …`
struct SourcesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sources",
        abstract: "Lists sources, adds, runs, pauses and resumes them, and takes and gives OPML.",
        subcommands: [List.self, Show.self, Add.self, Run.self, Pause.self, Resume.self, Import.self, Export.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists all sources.")
        @OptionGroup var daemon: DaemonOptions

        func run() throws {
            try daemon.show(ControlRequest("GET", "sources")) { (answer: SourceList, style) in
                SourcePages.table(answer.sources, style)
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a source with its settings and its newest dead letters.")
        @OptionGroup var daemon: DaemonOptions
        @Argument(help: "The source's name.") var name: String

        func run() throws {
            try daemon.show(ControlRequest("GET", "sources", name)) { (answer: SourceDetail, style) in
                SourcePages.page(answer, style)
            }
        }
    }

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Runs a source now, even when it is paused.")
        @OptionGroup var daemon: DaemonOptions
        @Argument(help: "The source's name.") var name: String
        func run() throws { try SourcesCommand.send("run", name, daemon) }
    }

    struct Pause: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Pauses a source, over restarts.")
        @OptionGroup var daemon: DaemonOptions
        @Argument(help: "The source's name.") var name: String
        func run() throws { try SourcesCommand.send("pause", name, daemon) }
    }

    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Resumes a paused source.")
        @OptionGroup var daemon: DaemonOptions
        @Argument(help: "The source's name.") var name: String
        func run() throws { try SourcesCommand.send("resume", name, daemon) }
    }

    private static func send(_ command: String, _ name: String, _ daemon: DaemonOptions) throws {
        try daemon.show(ControlRequest("POST", "sources", name, command)) { (answer: SourceAnswer, style) in
            SourcePages.line(answer.source, style)
        }
    }
}

/// `millracectl sinks …`
struct SinksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sinks", abstract: "Lists sinks.", subcommands: [List.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists all sinks.")
        @OptionGroup var daemon: DaemonOptions

        func run() throws {
            try daemon.show(ControlRequest("GET", "sinks")) { (answer: SinkList, style) in
                SinkPages.table(answer.sinks, style)
            }
        }
    }
}
