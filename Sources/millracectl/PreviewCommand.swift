import ArgumentParser
import ControlClient
import JSON
import PluginProtocol

/// `millracectl preview`
struct PreviewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview", abstract: "Shows what documents files and addresses would become; needs no daemon.",
        discussion: "Exits with 1 when anything gave no document.")

    @Option(help: .hidden) var socket: String?
    @Flag(help: "Print one document a line, each with \"input\", the argument it came from.") var json = false
    @Flag(help: "Say why: the kind of page, the evidence for each field, what was kept and cut.") var explain = false
    @Option(help: "The address that the files stand for, such as the page's own.") var url: String?
    @Option(help: "The inputs' media type, such as text/html.") var mediaType: String?
    @Option(help: "How the input is cut into records: whole, lines, nul or json.") var records: RecordFraming?
    @Argument(help: "Files, '-' for standard input, or http and https addresses.") var inputs: [String]

    func run() throws {
        var options = Preview.Options()
        options.url = url
        options.mediaType = mediaType
        options.framing = records
        options.explains = explain
        let style = Style(descriptor: 1)
        let isJSON = json
        var isFirst = true
        var explanations: [String: JSONValue] = [:]
        let preview = Preview(options) { input, document in
            // The first document of an input carries the explanation of all.
            let explanation = explanations.removeValue(forKey: input)
            let line = Preview.line(document, input: input, explanation: isJSON ? explanation : nil)
            if isJSON { return StandardOutput.writeJSON(line) }
            guard let tree = try? JSONValue.parse(line) else {
                return StandardOutput.complain("\(input): the normaliser sent a document that is no JSON")
            }
            if tree["id"] == nil, let feed = tree["feed"] {
                return StandardOutput.complain(
                    "\(input): a feed without entries: \(feed["title"]?.string ?? "untitled")")
            }
            StandardOutput.write((isFirst ? "" : "\n") + DocumentPages.page(tree, style))
            isFirst = false
            if let explanation { StandardOutput.write("\n" + ExplanationPage.page(explanation, style)) }
        } explain: { input, explanation in
            explanations[input] = explanation
        } complain: {
            StandardOutput.complain($0)
        }
        try preview.run(inputs)
        if preview.failures > 0 { throw ExitCode(ExitStatus.refused.rawValue) }
    }
}
