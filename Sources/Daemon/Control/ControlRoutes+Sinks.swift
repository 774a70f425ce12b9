import JSON

/// Sinks, and searches in them.
extension ControlRoutes {
    func sinks() -> ControlAnswer {
        ControlAnswer.object { writer in
            writer.key("sinks")
            writeSinks(to: &writer)
        }
    }

    func writeSinks(to writer: inout JSONWriter) {
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

    func search(_ request: ControlRequest) async throws -> ControlAnswer {
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
}
