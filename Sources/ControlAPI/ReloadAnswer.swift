import JSON

/// The answer to `POST /v1/reload`.
public struct ReloadAnswer: ControlMessage {
    /// Names of sources and sinks.
    public var added: [String]
    /// What is only in the old configuration.
    public var removed: [String]
    /// What is in both, but otherwise.
    public var changed: [String]
    /// Settings that take effect only when the daemon starts again.
    public var needsRestart: [String]
    /// `file:line: what, remedy`; when there are any, the old configuration stays in force.
    public var problems: [String]

    /// What a reload changed.
    public init(
        added: [String] = [], removed: [String] = [], changed: [String] = [], needsRestart: [String] = [],
        problems: [String] = []
    ) {
        self.added = added
        self.removed = removed
        self.changed = changed
        self.needsRestart = needsRestart
        self.problems = problems
    }

    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("changed")
        writer.beginObject()
        writer.strings("added", added)
        writer.strings("removed", removed)
        writer.strings("changed", changed)
        writer.endObject()
        writer.strings("needs_restart", needsRestart)
        writer.strings("problems", problems)
        writer.endObject()
    }

    /// Reads it from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        let members = try Members(json, "the answer")
        let change = try Members(members["changed"] ?? [:], "changed")
        added = change.strings("added")
        removed = change.strings("removed")
        changed = change.strings("changed")
        needsRestart = members.strings("needs_restart")
        problems = members.strings("problems")
    }
}
