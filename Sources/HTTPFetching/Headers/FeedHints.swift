import JSON
import XML

/// What a feed says of when to come again: `ttl`, `skipHours` and `skipDays` (RSS 2.0), `updatePeriod` and
/// `updateFrequency` (RSS 1.0, module syndication).
public struct FeedHints: Sendable, Equatable {
    /// Seconds for which the feed is worth keeping.
    public var wait: Double?
    /// 0 to 23, GMT.
    public var skipHours: [Int] = []
    /// 0 (Sunday) to 6, GMT.
    public var skipDays: [Int] = []

    /// Bytes at the beginning of a feed that are looked at; what speaks of the whole feed stands before its entries.
    private static let longestHead = 64 << 10
    private static let dayNames = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
    private static let periods = [
        "hourly": 3600.0, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000,
    ]

    /// Nothing said.
    public init() {}

    /// Reads the head of a feed; what is no feed says nothing.
    public init(feed: [UInt8]) {
        guard let first = feed.first(where: { $0 > 0x20 && $0 < 0x80 }), first == UInt8(ascii: "<") else { return }
        // No feed begins like a page.
        let start = feed.prefix(256).drop { $0 != UInt8(ascii: "<") }.prefix(14)
        if start.elementsEqual("<!DOCTYPE html".utf8, by: { $0 | 0x20 == $1 | 0x20 }) { return }
        var reader = XMLReader(Array(feed.prefix(Self.longestHead)))
        var text: [UInt8] = []
        var (period, frequency) = (nil as Double?, 1.0)
        var ttl: Double?
        reading: while true {
            switch reader.next() {
            case .finished: break reading
            case .text: if text.count < 64 { reader.appendText(to: &text) }
            case .start:
                text.removeAll(keepingCapacity: true)
                let name = reader.localName
                if reader.depth == 1, name != "rss", name != "rdf" { return }
                if name == "item" { break reading }
            case .end:
                let value = HeaderText.trimmed(String(decoding: text.prefix(64), as: UTF8.self)).lowercased()
                text.removeAll(keepingCapacity: true)
                switch reader.localName {
                case "ttl": ttl = HeaderText.digits(value).map { Double(min($0, 1 << 20)) * 60 }
                case "hour":
                    // 24 is what RSS 0.91 calls midnight.
                    if let hour = HeaderText.digits(value), hour <= 24 { skipHours.append(Int(hour % 24)) }
                case "day": if let day = Self.dayNames.firstIndex(of: value) { skipDays.append(day) }
                case "updateperiod": period = Self.periods[value]
                case "updatefrequency":
                    frequency = Double(min(max(HeaderText.digits(value) ?? 1, 1), 1 << 20))
                default: break
                }
            }
            if skipHours.count > 24 || skipDays.count > 7 { break }
        }
        skipHours = Array(Set(skipHours)).sorted()
        skipDays = Array(Set(skipDays)).sorted()
        wait = ttl.flatMap { $0 > 0 ? $0 : nil } ?? period.map { ($0 / frequency).rounded() }
    }

    /// Reads what ``json`` wrote.
    init(_ json: JSONValue?) {
        wait = json?["wait"]?.number
        skipHours = json?["skip_hours"]?.array?.compactMap { $0.integer.flatMap(Int.init(exactly:)) } ?? []
        skipDays = json?["skip_days"]?.array?.compactMap { $0.integer.flatMap(Int.init(exactly:)) } ?? []
    }

    /// For the source's state: an answer that nothing is new says it again; nil where there is nothing.
    var json: JSONValue? {
        var members: [String: JSONValue] = [:]
        if let wait { members["wait"] = .integer(Int64(wait)) }
        if !skipHours.isEmpty { members["skip_hours"] = .array(skipHours.map { .integer(Int64($0)) }) }
        if !skipDays.isEmpty { members["skip_days"] = .array(skipDays.map { .integer(Int64($0)) }) }
        return members.isEmpty ? nil : .object(members)
    }
}
