import Glibc
import JSON
import PluginProtocol

/// Makes documents of files and addresses with the daemon's own programs, but without the daemon.
public final class Preview {
    /// What the inputs are taken for.
    public struct Options: Sendable {
        /// Stands for the files' own address: the base of relative links.
        public var url: String?
        /// What the input is taken for; nil to find out.
        public var mediaType: String?
        /// How it is cut into records; nil for what its kind suggests.
        public var framing: RecordFraming?
        /// The name in `source` of the documents.
        public var source = "preview"
        /// Whether each input is explained.
        public var explains = false

        /// The defaults.
        public init() {}
    }

    private struct Job {
        var input: PreviewInput
        var failure: String?
        var answer: (documents: NormalisedDocuments, body: [UInt8])?
        var isDone: Bool { failure != nil || answer != nil }
    }

    private let options: Options
    private let show: (_ input: String, _ document: ArraySlice<UInt8>) -> Void
    private let explain: (_ input: String, _ explanation: JSONValue) -> Void
    private let complain: (String) -> Void
    private var normaliser: PluginProcess?
    private var fetcher: PluginProcess?
    private var nextFetch: Int64 = 1
    private var nextJob: Int64 = 1
    private var jobs: [Int64: Job] = [:]
    private var oldest: Int64 = 1
    private var openBytes = 0
    /// Inputs that gave no document.
    public private(set) var failures = 0

    /// Bytes of inputs that may be with the normaliser.
    private static let window = 16 << 20
    private static let jobLimit = 256
    private static let largestInput = 256 << 20
    /// Seconds for one input.
    private static let patience = 60.0
    private static let fetchPatience = 150.0

    /// A preview that hands each document, one line of JSON, to `show`, and each reason for none to `complain`.
    ///
    /// A feed without entries is shown as an object that has only `feed`. Where the options ask for it, `explain` is
    /// called for each input, before its documents are shown.
    public init(
        _ options: Options, show: @escaping (_ input: String, _ document: ArraySlice<UInt8>) -> Void,
        explain: @escaping (_ input: String, _ explanation: JSONValue) -> Void = { _, _ in },
        complain: @escaping (String) -> Void
    ) {
        self.options = options
        self.show = show
        self.explain = explain
        self.complain = complain
    }

    /// Previews everything; documents come in the order of the arguments.
    public func run(_ arguments: [String]) throws(CommandFailure) {
        for argument in arguments {
            if argument.hasPrefix("http://") || argument.hasPrefix("https://") {
                try fetch(argument)
            } else if let input = load(argument) {
                try submit(input)
            }
            try finish(Self.window)
        }
        try finish(0)
    }

    private func refuse(_ argument: String, _ reason: String) {
        failures += 1
        complain(reason.hasPrefix(argument) ? reason : "\(argument): \(reason)")
    }

    private func load(_ argument: String) -> PreviewInput? {
        do throws(CommandFailure) { return try read(argument) } catch {
            refuse(argument, error.description)
            return nil
        }
    }

    private func read(_ argument: String) throws(CommandFailure) -> PreviewInput {
        let isStandardInput = argument == "-"
        let descriptor = isStandardInput ? 0 : try InputFile.open(argument)
        defer { if !isStandardInput { close(descriptor) } }
        let name = isStandardInput ? "standard input" : argument
        let body = try InputFile.readAll(descriptor, name: name, limit: Self.largestInput)
        guard !body.isEmpty else { throw CommandFailure(.refused, "\(name): the file is empty") }
        let uri = options.url ?? (isStandardInput ? Ingestion.name(of: body) : InputFile.uri(of: argument))
        var item = ItemDescription(uri: uri, mediaType: options.mediaType)
        item.records = options.framing ?? InputKind.framing(ofFile: name, mediaType: options.mediaType)
        return PreviewInput(argument: argument, item: item, body: body)
    }

    // MARK: Normalising

    private func submit(_ input: PreviewInput) throws(CommandFailure) {
        if normaliser == nil { normaliser = try PluginProcess(program: "millrace-normalise") }
        guard let child = normaliser else { return }
        let number = nextJob
        nextJob += 1
        openBytes += input.body.count
        jobs[number] = Job(input: input)
        send(number, input, to: child)
    }

    private func send(_ number: Int64, _ input: PreviewInput, to child: PluginProcess) {
        let request = NormaliseRequest(
            job: number, source: options.source, item: input.item,
            settings: options.explains ? ["explain": true] : [:])
        child.send(.normalise(request), body: input.body)
    }

