import JSON

/// The end of an item: how many records it gave and of which kind, and what changed in its source's state.
///
/// Kept as one JSON object, so that the counts and checkpoints can be rebuilt from the log.
package struct Receipt: Equatable {
    package var source: String
    package var counts: Outcomes
    package var state: [String: JSONValue]

    package var encoded: [UInt8] {
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.member("source", source)
        writer.key("counts")
        counts.write(to: &writer)
        if !state.isEmpty { writer.member("state", JSONValue.object(state)) }
        writer.endObject()
        return writer.bytes
    }

    package init(source: String, counts: Outcomes, state: [String: JSONValue]) {
        self.source = source
        self.counts = counts
        self.state = state
    }

    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard let json = try? JSONValue.parse(bytes.bindMemory(to: UInt8.self)), let source = json["source"]?.string
        else {
            return nil
        }
        self.source = source
        counts = Outcomes(json["counts"] ?? [:])
        state = json["state"]?.object ?? [:]
    }
}

/// How many items ended and what their records became; each record is counted exactly once.
public struct Outcomes: Sendable, Equatable {
    /// Items that ended.
    public var items = 0
    /// Documents never seen before.
    public var new = 0
    /// Documents whose content changed.
    public var revised = 0
    /// Documents seen again with the same content.
    public var unchanged = 0
    /// Documents with the content of another one: kept and marked.
    public var duplicates = 0
    /// Items and records that did not become documents.
    public var deadLetters = 0

    /// Nothing counted yet.
    public init() {}

    package init(_ json: JSONValue) {
        func count(_ name: String) -> Int { Int(clamping: json[name]?.integer ?? 0) }
        items = count("items")
        new = count("new")
        revised = count("revised")
        unchanged = count("unchanged")
        duplicates = count("duplicates")
        deadLetters = count("dead_letters")
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("items", items)
        writer.member("new", new)
        writer.member("revised", revised)
        writer.member("unchanged", unchanged)
        writer.member("duplicates", duplicates)
        writer.member("dead_letters", deadLetters)
        writer.endObject()
    }

    package static func += (left: inout Outcomes, right: Outcomes) {
        left.items += right.items
        left.new += right.new
        left.revised += right.revised
        left.unchanged += right.unchanged
        left.duplicates += right.duplicates
        left.deadLetters += right.deadLetters
    }
}
