import Document
import JSON

/// An item or record that could not become a document.
public struct DeadLetterSummary: ControlMessage {
    /// Its position in the log.
    public var position: UInt64
    /// When it was written.
    public var time: Timestamp?
    /// The source that the item came from.
    public var source: String
    /// Where its bytes came from.
    public var uri: String
    /// Why it is no document, for people.
    public var reason: String
    /// How often it was tried.
    public var attempts: Int64

    /// A dead letter at `position`.
    public init(position: UInt64, time: Timestamp?, source: String, uri: String, reason: String, attempts: Int64) {
        self.position = position
        self.time = time
        self.source = source
        self.uri = uri
        self.reason = reason
        self.attempts = attempts
    }

    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("position", position)
        writer.member("time", time?.description)
        writer.member("source", source)
        writer.member("uri", uri)
        writer.member("reason", reason)
        writer.member("attempts", attempts)
        writer.endObject()
    }

    /// Reads it from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        let members = try Members(json, "a dead letter")
        position = try members.position("position")
        time = try members.time("time")
        source = try members.string("source")
        uri = try members.string("uri")
        reason = try members.string("reason")
        attempts = try members.count("attempts")
    }
}

/// The answer to `GET /v1/dead-letters`, newest first.
public struct DeadLetterList: ControlMessage {
    /// The newest first.
    public var deadLetters: [DeadLetterSummary]
    /// What `before` of the next page is; absent on the last page.
    public var next: UInt64?

    /// One page of dead letters.
    public init(_ deadLetters: [DeadLetterSummary], next: UInt64? = nil) {
        self.deadLetters = deadLetters
        self.next = next
    }

    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.messages("dead_letters", deadLetters)
        writer.member("next", next)
        writer.endObject()
    }

    /// Reads it from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        let members = try Members(json, "the answer")
        deadLetters = try members.messages("dead_letters")
        next = members.optionalPosition("next")
    }
}