    /// Serves the normaliser until no more than `bytes` are with it, and shows what is done in order.
    private func finish(_ bytes: Int) throws(CommandFailure) {
        while jobs.count > 0, openBytes > bytes || jobs.count > Self.jobLimit || bytes == 0 {
            guard let child = normaliser else { return }
            do throws(CommandFailure) {
                guard let (message, body) = try child.next(within: Self.patience) else {
                    throw CommandFailure(.refused, "no answer within \(Int(Self.patience)) s")
                }
                try take(message, body)
            } catch {
                try restart(after: error)
            }
            showDone()
        }
    }

    private func take(_ message: PluginMessage, _ body: [UInt8]) throws(CommandFailure) {
        switch message {
        case .documents(let documents):
            guard jobs[documents.job]?.isDone == false else { return }
            jobs[documents.job]?.answer = (documents, body)
        case .failed(let failed):
            guard jobs[failed.job]?.isDone == false else { return }
            jobs[failed.job]?.failure = failed.message
        default: break
        }
    }

    /// The worker answers in order, so the oldest open input brought it down; the others get another worker.
    private func restart(after error: CommandFailure) throws(CommandFailure) {
        normaliser = nil
        let open = jobs.filter { !$0.value.isDone }.keys.sorted()
        if let culprit = open.first { jobs[culprit]?.failure = error.what }
        guard open.count > 1 else { return }
        let child = try PluginProcess(program: "millrace-normalise")
        normaliser = child
        for number in open.dropFirst() { if let job = jobs[number] { send(number, job.input, to: child) } }
    }

    private func showDone() {
        while let job = jobs[oldest], job.isDone {
            jobs[oldest] = nil
            oldest += 1
            openBytes -= job.input.body.count
            let argument = job.input.argument
            if let reason = job.failure { refuse(argument, reason) }
            guard let (documents, body) = job.answer else { continue }
            if let explanation = documents.explanation { explain(argument, explanation) }
            var start = 0
            for entry in documents.documents {
                let end = min(start + entry.length, body.count)
                show(argument, body[start..<end])
                start = min(end + 1, body.count)
            }
            for record in documents.rejected {
                complain("\(argument): record \(record.record): \(record.reason)")
            }
            if documents.documents.isEmpty, documents.rejected.isEmpty, let feed = documents.emptyFeed {
                show(argument, JSONValue.object(["feed": feed]).encoded[...])
            } else if documents.documents.isEmpty {
                refuse(argument, documents.rejected.isEmpty ? "nothing in it is a document" : "no record is a document")
            }
        }
    }

    // MARK: Fetching

    private func fetch(_ url: String) throws(CommandFailure) {
        if fetcher == nil { fetcher = try PluginProcess(program: "millrace-fetch-http") }
        guard let child = fetcher else { return }
        let job = nextFetch
        nextFetch += 1
        // Who asks for an address by hand may mean one of their own network.
        child.send(
            .fetch(
                FetchRequest(
                    job: job, source: options.source, settings: ["url": .string(url), "allow_private": true],
                    state: [:],
                    window: 4 << 20, maximumItemSize: 64 << 20)))
        while true {
            let frame: (PluginMessage, body: [UInt8])?
            do throws(CommandFailure) { frame = try child.next(within: Self.fetchPatience) } catch {
                fetcher = nil
                return refuse(url, error.description)
            }
            switch frame?.0 {
            case nil:
                fetcher = nil
                return refuse(url, "no answer within \(Int(Self.fetchPatience)) s")
            case .item(let item) where item.job == job:
                child.send(.acknowledge(job: job, item: item.item))
                var description = item.description
                if let type = options.mediaType { description.mediaType = type }
                if let base = options.url { description.uri = base }
                try submit(PreviewInput(argument: url, item: description, body: frame?.body ?? []))
                try finish(Self.window)
            case .rejected(let item) where item.job == job: refuse(url, item.reason)
            case .watching(let number, _) where number == job: child.send(.cancel(job: job))
            case .done(let done) where done.job == job: return
            case .failed(let failed) where failed.job == job:
                return refuse(url, failed.remedy.map { "\(failed.message); \($0)" } ?? failed.message)
            default: break
            }
        }
    }

    /// The document's line with `"input"` as its first member, and `"explanation"` as the second where there is one.
    public static func line(
        _ document: ArraySlice<UInt8>, input: String, explanation: JSONValue? = nil
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: document.count + input.utf8.count + 32)
        writer.beginObject()
        writer.member("input", input)
        writer.member("explanation", explanation)
        var line = writer.bytes
        line.append(UInt8(ascii: ","))
        line.append(contentsOf: document.dropFirst())
        line.append(UInt8(ascii: "\n"))
        return line
    }
}
