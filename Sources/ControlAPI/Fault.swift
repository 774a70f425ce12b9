import Document
import JSON

/// An error that a source or a sink met last.
public struct Fault: ControlMessage {
    /// What went wrong, for people.
    public var what: String
    /// What to do about it, where that is known.
    public var remedy: String?
    /// When it happened.
    public var time: Timestamp?

    /// An error that says `what` happened and how to mend it.
    public init(what: String, remedy: String? = nil, time: Timestamp? = nil) {
        self.what = what
        self.remedy = remedy
        self.time = time
    }

    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("what", what)
        writer.member("remedy", remedy)
        writer.member("time", time?.description)
        writer.endObject()
    }

    /// Reads it from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        let members = try Members(json, "an error")
        what = try members.string("what")
        remedy = members.optionalString("remedy")
        time = try members.time("time")
    }
}

/// What an answer of status 4xx or 5xx says: `{"error":{"what":…,"remedy":…}}`.
public struct ControlError: ControlMessage, Error {
    /// What went wrong, for people.
    public var what: String
    /// What to do about it, where that is known.
    public var remedy: String?

    /// An error that says `what` is wrong and how to mend it.
    public init(what: String, remedy: String? = nil) {
        self.what = what
        self.remedy = remedy
    }

    /// Writes the whole answer.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.message("error", Fault(what: what, remedy: remedy))
        writer.endObject()
    }

    /// Reads the whole answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        let fault: Fault = try Members(json, "the answer").message("error")
        what = fault.what
        remedy = fault.remedy
    }
}
