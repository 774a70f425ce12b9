import ArgumentParser
import ControlClient
import PluginProtocol

/// `millracectl ingest`
struct IngestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Pushes files, or standard input, into a source; returns when all of it is durable.",
        discussion: """
            Records are sent in pieces of about 1 MiB. Files named .jsonl or .ndjson hold one record a line; everything
            else is one item unless --records says otherwise. Exits with 1 when anything became a dead letter.
            """)

    @OptionGroup var daemon: DaemonOptions
    @Option(help: "The source to push into.") var source: String
    @Option(help: "How the input is cut into records: whole, lines, nul or json.") var records: RecordFraming?
    @Option(help: "The input's media type, such as text/html.") var mediaType: String?
    @Option(help: "Where the input comes from; by default the file's address or a digest of the stream.")
    var uri: String?
    @Option(help: "What makes the input the same thing when it comes again.") var key: String?
    @Argument(help: "Files; '-' or none for standard input.") var files: [String] = []

    func validate() throws {
        guard files.count < 2 || (uri == nil && key == nil) else {
            throw ValidationError("--uri and --key name one input; several files are given.")
        }
    }

    func run() throws {
        var ingestion = Ingestion(
            try daemon.connect(), source: source, framing: records, mediaType: mediaType, uri: uri, key: key)
        var failed = false
        for file in files.isEmpty ? ["-"] : files {
            do throws(CommandFailure) {
                if file == "-" { try ingestion.pushStandardInput() } else { try ingestion.push(file: file) }
            } catch {
                StandardOutput.complain(files.count > 1 ? "\(file): \(error)" : error.description)
                // Without a daemon the next file would fare no better.
                guard error.status == .refused else {
                    report(ingestion)
                    throw ExitCode(error.status.rawValue)
                }
                failed = true
            }
        }
        report(ingestion)
        if failed || ingestion.answer.counts.deadLetters > 0 { throw ExitCode(ExitStatus.refused.rawValue) }
    }

    private func report(_ ingestion: Ingestion) {
        let answer = ingestion.answer
        if daemon.json { return StandardOutput.writeJSON(answer.encoded) }
        for reason in answer.reasons { StandardOutput.complain(reason) }
        let name = answer.counts.records == 1 ? "record" : "records"
        StandardOutput.write("\(name) \(CountsLine.records(answer.counts, Style(descriptor: 1)))\n")
    }
}
