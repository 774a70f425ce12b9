import JSON

/// What a job met on its way, which status shows for its source.
public struct FetchReport: Sendable, Equatable {
    /// How often each answer came, by its status code.
    public var answers = AnswerCounts()
    /// Bytes that were received.
    public var bytes: Int64 = 0
    /// How the hosts are that it asked, by name, in words.
    public var hosts = NamedTexts()
    /// What is arranged with others so that news comes by itself, by the address that it is about: an object each, whose
    /// members are described in docs/control-api.md.
    public var subscriptions: [String: JSONValue] = [:]

    /// Hosts, and kinds of answers, that are told of one job.
    private static let most = 100

    /// Nothing happened.
    public init() {}

    /// Reads what ``json`` wrote; what is not understood is passed over.
    public init(_ json: JSONValue?) {
        for (code, count) in (json?["answers"]?.object ?? [:]).prefix(Self.most) {
            if let code = Int(code), let count = count.integer.flatMap(Int.init(exactly:)), count > 0 {
                answers.add(code, count)
            }
        }
        bytes = max(0, json?["bytes"]?.integer ?? 0)
        hosts = NamedTexts(json?["hosts"], most: Self.most)
        for (address, words) in (json?["subscriptions"]?.object ?? [:]).prefix(Self.most) where words.object != nil {
            subscriptions[address] = words
        }
    }

    /// As one object; nil where nothing happened.
    public var json: JSONValue? {
        var members: [String: JSONValue] = [:]
        if !answers.isEmpty {
            let counts = answers.map { ("\($0.code)", JSONValue.integer(Int64($0.count))) }
            members["answers"] = .object(Dictionary(counts) { $1 })
        }
        if bytes > 0 { members["bytes"] = .integer(bytes) }
        if !hosts.isEmpty { members["hosts"] = hosts.json }
        if !subscriptions.isEmpty { members["subscriptions"] = .object(subscriptions) }
        return members.isEmpty ? nil : .object(members)
    }

    /// Writes what ``json`` holds as the member `report`.
    func write(to writer: inout JSONWriter) {
        guard !answers.isEmpty || bytes > 0 || !hosts.isEmpty || !subscriptions.isEmpty else { return }
        writer.key("report")
        writer.beginObject()
        if !answers.isEmpty {
            writer.key("answers")
            writer.beginObject()
            for answer in answers {
                writer.key(any: String(answer.code))
                writer.integer(answer.count)
            }
            writer.endObject()
        }
        if bytes > 0 { writer.member("bytes", bytes) }
        writer.member("hosts", hosts)
        if !subscriptions.isEmpty { writer.member("subscriptions", JSONValue.object(subscriptions)) }
        writer.endObject()
    }

    /// Adds what another job met; hosts and subscriptions are as it found them.
    public mutating func add(_ later: FetchReport) {
        for answer in later.answers { answers.add(answer.code, answer.count) }
        bytes = bytes.addingReportingOverflow(later.bytes).partialValue
        // One that came to nothing, as with a plugin that died, found nothing either.
        guard !later.answers.isEmpty || !later.hosts.isEmpty || !later.subscriptions.isEmpty else { return }
        hosts = later.hosts
        subscriptions = later.subscriptions
    }
}
