import JSON

/// The write-ahead log as it stands.
public struct LogStatus: ControlMessage {
    /// `open`, `closed`, `full` or `failed`.
    public var state: String
    /// Why it is full or failed.
    public var reason: String?
    /// The oldest position that is kept.
    public var first: UInt64
    /// The newest position; 0 when the log is empty.
    public var last: UInt64
    /// Everything up to here is on stable storage.
    public var durable: UInt64
    /// Bytes on disk.
    public var bytes: UInt64
    /// Files.
    public var segments: Int64
    /// `always`, or the interval.
    public var sync: String

    /// A log in the given state.
    public init(
        state: String, reason: String? = nil, first: UInt64, last: UInt64, durable: UInt64, bytes: UInt64,
        segments: Int64, sync: String
    ) {
        self.state = state
        self.reason = reason
        self.first = first
        self.last = last
        self.durable = durable
        self.bytes = bytes
        self.segments = segments
        self.sync = sync
    }

    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("state", state)
        writer.member("reason", reason)
        writer.member("first", first)
        writer.member("last", last)
        writer.member("durable", durable)
        writer.member("bytes", bytes)
        writer.member("segments", segments)
        writer.member("sync", sync)
        writer.endObject()
    }

    /// Reads it from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        let members = try Members(json, "log")
        state = try members.string("state")
        reason = members.optionalString("reason")
        first = try members.position("first")
        last = try members.position("last")
        durable = try members.position("durable")
        bytes = try members.position("bytes")
        segments = try members.count("segments")
        sync = members.optionalString("sync") ?? "always"
    }
}
