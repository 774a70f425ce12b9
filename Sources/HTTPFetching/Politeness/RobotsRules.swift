/// What a robots.txt says to one crawler (RFC 9309), with the widely used `Crawl-delay`.
public struct RobotsRules: Sendable, Equatable {
    /// Bytes of a file that are read (RFC 9309, section 2.5: at least 500 KiB).
    public static let longestFile = 500 << 10
    /// Seconds; a longer `Crawl-delay` counts as this.
    public static let longestDelay = 300.0
    /// Steps that one decision may take: some milliseconds.
    private static let mostSteps = 4_000_000

    struct Rule: Sendable, Equatable {
        var allows: Bool
        var pattern: RobotsPattern
    }

    /// The longest first, and of equally long ones those that allow: the first that matches decides.
    private(set) var rules: [Rule] = []
    /// Seconds between two requests.
    public private(set) var crawlDelay: Double?

    /// No rule: everything may be fetched.
    public init() {}

    /// Reads a file.
    /// - Parameter product: the crawler's product token, such as `Millrace`; its case does not matter.
    public init(_ file: some Collection<UInt8>, product: String) {
        var reader = GroupReader(product: Array(product.lowercased().utf8))
        for line in file.prefix(Self.longestFile).split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            reader.read(line)
        }
        self.init(rules: reader.rules, crawlDelay: reader.crawlDelay)
    }

    init(rules: [Rule], crawlDelay: Double?) {
        self.rules = rules.sorted {
            $0.pattern.text.count == $1.pattern.text.count
                ? $0.allows && !$1.allows : $0.pattern.text.count > $1.pattern.text.count
        }
        self.crawlDelay = crawlDelay.map { min($0, Self.longestDelay) }
    }

    /// Whether an address may be fetched.
    /// - Parameter path: the path with the query, as in a request line.
    public func allows(_ path: String) -> Bool {
        if path == "/robots.txt" || rules.isEmpty { return true }
        let uniform = RobotsPattern.uniform(path.utf8, isPattern: false)
        var steps = Self.mostSteps
        for rule in rules where rule.pattern.matches(uniform, steps: &steps) { return rule.allows }
        // A file that takes so long to be read is one that nobody wants to be crawled by.
        return steps > 0
    }
}

/// Finds the groups that are meant for one crawler, line by line.
private struct GroupReader {
    private let product: [UInt8]
    private var own: (rules: [RobotsRules.Rule], delay: Double?)?
    private var general: (rules: [RobotsRules.Rule], delay: Double?) = ([], nil)
    private var isOwn = false
    private var isGeneral = false
    private var hasRules = false

    init(product: [UInt8]) { self.product = product }

    /// Those of the crawler's own groups, which go together; else of the groups for everybody.
    var rules: [RobotsRules.Rule] { own?.rules ?? general.rules }
    var crawlDelay: Double? { own.map { $0.delay } ?? general.delay }

    mutating func read(_ line: some Collection<UInt8>) {
        let content = line.prefix { $0 != UInt8(ascii: "#") }
        guard let colon = content.firstIndex(of: UInt8(ascii: ":")) else { return }
        // A byte order mark may stand before the first name.
        let name = HeaderText.trimmed(
            String(decoding: content[..<colon].drop { [0xEF, 0xBB, 0xBF].contains($0) }, as: UTF8.self)
        ).lowercased()
        let value = Self.trimmed(content[content.index(after: colon)...])
        switch name {
        case "user-agent": begin(value)
        case "allow", "disallow":
            hasRules = true
            guard let pattern = RobotsPattern(value) else { return }
            add(RobotsRules.Rule(allows: name == "allow", pattern: pattern))
        case "crawl-delay":
            hasRules = true
            guard let delay = Double(String(decoding: value, as: UTF8.self)), delay >= 0, delay.isFinite else { return }
            if isOwn, own?.delay == nil { own?.delay = delay }
            if isGeneral, general.delay == nil { general.delay = delay }
        default: break
        }
    }

    private mutating func begin(_ value: [UInt8]) {
        if hasRules { (isOwn, isGeneral, hasRules) = (false, false, false) }
        // What follows the product token, as in `Millrace/1.0`, is no part of it.
        let token = value.prefix {
            switch $0 | 0x20 {
            case 0x61...0x7A: true
            default: $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
        }
        if token.isEmpty {
            if value.first == UInt8(ascii: "*"), value.count == 1 || value[1] == 0x20 { isGeneral = true }
        } else if token.map({ $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }) == product {
            isOwn = true
            if own == nil { own = ([], nil) }
        }
    }

    private mutating func add(_ rule: RobotsRules.Rule) {
        if isOwn { own?.rules.append(rule) }
        if isGeneral { general.rules.append(rule) }
    }

    private static func trimmed(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var text = Array(bytes.drop { $0 == 0x20 || $0 == 0x09 })
        while let last = text.last, last == 0x20 || last == 0x09 || last == 0 { text.removeLast() }
        return text
    }
}
