import JSON

extension PluginMessage {
    /// The header line, with its line feed, for a body of `bodyLength` bytes (0: none).
    public func encoded(bodyLength: Int = 0) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        write(to: &writer, bodyLength: bodyLength)
        return writer.bytes
    }

    /// Appends the header line, with its line feed, for a body of `bodyLength` bytes (0: none).
    public func write(to writer: inout JSONWriter, bodyLength: Int = 0) {
        writer.beginFrame()
        writer.member("type", name)
        switch self {
        case .hello(let hello):
            writer.member("protocol", PluginProtocol.version)
            writer.member("name", hello.name)
            writer.member("version", hello.version)
            writer.member("roles", JSONValue.array(hello.roles.map(\.rawValue).sorted().map { .string($0) }))
            writer.member("settings", hello.settings)
        case .item(let item):
            writer.member("job", item.job)
            writer.member("item", item.item)
            item.description.writeMembers(to: &writer)
            writer.state(item.state)
        case .rejected(let item):
            writer.member("job", item.job)
            writer.member("item", item.item)
            writer.member("uri", item.uri)
            writer.member("reason", item.reason)
            writer.state(item.state)
        case .checkpoint(let point):
            writer.member("job", point.job)
            writer.member("item", point.item)
            writer.state(point.state)
        case .watching(let job, let report):
            writer.member("job", job)
            report.write(to: &writer)
        case .done(let done):
            writer.member("job", done.job)
            writer.state(done.state)
            if let next = done.next { writer.member("next", JSONValue.number(next)) }
            if done.unchanged { writer.member("unchanged", true) }
            if done.again { writer.member("again", true) }
            if !done.skipHours.isEmpty { writer.member("skip_hours", JSONValue.array(done.skipHours.map(Self.number))) }
            if !done.skipDays.isEmpty { writer.member("skip_days", JSONValue.array(done.skipDays.map(Self.number))) }
            done.report.write(to: &writer)
        case .failed(let failed):
            writer.member("job", failed.job)
            writer.member("kind", failed.kind.rawValue)
            writer.member("message", failed.message)
            writer.member("remedy", failed.remedy)
            if let retryAfter = failed.retryAfter { writer.member("retry_after", JSONValue.number(retryAfter)) }
            writer.state(failed.state)
            failed.report.write(to: &writer)
        case .log(let level, let message, let job):
            writer.member("level", level.rawValue)
            writer.member("message", message)
            writer.member("job", job)
        case .documents(let documents): documents.writeMembers(to: &writer)
        case .configured(let job, let position):
            writer.member("job", job)
            writer.member("position", position)
        case .delivered(let job, let position, let rejected):
            writer.member("job", job)
            writer.member("position", position)
            writer.rejected(rejected)
        case .found(let job, let count):
            writer.member("job", job)
            writer.member("count", count)
        case .pong(let id): writer.member("id", id)
        }
        if bodyLength > 0 { writer.member("body", bodyLength) }
        writer.endFrame()
    }

    private static func number(_ number: Int) -> JSONValue { .integer(Int64(number)) }

    /// The value of the member `type`.
    public var name: String {
        switch self {
        case .hello: "hello"
        case .item: "item"
        case .rejected: "rejected"
        case .checkpoint: "checkpoint"
        case .watching: "watching"
        case .done: "done"
        case .failed: "failed"
        case .log: "log"
        case .documents: "documents"
        case .configured: "configured"
        case .delivered: "delivered"
        case .found: "found"
        case .pong: "pong"
        }
    }

    /// Reads the message of a frame that came from a plugin.
    public init(_ frame: Frame) throws(ProtocolError) {
        let header = HeaderReader(frame)
        switch frame.type {
        case "hello": self = .hello(try PluginHello(header))
        case "item":
            self = .item(
                FetchedItem(
                    job: try header.integer("job"), item: try header.integer("item"),
                    description: try ItemDescription(header), state: try header.state()))
        case "rejected":
            self = .rejected(
                RejectedItem(
                    job: try header.integer("job"), item: try header.integer("item"), uri: try header.string("uri"),
                    reason: try header.string("reason"), state: try header.state()))
        case "checkpoint":
            self = .checkpoint(
                Checkpoint(
                    job: try header.integer("job"), item: try header.integer("item"), state: try header.state()))
        case "watching":
            self = .watching(job: try header.integer("job"), report: FetchReport(header["report"]))
        case "done":
            var done = FinishedJob(
                job: try header.integer("job"), state: try header.state(), next: header["next"]?.number,
                unchanged: header["unchanged"]?.bool ?? false)
            done.again = header["again"]?.bool ?? false
            func numbers(_ name: String, below limit: Int64) -> [Int] {
                let numbers = header[name]?.array?.prefix(64).compactMap(\.integer) ?? []
                return numbers.filter { (0..<limit).contains($0) }.map { Int($0) }
            }
            done.skipHours = numbers("skip_hours", below: 24)
            done.skipDays = numbers("skip_days", below: 7)
            done.report = FetchReport(header["report"])
            self = .done(done)
        case "failed":
            var failed = FailedJob(
                job: try header.integer("job"),
                kind: FailureKind(rawValue: header.optionalString("kind") ?? "") ?? .transient,
                message: try header.string("message").bounded, remedy: header.optionalString("remedy")?.bounded,
                retryAfter: header["retry_after"]?.number, state: try header.state())
            failed.report = FetchReport(header["report"])
            self = .failed(failed)
        case "log":
            self = .log(
                level: LogLevel(rawValue: header.optionalString("level") ?? "") ?? .info,
                message: try header.string("message").bounded, job: header["job"]?.integer)
        case "documents":
            self = .documents(try NormalisedDocuments(header, body: frame.body))
        case "configured":
            self = .configured(
                job: try header.integer("job"),
                position: header["position"] == nil ? nil : try header.position("position"))
        case "delivered":
            var rejected: [RejectedDocument] = []
            for entry in header["rejected"]?.array ?? [] {
                guard let position = entry["position"]?.integer, position >= 0, let reason = entry["reason"]?.string
                else {
                    throw ProtocolError("sent a rejected document without its position or reason")
                }
                rejected.append(RejectedDocument(position: UInt64(position), reason: reason))
            }
            self = .delivered(
                job: try header.integer("job"), position: try header.position("position"), rejected: rejected)
        case "found": self = .found(job: try header.integer("job"), count: Int(try header.integer("count")))
        case "pong": self = .pong(id: try header.integer("id"))
        default: throw ProtocolError("sent a frame of the unknown type '\(frame.type)'")
        }
    }
}

