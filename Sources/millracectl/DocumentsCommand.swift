import ArgumentParser
import ControlClient
import JSON

/// `millracectl documents …`
struct DocumentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "documents", abstract: "Lists, shows, follows and searches documents.",
        subcommands: [List.self, Show.self, Tail.self, Search.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists documents, newest first.")
        @OptionGroup var daemon: DaemonOptions
        @Option(help: "How many.") var limit = 20
        @Option(help: "Only those older than this position.") var before: UInt64?
        @Option(help: "Only those of this source.") var source: String?

        func validate() throws { try Self.check(limit) }

        static func check(_ limit: Int) throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be between 1 and 10000.") }
        }

        func run() throws {
            var request = ControlRequest("GET", "documents")
            request.add("limit", "\(limit)")
            request.add("before", before.map { "\($0)" })
            request.add("source", source)
            try DocumentsCommand.list(request, daemon)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows the newest revision of a document.")
        @OptionGroup var daemon: DaemonOptions
        @Argument(help: "The document's id: 32 hexadecimal digits.") var id: String

        func run() throws {
            let body = try daemon.connect().answer(to: ControlRequest("GET", "documents", id))
            if daemon.json { return StandardOutput.writeJSON(body) }
            StandardOutput.write(DocumentPages.page(try DocumentsCommand.tree(body[...]), Style(descriptor: 1)))
        }
    }

    struct Tail: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the last documents and, with --follow, each new one as it is committed.")
        @OptionGroup var daemon: DaemonOptions
        @Flag(name: .shortAndLong, help: "Go on until stopped.") var follow = false
        @Option(help: "How many to begin with.") var last = 10
        @Option(help: "Only those of this source.") var source: String?

        func validate() throws {
            guard (0...10_000).contains(last) else { throw ValidationError("--last must be between 0 and 10000.") }
        }

        func run() throws {
            var request = ControlRequest("GET", "documents", "tail")
            request.add("last", "\(last)")
            if follow { request.add("follow", "1") }
            request.add("source", source)
            let style = Style(descriptor: 1)
            let isJSON = daemon.json
            try daemon.connect().stream(request) { line in
                if isJSON { return StandardOutput.writeJSON(Array(line)) }
                guard let document = try? DocumentsCommand.tree(line) else {
                    return StandardOutput.complain("the daemon sent a line that is no document")
                }
                StandardOutput.write(DocumentPages.line(document, style))
            }
        }
    }

    struct Search: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Searches the documents of a sink that can search.")
        @OptionGroup var daemon: DaemonOptions
        @Option(help: "How many.") var limit = 20
        @Option(help: "The sink to ask; by default the first that can search.") var sink: String?
        @Argument(help: "The words to be found.") var words: [String]

        func validate() throws {
            try List.check(limit)
            guard !words.isEmpty else { throw ValidationError("Name at least one word.") }
        }

        func run() throws {
            var request = ControlRequest("GET", "documents", "search")
            request.add("q", words.joined(separator: " "))
            request.add("limit", "\(limit)")
            request.add("sink", sink)
            try DocumentsCommand.list(request, daemon)
        }
    }

    private static func list(_ request: ControlRequest, _ daemon: DaemonOptions) throws {
        let body = try daemon.connect().answer(to: request)
        if daemon.json { return StandardOutput.writeJSON(body) }
        let documents = try tree(body[...])["documents"]?.array ?? []
        StandardOutput.write(DocumentPages.table(documents, Style(descriptor: 1)))
    }

    private static func tree(_ bytes: ArraySlice<UInt8>) throws -> JSONValue {
        do { return try JSONValue.parse(Array(bytes)) } catch {
            throw CommandFailure(
                .refused, "the daemon's answer is not understood: \(error)",
                remedy: "check that millracectl and millraced are of the same version")
        }
    }
}
