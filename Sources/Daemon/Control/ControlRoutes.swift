import Configuration
import Document
import Index
import JSON
import PluginProtocol
import Supervision
import WriteAheadLog

/// What the control socket answers; docs/control-api.md lists it.
struct ControlRoutes: Sendable {
    let parts: DaemonParts

    func respond(to request: ControlRequest, _ writer: ResponseWriter) async throws {
        if request.method == "GET", request.path == ["v1", "documents", "tail"] {
            return try await DocumentTail(parts: parts).stream(request, writer)
        }
        let answer: ControlAnswer
        do {
            answer = try await route(request)
        } catch let error as LogError {
            answer = .failure(status: 503, error.what, remedy: error.remedy)
        } catch {
            answer = .failure(status: 500, "\(error)", remedy: nil)
        }
        try await writer.answer(answer)
    }

    private func route(_ request: ControlRequest) async throws -> ControlAnswer {
        guard request.path.first == "v1" else {
            return .failure(
                status: 404, "there is no \(request.path.joined(separator: "/"))", remedy: "paths begin with /v1")
        }
        let rest = Array(request.path.dropFirst())
        switch (request.method, rest.first, rest.count) {
        case ("GET", "status", 1): return try await status()
        case ("GET", "metrics", 1): return try await Metrics.answer(parts)
        case ("GET", "sources", 1): return try await sources()
        case ("GET", "sources", 2): return try await source(rest[1])
        case ("POST", "sources", 3): return try await command(rest[2], rest[1])
        case ("GET", "sinks", 1): return sinks()
        case ("GET", "documents", 1): return try await documents(request)
        case ("GET", "documents", 2) where rest[1] == "search": return try await search(request)
        case ("GET", "documents", 2): return try await document(rest[1])
        case ("POST", "ingest", 1): return try await ingest(request)
        case ("GET", "dead-letters", 1): return try await deadLetters(request)
        case ("GET", "dead-letters", 2): return try deadLetter(rest[1])
        case ("POST", "reload", 1): return await parts.reload()
        default:
            return .failure(
                status: 404, "there is no \(request.method) /\(request.path.joined(separator: "/"))",
                remedy: "docs/control-api.md lists what there is")
        }
    }

    private func limit(_ request: ControlRequest, _ standard: Int = 20) -> Int {
        min(max(request.query["limit"].flatMap { Int($0) } ?? standard, 1), 10_000)
    }

    private func unknownSource(_ name: String) async -> ControlAnswer {
        let known = await parts.keeper.entries.keys.sorted()
        let remedy =
            nearest(name, among: known).map { "did you mean '\($0)'?" }
            ?? (known.isEmpty
                ? "add one to sources.d and reload" : "known sources: \(known.prefix(20).joined(separator: ", "))")
        return .failure(status: 404, "there is no source '\(name)'", remedy: remedy)
    }

    // MARK: Status

    private func status() async throws -> ControlAnswer {
        let entries = await parts.keeper.entries
        let due = await parts.keeper.due
        let configuration = await parts.configuration.current
        let statistics = parts.log.statistics
        return ControlAnswer.object { writer in
            writer.member("version", Supervisor.version)
            writer.member("pid", parts.identifier)
            writer.member("started", parts.started.description)
            writer.member("state", parts.lifecycle.state(statistics).rawValue)
            writer.member("state_directory", parts.stateDirectory)
            writer.key("configuration")
            writer.beginObject()
            writer.member("file", configuration.configuration.file)
            writer.member("loaded", configuration.loaded.description)
            writer.member("problems", JSONValue.array(configuration.problems.map { .string($0) }))
            writer.endObject()
            writer.key("counts")
            var outcomes = Outcomes()
            var inFlight = 0
            for entry in entries.values {
                outcomes += entry.outcomes
                inFlight += entry.inFlight
            }
            Self.write(outcomes, inFlight: inFlight, to: &writer)
            writer.key("log")
            Self.write(statistics, sync: configuration.configuration.log.syncInterval, to: &writer)
            writer.key("sources")
            var states: [String: Int] = [:]
            for entry in entries.values { states[Self.state(of: entry, due: due[entry.source.name]), default: 0] += 1 }
            writer.beginObject()
            writer.member("total", entries.count)
            for name in ["running", "watching", "waiting", "paused", "failing"] {
                writer.key(any: name)
                writer.integer(states[name] ?? 0)
            }
            writer.endObject()
            writer.key("sinks")
            writeSinks(to: &writer)
            writer.key("processes")
            writeProcesses(to: &writer)
        }
    }

