import JSON
import PluginProtocol

/// When a source runs.
public enum SourceSchedule: Sendable, Hashable {
    /// Seconds from one run to the next.
    case every(Double)
    /// As often as the source changes, between so many seconds at least and at most.
    case automatic(shortest: Double, longest: Double)
    /// A cron expression, with `CRON_TZ=ZONE ` before it where the source names a time zone.
    case cron(String)
    /// No time is given: its plugin watches, or it runs when asked to and as often as the daemon has for its default.
    case onDemand

    static let timeZonePrefix = "CRON_TZ="
}

/// What becomes of a source's documents that are the same, or nearly, as documents that were there before.
public enum DuplicatePolicy: String, Sendable, CaseIterable {
    /// They are documents like others; nothing is compared.
    case keep
    /// They are written, and say of what document they are a duplicate.
    case mark
    /// They are counted and not written.
    case drop
}

/// What the daemon itself does with a source; the same for most of the sources that somebody has.
public struct SourceRules: Sendable, Hashable {
    /// The name of its plugin.
    public var plugin: String
    /// When it runs.
    public var schedule = SourceSchedule.onDemand
    /// Whether it waits to be resumed by hand.
    public var paused = false
    /// Seconds over which runs are spread, half before and half after their time; nil for a twentieth of the interval.
    public var jitter: Double?
    /// Seconds without a sign of life of a job.
    public var timeout = 300.0
    /// Bytes that may be on their way without acknowledgement.
    public var window: Int64 = 4 << 20
    /// Bytes.
    public var maximumItemSize: Int64 = 64 << 20
    /// How bodies are cut into records, where the plugin does not say.
    public var records: RecordFraming?
    /// What bodies are, where the plugin does not say.
    public var mediaType: String?
    /// What becomes of documents that repeat others.
    public var duplicates = DuplicatePolicy.mark
    /// What normalisers get: `fields`, `language`, `content`.
    public var normalisation: JSONValue = [:]
}

/// A table `[source.NAME]`.
///
/// Small, because there may be a hundred thousand: sources with the same rules have one copy of them.
@dynamicMemberLookup
public struct SourceConfiguration: Sendable, Equatable {
    /// Rules that many sources have.
    final class SharedRules: Sendable {
        let rules: SourceRules
        init(_ rules: SourceRules) { self.rules = rules }
    }

    /// What it is called in messages, commands and documents.
    public let name: String
    private let shared: SharedRules
    /// The plugin's own settings.
    public internal(set) var settings = PluginSettings()
    /// Where it stands.
    public let file: String
    /// The line of its table.
    public let line: Int

    init(name: String, rules: SharedRules, file: String, line: Int) {
        self.name = name
        shared = rules
        self.file = file
        self.line = line
    }

    /// What the daemon itself does with it.
    public var rules: SourceRules { shared.rules }

    /// Whether both have the same copy of their rules; where not, these may still be equal.
    public func sharesRules(with other: SourceConfiguration) -> Bool { shared === other.shared }

    /// What the daemon itself does with it.
    public subscript<Value>(dynamicMember path: KeyPath<SourceRules, Value>) -> Value { shared.rules[keyPath: path] }

    static let commonKeys = [
        "plugin", "every", "every_min", "every_max", "cron", "timezone", "jitter", "timeout", "paused", "window",
        "max_item_size", "records",
        "media_type", "duplicates", "fields", "language", "content",
    ]

    /// The plugin that has no process: it takes what `ingest` pushes.
    public static let pushPlugin = "push"

    /// Whether nothing is different but the place in the files.
    public func isSame(as other: SourceConfiguration) -> Bool {
        name == other.name && settings == other.settings && (shared === other.shared || rules == other.rules)
    }

    /// The same, at the same place.
    public static func == (left: SourceConfiguration, right: SourceConfiguration) -> Bool {
        left.isSame(as: right) && left.file == right.file && left.line == right.line
    }
}
