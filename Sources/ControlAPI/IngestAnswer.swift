import JSON

/// The answer to `POST /v1/ingest`: everything in it is on stable storage.
public struct IngestAnswer: ControlMessage {
    /// `inFlight` is not part of this answer and stays 0.
    public var counts: Counts
    /// Why records became dead letters.
    public var reasons: [String]

    /// An answer with these counts.
    public init(counts: Counts = Counts(), reasons: [String] = []) {
        self.counts = counts
        self.reasons = reasons
    }

    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        counts.writeMembers(to: &writer, withInFlight: false)
        if !reasons.isEmpty { writer.strings("reasons", reasons) }
        writer.endObject()
    }

    /// Reads it from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        counts = try Counts(json: json)
        reasons = try Members(json, "the answer").strings("reasons")
    }
}
