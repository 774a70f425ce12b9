import Document
import Index
import JSON

/// Documents as they stand in the log.
extension ControlRoutes {
    func documents(_ request: ControlRequest) async throws -> ControlAnswer {
        let source = request.query["source"]
        if let source, await parts.keeper.source(source) == nil { return await unknownSource(source) }
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

    func document(_ text: String) async throws -> ControlAnswer {
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
}
