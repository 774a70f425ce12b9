import ArgumentParser
import ControlAPI
import ControlClient
import Glibc

extension SourcesCommand {
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a source file of the feeds in an OPML file; needs no daemon.",
            discussion: """
                The file is named after the OPML file. Feeds that a source of the directory has already are left out, \
                and an existing file stays unless --replace is given. 'millracectl reload' applies the new sources.
                """)

        @Option(help: .hidden) var socket: String?
        @Option(help: "The directory of source files.") var directory = "/etc/millrace/sources.d"
        @Option(help: "How often each feed is fetched.") var every = "1h"
        @Flag(help: "Replace an existing file of the same name.") var replace = false
        @Argument(help: "The OPML file.") var file: String

        func run() throws {
            let outcome = try SubscriptionImport(directory: directory, interval: every, replaces: replace).run(file)
            for refused in outcome.refused { StandardOutput.complain("left out: \(refused)") }
            let known = outcome.known > 0 ? ", \(outcome.known) known already" : ""
            if outcome.names.isEmpty {
                StandardOutput.write("No new feeds\(known)\n")
            } else {
                StandardOutput.write(
                    "\(Amounts.counted(outcome.names.count, "source")) in \(TerminalText.line(outcome.file))\(known); "
                        + "'millracectl reload' applies them\n")
            }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the daemon's http sources as OPML 2.0, for feed readers.")
        @OptionGroup var daemon: DaemonOptions

        func run() throws {
            let connection = try daemon.connect()
            let list: SourceList = try ControlConnection.read(connection.answer(to: ControlRequest("GET", "sources")))
            var feeds: [Subscription] = []
            for source in list.sources where source.plugin == "http" {
                let request = ControlRequest("GET", "sources", source.name)
                let detail: SourceDetail = try ControlConnection.read(try daemon.connect().answer(to: request))
                // Pages and sitemaps are no feeds.
                guard ["auto", "feed", nil].contains(detail.settings["kind"]?.string) else { continue }
                let urls = [detail.settings["url"]?.string] + (detail.settings["urls"]?.array ?? []).map(\.string)
                for url in urls.compactMap({ $0 }) { feeds.append(Subscription(title: source.name, url: url)) }
            }
            StandardOutput.write(OPMLWriter.write(feeds, title: "Sources of Millrace"))
        }
    }
}
