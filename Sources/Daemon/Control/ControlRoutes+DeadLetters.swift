import LogRecords
import Index
import JSON
import WriteAheadLog

/// Items and records that did not become documents.
extension ControlRoutes {
    static func write(_ letters: [Index.DeadLetterEntry], to writer: inout JSONWriter) {
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

    func deadLetters(_ request: ControlRequest) async throws -> ControlAnswer {
        let source = request.query["source"]
        if let source, await parts.keeper.source(source) == nil { return await unknownSource(source) }
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

    func deadLetter(_ text: String) throws -> ControlAnswer {
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