    private static func write(_ outcomes: Outcomes, inFlight: Int, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("items", outcomes.items + inFlight)
        writer.member("in_flight", inFlight)
        writer.member("new", outcomes.new)
        writer.member("revised", outcomes.revised)
        writer.member("unchanged", outcomes.unchanged)
        writer.member("duplicates", outcomes.duplicates)
        writer.member("dead_letters", outcomes.deadLetters)
        writer.endObject()
    }

    private static func write(_ statistics: LogStatistics, sync: Double?, to writer: inout JSONWriter) {
        writer.beginObject()
        switch statistics.state {
        case .open: writer.member("state", "open")
        case .closed: writer.member("state", "closed")
        case .full(let reason):
            writer.member("state", "full")
            writer.member("reason", reason)
        case .failed(let reason):
            writer.member("state", "failed")
            writer.member("reason", reason)
        }
        writer.member("first", statistics.first)
        writer.member("last", statistics.last)
        writer.member("durable", statistics.durable)
        writer.member("bytes", statistics.bytes)
        writer.member("segments", statistics.segments)
        writer.member("syncs", statistics.syncs)
        writer.member("sync", sync.map { "every \(DurationText.format($0))" } ?? "always")
        writer.endObject()
    }

    private func writeProcesses(to writer: inout JSONWriter) {
        writer.beginArray()
        for process in parts.board.all {
            writer.beginObject()
            writer.member("name", process.name)
            writer.member("pid", process.identifier)
            writer.member("state", process.state.rawValue)
            writer.member("restarts", process.restarts)
            writer.member("last_exit", process.lastExit)
            writer.member("since", process.since.description)
            writer.member("resident", process.identifier.flatMap { ResidentMemory.bytes(of: $0) })
            writer.endObject()
        }
        writer.endArray()
    }

    // MARK: Sources

    static func state(of entry: SourceKeeper.Entry, due: Timestamp?) -> String {
        if entry.job?.isWatching == true { return "watching" }
        if entry.isRunning { return "running" }
        if entry.isPaused { return "paused" }
        if entry.failures > 0 { return "failing" }
        return due == nil ? "on-demand" : "waiting"
    }

    private func write(_ entry: SourceKeeper.Entry, due: Timestamp?, to writer: inout JSONWriter) {
        writer.member("name", entry.source.name)
        writer.member("plugin", entry.source.plugin)
        writer.member("state", Self.state(of: entry, due: due))
        switch entry.source.schedule {
        case .every(let seconds): writer.member("schedule", "every \(DurationText.format(seconds))")
        case .cron(let text): writer.member("schedule", "cron \(text)")
        case .onDemand: break
        }
        writer.member("paused", entry.isPaused)
        writer.member("next_run", due?.description)
        writer.member("last_run", entry.lastRun?.description)
        writer.member("last_success", entry.lastSuccess?.description)
        writer.member("failures", entry.failures)
        if let fault = entry.lastError {
            writer.key("last_error")
            Self.write(fault, to: &writer)
        }
        writer.key("counts")
        Self.write(entry.outcomes, inFlight: entry.inFlight, to: &writer)
    }

    private static func write(_ fault: SourceKeeper.Fault, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("what", fault.what)
        writer.member("remedy", fault.remedy)
        writer.member("time", fault.time.description)
        writer.endObject()
    }

