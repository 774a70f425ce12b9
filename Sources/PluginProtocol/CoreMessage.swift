import JSON

/// A frame from the core to a plugin, without its body.
public enum CoreMessage: Sendable, Equatable {
    case hello(core: String)
    case fetch(FetchRequest)
    case acknowledge(job: Int64, item: Int64)
    /// `forGood`: the source is paused or not configured any more, so that what it has arranged elsewhere can be ended.
    case cancel(job: Int64, forGood: Bool = false)
    case normalise(NormaliseRequest)
    case configure(job: Int64, sink: String, settings: JSONValue)
    case deliver(DeliverRequest)
    case search(job: Int64, sink: String, words: String, limit: Int)
    case ping(id: Int64)
    case shutdown
}

/// Opens a fetch job.
public struct FetchRequest: Sendable, Equatable {
    /// The number that answers refer to.
    public var job: Int64
    /// The name of the source.
    public var source: String
    /// The source's own settings, as the plugin's schema describes them.
    public var settings: JSONValue
    /// What the source's earlier jobs have committed.
    public var state: [String: JSONValue]
    /// Bytes of bodies that may be without acknowledgement.
    public var window: Int
    /// Bytes of one body.
    public var maximumItemSize: Int

    /// A request to fetch for `source`.
    public init(
        job: Int64, source: String, settings: JSONValue, state: [String: JSONValue], window: Int, maximumItemSize: Int
    ) {
        self.job = job
        self.source = source
        self.settings = settings
        self.state = state
        self.window = window
        self.maximumItemSize = maximumItemSize
    }
}

/// How the body of an item is cut into records.
public enum RecordFraming: String, Sendable, Equatable {
    case whole, lines, nul, json
}

/// Asks a worker to turn the frame's body into documents.
public struct NormaliseRequest: Sendable, Equatable {
    /// The number that answers refer to.
    public var job: Int64
    /// The name of the source.
    public var source: String
    /// Where the bytes came from and what is known of them.
    public var item: ItemDescription
    /// The source's normalisation settings: `fields`, `language`, `content`.
    public var settings: JSONValue

    /// A request to normalise one item of `source`.
    public init(job: Int64, source: String, item: ItemDescription, settings: JSONValue) {
        self.job = job
        self.source = source
        self.item = item
        self.settings = settings
    }
}

/// Hands a sink the documents of the frame's body.
public struct DeliverRequest: Sendable, Equatable {
    /// The number that answers refer to.
    public var job: Int64
    /// The name of the sink.
    public var sink: String
    /// Log position of the first document.
    public var first: UInt64
    /// Log position up to which nothing else is to be delivered; what `delivered` acknowledges.
    public var last: UInt64
    /// Documents in the body.
    public var count: Int
    /// Whether the sink is to take them although it may have had them before.
    public var again: Bool

    /// A request to deliver the documents from `first` to `last`.
    public init(job: Int64, sink: String, first: UInt64, last: UInt64, count: Int, again: Bool = false) {
        self.job = job
        self.sink = sink
        self.first = first
        self.last = last
        self.count = count
        self.again = again
    }
}

extension CoreMessage {
    /// Whether a frame with this message has room for a body.
    public var name: String {
        switch self {
        case .hello: "hello"
        case .fetch: "fetch"
        case .acknowledge: "ack"
        case .cancel: "cancel"
        case .normalise: "normalise"
        case .configure: "configure"
        case .deliver: "deliver"
        case .search: "search"
        case .ping: "ping"
        case .shutdown: "shutdown"
        }
    }

    /// The header line, with its line feed, for a body of `bodyLength` bytes (0: none).
    public func encoded(bodyLength: Int = 0) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.beginFrame()
        writer.member("type", name)
        switch self {
        case .hello(let core):
            writer.member("protocol", PluginProtocol.version)
            writer.member("core", core)
        case .fetch(let request):
            writer.member("job", request.job)
            writer.member("source", request.source)
            writer.member("settings", request.settings)
            writer.member("state", JSONValue.object(request.state))
            writer.member("window", request.window)
            writer.member("max_item_size", request.maximumItemSize)
        case .acknowledge(let job, let item):
            writer.member("job", job)
            writer.member("item", item)
        case .cancel(let job, let forGood):
            writer.member("job", job)
            if forGood { writer.member("for_good", true) }
        case .normalise(let request):
            writer.member("job", request.job)
            writer.member("source", request.source)
            request.item.writeMembers(to: &writer)
            writer.member("settings", request.settings)
        case .configure(let job, let sink, let settings):
            writer.member("job", job)
            writer.member("sink", sink)
            writer.member("settings", settings)
        case .deliver(let request):
            writer.member("job", request.job)
            writer.member("sink", request.sink)
            writer.member("first", request.first)
            writer.member("last", request.last)
            writer.member("count", request.count)
            if request.again { writer.member("again", true) }
        case .search(let job, let sink, let words, let limit):
            writer.member("job", job)
            writer.member("sink", sink)
            writer.member("words", words)
            writer.member("limit", limit)
        case .ping(let id): writer.member("id", id)
        case .shutdown: break
        }
        if bodyLength > 0 { writer.member("body", bodyLength) }
        writer.endFrame()
        return writer.bytes
    }

    /// Reads the message of a frame that came from the core.
    public init(_ frame: Frame) throws(ProtocolError) {
        let header = HeaderReader(frame)
        switch frame.type {
        case "hello":
            let version = try header.integer("protocol")
            guard version == PluginProtocol.version else {
                throw ProtocolError("speaks protocol \(version); this plugin speaks \(PluginProtocol.version)")
            }
            self = .hello(core: header.optionalString("core") ?? "")
        case "fetch":
            self = .fetch(
                FetchRequest(
                    job: try header.integer("job"), source: try header.string("source"),
                    settings: header["settings"] ?? [:], state: header["state"]?.object ?? [:],
                    window: Int(try header.integer("window")), maximumItemSize: Int(try header.integer("max_item_size"))
                ))
        case "ack": self = .acknowledge(job: try header.integer("job"), item: try header.integer("item"))
        case "cancel":
            self = .cancel(job: try header.integer("job"), forGood: header["for_good"]?.bool ?? false)
        case "normalise":
            self = .normalise(
                NormaliseRequest(
                    job: try header.integer("job"), source: try header.string("source"),
                    item: try ItemDescription(header), settings: header["settings"] ?? [:]))
        case "configure":
            self = .configure(
                job: try header.integer("job"), sink: try header.string("sink"), settings: header["settings"] ?? [:])
        case "deliver":
            self = .deliver(
                DeliverRequest(
                    job: try header.integer("job"), sink: try header.string("sink"),
                    first: try header.position("first"), last: try header.position("last"),
                    count: Int(try header.integer("count")), again: header["again"]?.bool ?? false))
        case "search":
            self = .search(
                job: try header.integer("job"), sink: try header.string("sink"), words: try header.string("words"),
                limit: Int(try header.integer("limit")))
        case "ping": self = .ping(id: try header.integer("id"))
        case "shutdown": self = .shutdown
        default: throw ProtocolError("sent a frame of the unknown type '\(frame.type)'")
        }
    }
}
