import Document
import JSON

/// A source as it stands.
public struct SourceStatus: ControlMessage {
    /// As configured.
    public var name: String
    /// The plugin that fetches.
    public var plugin: String
    /// `waiting`, `running`, `watching`, `paused`, `failing`, `gone` or `on-demand`.
    public var state: String
    /// Such as `every 15m`; absent where it runs only when asked to.
    public var schedule: String?
    /// Whether it is held, by the configuration or an operator.
    public var paused: Bool
    /// When it is due; nil when it runs, is held, or runs only on demand.
    public var nextRun: Timestamp?
    /// Why then: `interval`, `learned`, `cron`, `overdue`, `failure`, `postponed`, `fresh`, `quiet` or `watch`.
    public var nextRunReason: String?
    /// When its last run began.
    public var lastRun: Timestamp?
    /// When it last ended well or began to watch.
    public var lastSuccess: Timestamp?
    /// Runs that failed without a success between them.
    public var failures: Int64
    /// What went wrong last, until something went well.
    public var lastError: Fault?
    /// What became of its items, over the life of the state directory.
    public var counts: Counts

    /// A source of which only the given parts are known.
    public init(name: String, plugin: String, state: String, paused: Bool = false, failures: Int64 = 0) {
        self.name = name
        self.plugin = plugin
        self.state = state
        self.paused = paused
        self.failures = failures
        counts = Counts()
    }

    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeMembers(to: &writer)
        writer.endObject()
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("name", name)
        writer.member("plugin", plugin)
        writer.member("state", state)
        writer.member("schedule", schedule)
        writer.member("paused", paused)
        writer.member("next_run", nextRun?.description)
        writer.member("next_run_reason", nextRunReason)
        writer.member("last_run", lastRun?.description)
        writer.member("last_success", lastSuccess?.description)
        writer.member("failures", failures)
        writer.message("last_error", lastError)
        writer.message("counts", counts)
    }

    /// Reads it from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        let members = try Members(json, "a source")
        name = try members.string("name")
        plugin = try members.string("plugin")
        state = try members.string("state")
        schedule = members.optionalString("schedule")
        paused = members["paused"]?.bool ?? false
        nextRun = try members.time("next_run")
        nextRunReason = members.optionalString("next_run_reason")
        lastRun = try members.time("last_run")
        lastSuccess = try members.time("last_success")
        failures = try members.count("failures")
        lastError = try members.optionalMessage("last_error")
        counts = try members.message("counts")
    }
}

/// The answer to `GET /v1/sources/NAME`.
public struct SourceDetail: ControlMessage {
    /// The source in short.
    public var source: SourceStatus
    /// Where it is configured.
    public var file: String?
    /// Where it begins in its file, from 1.
    public var line: Int64?
    /// Settings as they may be shown: secrets are hidden by the daemon.
    public var settings: JSONValue
    /// How many keys the source's kept state has.
    public var stateKeys: Int64
    /// What its jobs met: `answers` (counts by status code), `bytes`, and `hosts` with how each is, in words.
    public var report: JSONValue?
    /// The newest ones.
    public var deadLetters: [DeadLetterSummary]

    /// Everything about `source`.
    public init(
        source: SourceStatus, file: String? = nil, line: Int64? = nil, settings: JSONValue = [:], stateKeys: Int64 = 0,
        deadLetters: [DeadLetterSummary] = []
    ) {
        self.source = source
        self.file = file
        self.line = line
        self.settings = settings
        self.stateKeys = stateKeys
        self.deadLetters = deadLetters
    }

    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        source.writeMembers(to: &writer)
        writer.member("file", file)
        writer.member("line", line)
        writer.member("settings", settings)
        writer.member("state_keys", stateKeys)
        writer.member("report", report)
        writer.messages("dead_letters", deadLetters)
        writer.endObject()
    }

    /// Reads it from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        source = try SourceStatus(json: json)
        let members = try Members(json, "a source")
        file = members.optionalString("file")
        line = members["line"]?.integer
        settings = members["settings"] ?? [:]
        stateKeys = try members.count("state_keys")
        report = members["report"]
        deadLetters = try members.messages("dead_letters")
    }
}

/// The answer to `GET /v1/sources`.
public struct SourceList: ControlMessage {
    /// By name.
    public var sources: [SourceStatus]

    /// A list of sources.
    public init(_ sources: [SourceStatus]) { self.sources = sources }

    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.messages("sources", sources)
        writer.endObject()
    }

    /// Reads it from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        sources = try Members(json, "the answer").messages("sources")
    }
}

/// The answer to `POST /v1/sources/NAME/run`, `/pause` and `/resume`.
public struct SourceAnswer: ControlMessage {
    /// The source in short.
    public var source: SourceStatus

    /// The source as it stands now.
    public init(_ source: SourceStatus) { self.source = source }

    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.message("source", source)
        writer.endObject()
    }

    /// Reads it from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        source = try Members(json, "the answer").message("source")
    }
}