    private func sources() async throws -> ControlAnswer {
        let entries = await parts.keeper.entries
        let due = await parts.keeper.due
        return ControlAnswer.object { writer in
            writer.key("sources")
            writer.beginArray()
            for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
                writer.beginObject()
                write(entry, due: due[name], to: &writer)
                writer.endObject()
            }
            writer.endArray()
        }
    }

    private func source(_ name: String) async throws -> ControlAnswer {
        guard let entry = await parts.keeper.entries[name] else { return await unknownSource(name) }
        let due = await parts.keeper.due[name]
        let (letters, keys) = try await parts.committer.read { index in
            (try index.deadLetters(source: name, before: nil, limit: 5), try index.state(of: name).count)
        }
        return ControlAnswer.object { writer in
            write(entry, due: due, to: &writer)
            writer.member("file", entry.source.file)
            writer.member("line", entry.source.line)
            writer.member("settings", entry.source.settings.redacted)
            writer.member("state_keys", keys)
            writer.key("dead_letters")
            Self.write(letters, to: &writer)
        }
    }

    private func command(_ command: String, _ name: String) async throws -> ControlAnswer {
        let done: Bool
        switch command {
        case "run": done = await parts.keeper.runNow(name)
        case "pause": done = try await parts.keeper.setPaused(true, name)
        case "resume": done = try await parts.keeper.setPaused(false, name)
        default:
            return .failure(status: 404, "there is no command '\(command)'", remedy: "known are run, pause and resume")
        }
        guard done, let entry = await parts.keeper.entries[name] else { return await unknownSource(name) }
        let due = await parts.keeper.due[name]
        return ControlAnswer.object { writer in
            writer.key("source")
            writer.beginObject()
            write(entry, due: due, to: &writer)
            writer.endObject()
        }
    }

    // MARK: Sinks

    private func sinks() -> ControlAnswer {
        ControlAnswer.object { writer in
            writer.key("sinks")
            writeSinks(to: &writer)
        }
    }

    private func writeSinks(to writer: inout JSONWriter) {
        let durable = parts.log.statistics.durable
        writer.beginArray()
        for sink in parts.sinks.all {
            let status = sink.status
            writer.beginObject()
            writer.member("name", sink.configuration.name)
            writer.member("plugin", sink.configuration.plugin)
            writer.member("state", status.condition.rawValue)
            writer.member("position", status.cursor.position)
            writer.member("lag", durable > status.cursor.position ? durable - status.cursor.position : 0)
            writer.member("delivered", status.cursor.delivered)
            writer.member("rejected", status.cursor.rejected)
            if let fault = status.lastError {
                writer.key("last_error")
                Self.write(fault, to: &writer)
            }
            writer.endObject()
        }
        writer.endArray()
    }

    private func search(_ request: ControlRequest) async throws -> ControlAnswer {
        guard let words = request.query["q"], !words.isEmpty else {
            return .failure(status: 400, "no words to search for", remedy: "add ?q=WORDS")
        }
        let wanted = request.query["sink"]
        guard
            let sink = parts.sinks.all.first(where: {
                wanted == nil ? $0.status.canSearch : $0.configuration.name == wanted
            })
        else {
            return .failure(
                status: 404, wanted.map { "there is no sink '\($0)'" } ?? "no sink can search",
                remedy: "add a [[sink]] with plugin = \"sqlite\"")
        }
        switch await sink.search(words, limit: limit(request)) {
        case .failure(let error): return .failure(status: 502, error.what, remedy: error.remedy)
        case .success(let lines):
            return ControlAnswer.object { writer in
                writer.key("documents")
                writer.beginArray()
                for line in lines.split(separator: UInt8(ascii: "\n")) { writer.raw(line) }
                writer.endArray()
            }
        }
    }

    // MARK: Documents

    private func documents(_ request: ControlRequest) async throws -> ControlAnswer {
        let source = request.query["source"]
        if let source, await parts.keeper.entries[source] == nil { return await unknownSource(source) }
        let before = request.query["before"].flatMap { UInt64($0) }
        let limit = limit(request)
        let positions = try await parts.committer.read {
            try $0.positions(source: source, before: before, limit: limit)
        }
        let lines = DocumentTail(parts: parts)
        return try ControlAnswer.object { writer in
            writer.key("documents")
            writer.beginArray()
            for position in positions { if let line = try lines.summary(at: position) { writer.raw(line) } }
            writer.endArray()
            if positions.count == limit { writer.member("next", positions.last) }
        }
    }

    private func document(_ text: String) async throws -> ControlAnswer {
        guard let id = DocumentID(text) else {
            return .failure(status: 400, "'\(text)' is no document id", remedy: "an id has 32 hexadecimal digits")
        }
        guard let entry = try await parts.committer.read({ try $0.document(id) }),
            let line = try DocumentTail(parts: parts).line(at: entry.position)
        else {
            return .failure(status: 404, "there is no document \(text)", remedy: "see 'millracectl documents list'")
        }
        return ControlAnswer(body: line)
    }

    // MARK: Ingest

    private func ingest(_ request: ControlRequest) async throws -> ControlAnswer {
        guard let name = request.query["source"] else {
            return .failure(status: 400, "no source is named", remedy: "add ?source=NAME")
        }
        guard let source = await parts.keeper.source(name) else { return await unknownSource(name) }
        guard Int64(request.body.count) <= source.maximumItemSize else {
            return .failure(
                status: 413, "an item of \(request.body.count) bytes",
                remedy: "the source takes \(source.maximumItemSize); see max_item_size")
        }
        var description = ItemDescription(uri: request.query["uri"] ?? "ingest:\(name)", key: request.query["key"])
        description.mediaType = request.contentType.map { String($0.split(separator: ";")[0]) }
        if let framing = request.query["records"] {
            guard let records = RecordFraming(rawValue: framing) else {
                return .failure(
                    status: 400, "'records' is '\(framing)'", remedy: "known are whole, lines, nul and json")
            }
            description.records = records
        }
        description.firstRecord = max(request.query["first_record"].flatMap { Int64($0) } ?? 1, 1)
        await parts.budget.room()
        parts.budget.take(request.body.count)
        await parts.keeper.itemBegan(name)
        do {
            let (outcomes, reasons) = try await parts.intake.push(description, source: source, body: request.body)
            parts.budget.give(request.body.count)
            await parts.keeper.itemEnded(name, outcomes)
            return ControlAnswer.object { writer in
                writer.member("items", outcomes.items)
                writer.member("new", outcomes.new)
                writer.member("revised", outcomes.revised)
                writer.member("unchanged", outcomes.unchanged)
                writer.member("duplicates", outcomes.duplicates)
                writer.member("dead_letters", outcomes.deadLetters)
                if !reasons.isEmpty { writer.member("reasons", JSONValue.array(reasons.map { .string($0) })) }
            }
        } catch {
            parts.budget.give(request.body.count)
            await parts.keeper.itemEnded(name, nil)
            throw error
        }
    }

    // MARK: Dead letters

    private static func write(_ letters: [Index.DeadLetterEntry], to writer: inout JSONWriter) {
        writer.beginArray()
        for letter in letters {
            writer.beginObject()
            writer.member("position", letter.position)
            writer.member("time", letter.time.description)
            writer.member("source", letter.source)
            writer.member("uri", letter.uri)
            writer.member("reason", letter.reason)
            writer.member("attempts", letter.attempts)
            writer.endObject()
        }
        writer.endArray()
    }

    private func deadLetters(_ request: ControlRequest) async throws -> ControlAnswer {
        let source = request.query["source"]
        if let source, await parts.keeper.entries[source] == nil { return await unknownSource(source) }
        let before = request.query["before"].flatMap { UInt64($0) }
        let limit = limit(request)
        let letters = try await parts.committer.read {
            try $0.deadLetters(source: source, before: before, limit: limit)
        }
        return ControlAnswer.object { writer in
            writer.key("dead_letters")
            Self.write(letters, to: &writer)
            if letters.count == limit { writer.member("next", letters.last?.position) }
        }
    }

    private func deadLetter(_ text: String) throws -> ControlAnswer {
        guard let position = UInt64(text),
            let letter = try parts.log.record(
                at: position,
                { record in
                    record.kind == RecordKind.deadLetter.rawValue ? DeadLetter(record.bytes) : nil
                }) ?? nil
        else {
            return .failure(
                status: 404, "there is no dead letter \(text)", remedy: "see 'millracectl dead-letters list'")
        }
        return ControlAnswer.object { writer in
            writer.member("position", position)
            writer.member("time", letter.time.description)
            writer.member("source", letter.source)
            writer.member("uri", letter.uri)
            writer.member("reason", letter.reason)
            writer.member("attempts", letter.attempts)
            writer.member("record", letter.record)
            writer.member("sink", letter.sink)
            writer.member("media_type", letter.mediaType)
            if !letter.body.isEmpty { writer.member("body_base64", Base64.encode(letter.body)) }
        }
    }
}
