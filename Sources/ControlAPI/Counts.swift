import JSON

/// What became of items and their records, of one source or of all.
///
/// `items` is what was handed over; each is in flight or ended. Every record of an ended item is counted exactly once in
/// one of the other five.
public struct Counts: ControlMessage {
    /// Items that came in, those in flight among them.
    public var items: Int64 = 0
    /// Items that have no end yet.
    public var inFlight: Int64 = 0
    /// Documents that were not there before.
    public var new: Int64 = 0
    /// Documents that replaced an earlier revision of themselves.
    public var revised: Int64 = 0
    /// The same id with the same content.
    public var unchanged: Int64 = 0
    /// Another id with the same content: kept and marked.
    public var duplicates: Int64 = 0
    /// Items and records that did not become documents.
    public var deadLetters: Int64 = 0

    /// Counts of nothing.
    public init() {}

    /// Records of ended items.
    public var records: Int64 {
        [revised, unchanged, duplicates, deadLetters].reduce(new) { $0.addingReportingOverflow($1).partialValue }
    }

    /// Writes the counts as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeMembers(to: &writer)
        writer.endObject()
    }

    func writeMembers(to writer: inout JSONWriter, withInFlight: Bool = true) {
        writer.member("items", items)
        if withInFlight { writer.member("in_flight", inFlight) }
        writer.member("new", new)
        writer.member("revised", revised)
        writer.member("unchanged", unchanged)
        writer.member("duplicates", duplicates)
        writer.member("dead_letters", deadLetters)
    }

    /// Reads the counts from an answer.
    public init(json: JSONValue) throws(ControlFormatError) {
        let members = try Members(json, "counts")
        items = try members.count("items")
        inFlight = try members.count("in_flight")
        new = try members.count("new")
        revised = try members.count("revised")
        unchanged = try members.count("unchanged")
        duplicates = try members.count("duplicates")
        deadLetters = try members.count("dead_letters")
    }

    /// Adds the counts of another part.
    public static func += (left: inout Counts, right: Counts) {
        left.items &+= right.items
        left.inFlight &+= right.inFlight
        left.new &+= right.new
        left.revised &+= right.revised
        left.unchanged &+= right.unchanged
        left.duplicates &+= right.duplicates
        left.deadLetters &+= right.deadLetters
    }
}