extension PluginHello {
    init(_ header: HeaderReader) throws(ProtocolError) {
        let version = try header.integer("protocol")
        guard version == PluginProtocol.version else {
            throw ProtocolError("speaks protocol \(version); the core speaks \(PluginProtocol.version)")
        }
        name = try header.string("name")
        self.version = header.optionalString("version") ?? ""
        // A role that this core does not know is a newer plugin's; the others still count.
        roles = Set((header["roles"]?.array ?? []).compactMap { $0.string.flatMap(PluginRole.init) })
        guard !roles.isEmpty else { throw ProtocolError("names no role of fetch, normalise, deliver and search") }
        settings = header["settings"] ?? [:]
    }
}

extension JSONWriter {
    /// Begins a header line, also behind an earlier one.
    mutating func beginFrame() {
        startText()
        beginObject()
    }

    /// Ends a header line.
    mutating func endFrame() {
        endObject()
        bytes.append(UInt8(ascii: "\n"))
    }

    fileprivate mutating func state(_ changes: [String: JSONValue]) {
        if !changes.isEmpty { member("state", JSONValue.object(changes)) }
    }

    fileprivate mutating func rejected(_ documents: [RejectedDocument]) {
        guard !documents.isEmpty else { return }
        key("rejected")
        beginArray()
        for document in documents {
            beginObject()
            member("position", document.position)
            member("reason", document.reason)
            endObject()
        }
        endArray()
    }
}
