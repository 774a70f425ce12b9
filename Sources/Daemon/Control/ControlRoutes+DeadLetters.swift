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
            writeMembers(of: letter, to: &writer)
            writer.endObject()
        }
        writer.endArray()
    }

    /// What the index knows of one.
    private static func writeMembers(of letter: Index.DeadLetterEntry, to writer: inout JSONWriter) {
        writer.member("position", letter.position)
        writer.member("time", letter.time.description)
        writer.member("source", letter.source)
        writer.member("uri", letter.uri)
        writer.member("reason", letter.reason)
        writer.member("attempts", letter.attempts)
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

    func deadLetter(_ text: String) async throws -> ControlAnswer {
        guard let position = UInt64(text) else { return Self.noDeadLetter(text) }
        let found = try parts.log.record(at: position) { record in
            record.kind == RecordKind.deadLetter.rawValue ? DeadLetter(record.bytes) : nil
        }
        guard let letter = found ?? nil else { return try await trimmedDeadLetter(position) }
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

    /// What the index still knows of one whose segment is gone.
    private func trimmedDeadLetter(_ position: UInt64) async throws -> ControlAnswer {
        let letters = try await parts.committer.read {
            try $0.deadLetters(source: nil, before: position &+ 1, limit: 1)
        }
        guard let letter = letters.first, letter.position == position else { return Self.noDeadLetter("\(position)") }
        return ControlAnswer.object { writer in
            Self.writeMembers(of: letter, to: &writer)
            writer.member("trimmed", true)
        }
    }

    private static func noDeadLetter(_ text: String) -> ControlAnswer {
        .failure(status: 404, "there is no dead letter \(text)", remedy: "see 'millracectl dead-letters list'")
    }
}
