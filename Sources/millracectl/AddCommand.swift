import ArgumentParser
import ControlAPI
import ControlClient

extension SourcesCommand {
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Looks at an address and makes a source file for it; needs no daemon, and reloads one that is there.",
            discussion: """
                Feeds, pages, sitemaps and sites with feeds are told apart by what they answer. The file is named after \
                the source; no file that is there is ever changed.
                """)

        @OptionGroup var daemon: DaemonOptions
        @Option(help: "The directory of source files.") var directory = "/etc/millrace/sources.d"
        @Option(help: "The source's name; by default after the address.") var name: String?
        @Option(help: "How often it is fetched: auto, or such as 30m.") var every = "auto"
        @Flag(help: "Fetch from addresses that are not public.") var allowPrivate = false
        @Flag(help: "Show what would be written, and write nothing.") var dryRun = false
        @Argument(help: "The address.") var url: String

        func run() throws {
            var options = SourceAddition.Options()
            options.directory = directory
            options.name = name
            options.interval = every
            options.allowsPrivate = allowPrivate
            options.isDry = dryRun
            let outcome = try SourceAddition(options).run(url)
            var text = "\(TerminalText.line(url)) is \(TerminalText.line(outcome.found))\n\n"
            for line in outcome.text.split(separator: "\n") { text += "  \(TerminalText.line(String(line)))\n" }
            for other in outcome.others { text += "\nalso there: \(TerminalText.line(other))" }
            if !outcome.others.isEmpty { text += "\n" }
            StandardOutput.write(text + "\n")
            if dryRun { return }
            StandardOutput.write("written to \(TerminalText.line(outcome.file))\n")
            try reload()
        }

        /// Lets a daemon that runs take the new source.
        private func reload() throws {
            let (status, body): (Int, [UInt8])
            do { (status, body) = try daemon.connect().exchange(ControlRequest("POST", "reload")) } catch {
                guard (error as? CommandFailure)?.status == .noDaemon else { throw error }
                return StandardOutput.write("no daemon runs here; it takes the source when it starts\n")
            }
            guard status < 400 || status == 422 else {
                let error: ControlError = try ControlConnection.read(body)
                throw CommandFailure(.refused, error.what, remedy: error.remedy)
            }
            let answer: ReloadAnswer = try ControlConnection.read(body)
            StandardOutput.write(ReloadPage.render(answer, refused: status == 422, Style(descriptor: 1)))
            if status == 422 || !answer.problems.isEmpty { throw ExitCode(ExitStatus.refused.rawValue) }
        }
    }
}
