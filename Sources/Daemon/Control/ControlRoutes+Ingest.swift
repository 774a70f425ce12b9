import JSON
import PluginProtocol

/// Items that are pushed through the socket.
extension ControlRoutes {
    func ingest(_ request: ControlRequest) async throws -> ControlAnswer {
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
}
