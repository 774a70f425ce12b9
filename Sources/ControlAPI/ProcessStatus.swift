import Document
import JSON

/// A child process of the daemon.
public struct ProcessStatus: ControlMessage {
    /// Its job and number, as in `normalise-1`.
    public var name: String
    /// Absent while it doesn't run.
    public var pid: Int64?
    /// `starting`, `running`, `waiting` (for its next start) or `stopped`.
    public var state: String
    /// How often it was started again.
    public var restarts: Int64
    /// How and why it ended the last time.
    public var lastExit: String?
    /// When it came into its present state.
    public var since: Timestamp?
    /// Bytes of memory.
    public var resident: UInt64?
    /// Open jobs, for fetchers.
    public var jobs: Int64?

    /// A process in the given state.
    public init(
        name: String, pid: Int64?, state: String, restarts: Int64, lastExit: String? = nil, since: Timestamp? = nil,
        resident: UInt64? = nil, jobs: Int64? = nil
    ) {
        self.name = name
        self.pid = pid
        self.state = state
        self.restarts = restarts
        self.lastExit = lastExit
        self.since = since
        self.resident = resident
        self.jobs = jobs
    }

    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("pid", pid)
        writer.member("state", state)
        writer.member("restarts", restarts)
        writer.member("last_exit", lastExit)
        writer.member("since", since?.description)
        writer.member("resident", resident)
        writer.member("jobs", jobs)
        writer.endObject()
    }

    /// Reads it from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        let members = try Members(json, "a process")
        name = try members.string("name")
        pid = members["pid"]?.integer
        state = try members.string("state")
        restarts = try members.count("restarts")
        lastExit = members.optionalString("last_exit")
        since = try members.time("since")
        resident = members.optionalPosition("resident")
        jobs = members["jobs"]?.integer
    }
}
