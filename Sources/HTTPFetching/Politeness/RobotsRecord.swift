import Document
import JSON

/// What is known of an origin's robots.txt, and for how long.
struct RobotsRecord: Sendable, Equatable {
    /// Seconds for which an answer is used (RFC 9309, section 2.4).
    static let lifetime = 86_400.0
    /// Seconds for which old rules are used while the file can't be read.
    static let longestReuse = 30 * 86_400.0
    /// Bytes of rules that are kept in a source's state; larger files are read again after a restart.
    private static let longestKept = 8 << 10

    /// What the keys in a source's state begin with; no address does.
    static let keyPrefix = "robots "

    /// The key of what an origin says to a crawler with that product token.
    static func key(_ origin: String, _ product: String) -> String { keyPrefix + origin + " " + product }

    var rules: RobotsRules
    /// When the rules were read; nil: they never were, and nothing may be fetched (5xx or no answer).
    var read: Timestamp?
    /// When to read them again.
    var expires: Timestamp
    /// Why they could not be read.
    var problem: FetchFailure?

    init(rules: RobotsRules, read: Timestamp?, expires: Timestamp, problem: FetchFailure? = nil) {
        self.rules = rules
        self.read = read
        self.expires = expires
        self.problem = problem
    }

    /// Whether it still tells what may be fetched; a clock that was set back makes it too old as well.
    func isCurrent(_ now: Timestamp) -> Bool {
        now < expires && expires.milliseconds - now.milliseconds <= Int64(Self.lifetime * 1000)
    }

    /// Whether the rules may stand in for a file that can't be read.
    func isReusable(_ now: Timestamp) -> Bool {
        guard let read else { return false }
        return Double(now.milliseconds - read.milliseconds) / 1000 < Self.longestReuse
    }

    /// For the source's state; nil where it is too large or of no use after a restart.
    var json: JSONValue? {
        guard let read else { return nil }
        var lines: [JSONValue] = []
        var size = 0
        for rule in rules.rules {
            size += rule.pattern.text.count + 1
            guard size <= Self.longestKept else { return nil }
            // A uniform pattern is ASCII.
            lines.append(.string((rule.allows ? "+" : "-") + String(decoding: rule.pattern.text, as: UTF8.self)))
        }
        var members: [String: JSONValue] = [
            "read": .string(read.description), "expires": .string(expires.description), "rules": .array(lines),
        ]
        if let delay = rules.crawlDelay { members["crawl_delay"] = .number(delay) }
        return .object(members)
    }

    /// Reads what ``json`` wrote.
    init?(_ json: JSONValue?) {
        guard let json, let read = json["read"]?.string.flatMap(Timestamp.init(rfc3339:)),
            let expires = json["expires"]?.string.flatMap(Timestamp.init(rfc3339:)), let lines = json["rules"]?.array
        else { return nil }
        var rules: [RobotsRules.Rule] = []
        for line in lines {
            guard let text = line.string?.utf8, let sign = text.first, let pattern = RobotsPattern(text.dropFirst())
            else { return nil }
            rules.append(RobotsRules.Rule(allows: sign == UInt8(ascii: "+"), pattern: pattern))
        }
        self.init(
            rules: RobotsRules(rules: rules, crawlDelay: json["crawl_delay"]?.number), read: read, expires: expires)
    }
}
