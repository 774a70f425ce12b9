import JSON

/// A sink as it stands.
public struct SinkStatus: ControlMessage {
    /// As configured.
    public var name: String
    /// The plugin that delivers.
    public var plugin: String
    /// `running`, `idle`, `failing` or `paused`.
    public var state: String
    /// Everything up to this log position is delivered.
    public var position: UInt64
    /// Log positions that it is behind.
    public var lag: UInt64
    /// Documents that the receiver took.
    public var delivered: UInt64
    /// Documents that the receiver would not have.
    public var rejected: UInt64
    /// What went wrong last, until something went well.
    public var lastError: Fault?

    /// A sink in the given state.
    public init(
        name: String, plugin: String, state: String, position: UInt64 = 0, lag: UInt64 = 0, delivered: UInt64 = 0,
        rejected: UInt64 = 0, lastError: Fault? = nil
    ) {
        self.name = name
        self.plugin = plugin
        self.state = state
        self.position = position
        self.lag = lag
        self.delivered = delivered
        self.rejected = rejected
        self.lastError = lastError
    }

    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("plugin", plugin)
        writer.member("state", state)
        writer.member("position", position)
        writer.member("lag", lag)
        writer.member("delivered", delivered)
        writer.member("rejected", rejected)
        writer.message("last_error", lastError)
        writer.endObject()
    }

    /// Reads it from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        let members = try Members(json, "a sink")
        name = try members.string("name")
        plugin = try members.string("plugin")
        state = try members.string("state")
        position = try members.position("position")
        lag = try members.position("lag")
        delivered = try members.position("delivered")
        rejected = try members.position("rejected")
        lastError = try members.optionalMessage("last_error")
    }
}

/// The answer to `GET /v1/sinks`.
public struct SinkList: ControlMessage {
    /// By name.
    public var sinks: [SinkStatus]

    /// A list of sinks.
    public init(_ sinks: [SinkStatus]) { self.sinks = sinks }

    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.messages("sinks", sinks)
        writer.endObject()
    }

    /// Reads it from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        sinks = try Members(json, "the answer").messages("sinks")
    }
}
