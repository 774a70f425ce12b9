import Document
import JSON

/// The answer to `GET /v1/status`: the whole daemon at one glance.
public struct DaemonStatus: ControlMessage {
    /// The daemon's version, as in `0.1.0`.
    public var version: String
    /// The daemon's process id.
    public var pid: Int64
    /// When this process began.
    public var started: Timestamp?
    /// `starting`, `running`, `full`, `failed` or `stopping`.
    public var state: String
    /// Where log and index are kept; an absolute path.
    public var stateDirectory: String?
    /// The files in force and what was wrong with them.
    public var configuration: ConfigurationStatus
    /// All sources together, over the life of the state directory.
    public var counts: Counts
    /// How far the log has come.
    public var log: LogStatus
    /// Sources by state.
    public var sources: SourceTotals
    /// Every sink, by name.
    public var sinks: [SinkStatus]
    /// Every child process, by name.
    public var processes: [ProcessStatus]

    /// The status of a daemon of which only the given parts are known.
    public init(
        version: String, pid: Int64, started: Timestamp?, state: String, stateDirectory: String?,
        configuration: ConfigurationStatus, counts: Counts, log: LogStatus, sources: SourceTotals,
        sinks: [SinkStatus], processes: [ProcessStatus]
    ) {
        self.version = version
        self.pid = pid
        self.started = started
        self.state = state
        self.stateDirectory = stateDirectory
        self.configuration = configuration
        self.counts = counts
        self.log = log
        self.sources = sources
        self.sinks = sinks
        self.processes = processes
    }

    /// Writes the status as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("version", version)
        writer.member("pid", pid)
        writer.member("started", started?.description)
        writer.member("state", state)
        writer.member("state_directory", stateDirectory)
        writer.message("configuration", configuration)
        writer.message("counts", counts)
        writer.message("log", log)
        writer.message("sources", sources)
        writer.messages("sinks", sinks)
        writer.messages("processes", processes)
        writer.endObject()
    }

    /// Reads the status from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        let members = try Members(json, "status")
        version = try members.string("version")
        pid = try members.integer("pid")
        started = try members.time("started")
        state = try members.string("state")
        stateDirectory = members.optionalString("state_directory")
        configuration = try members.message("configuration")
        counts = try members.message("counts")
        log = try members.message("log")
        sources = try members.message("sources")
        sinks = try members.messages("sinks")
        processes = try members.messages("processes")
    }
}

/// Which configuration is in force.
public struct ConfigurationStatus: ControlMessage {
    /// The main file; nil for the built-in default.
    public var file: String?
    /// When it was read.
    public var loaded: Timestamp?
    /// `file:line: what, remedy` of the last reading.
    public var problems: [String]

    /// A configuration that was read from `file`.
    public init(file: String?, loaded: Timestamp?, problems: [String] = []) {
        self.file = file
        self.loaded = loaded
        self.problems = problems
    }

    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("file", file)
        writer.member("loaded", loaded?.description)
        writer.strings("problems", problems)
        writer.endObject()
    }

    /// Reads it from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        let members = try Members(json, "configuration")
        file = members.optionalString("file")
        loaded = try members.time("loaded")
        problems = members.strings("problems")
    }
}

/// How many sources are in which state.
public struct SourceTotals: ControlMessage {
    /// All that are configured.
    public var total: Int64 = 0
    /// Being fetched at this moment.
    public var running: Int64 = 0
    /// Read once, and waiting for news.
    public var watching: Int64 = 0
    /// Waiting for their time.
    public var waiting: Int64 = 0
    /// Held by the configuration or by an operator.
    public var paused: Int64 = 0
    /// Whose last run failed.
    public var failing: Int64 = 0
    /// Names of those that do not verify certificates.
    public var insecure: [String] = []

    /// No sources.
    public init() {}

    /// Writes them as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("total", total)
        writer.member("running", running)
        writer.member("watching", watching)
        writer.member("waiting", waiting)
        writer.member("paused", paused)
        writer.member("failing", failing)
        writer.strings("insecure", insecure)
        writer.endObject()
    }

    /// Reads them from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        let members = try Members(json, "sources")
        total = try members.count("total")
        running = try members.count("running")
        watching = try members.count("watching")
        waiting = try members.count("waiting")
        paused = try members.count("paused")
        failing = try members.count("failing")
        insecure = members.strings("insecure")
    }
}
