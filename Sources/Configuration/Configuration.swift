import JSON
import PluginProtocol

/// What the files say, checked and complete.
public struct Configuration: Sendable, Equatable {
    /// The main file.
    public var file: String
    /// The table `[daemon]`.
    public var daemon = DaemonSettings()
    /// The table `[log]`.
    public var log = LogSettings()
    /// The table `[websub]`; nil where hubs are not asked to bring anything.
    public var webSub: WebSubSettings?
    /// Programs of one's own that speak the plugin protocol, by the name that sources and sinks use.
    public var plugins: [String: PluginCommand] = [:]
    /// Where documents go, in the order of the file.
    public var sinks: [SinkConfiguration] = []
    /// What content comes from, in the order of the files.
    public var sources: [SourceConfiguration] = []
}

/// The table `[daemon]`.
public struct DaemonSettings: Sendable, Equatable {
    /// Where log and index are; nil for the daemon's choice.
    public var stateDirectory: String?
    /// The path of the control socket; nil for the daemon's choice.
    public var controlSocket: String?
    /// The directory of source files.
    public var sourcesDirectory: String?
    /// Where the plugins that come with the daemon are; nil for beside its program.
    public var pluginDirectory: String?
    /// Normalisers; nil for as many as processors.
    public var workers: Int?
    /// Bytes of memory of one normaliser.
    public var workerMemory: Int64 = 512 << 20
    /// Seconds that one item may take to be normalised.
    public var workerTimeout = 60.0
    /// What is logged at least.
    public var logLevel = LogLevel.info
    /// `auto`, `journal`, `terminal` or `json`.
    public var logFormat = "auto"
}

/// The table `[log]`.
public struct LogSettings: Sendable, Equatable {
    /// Seconds between syncs; nil for a sync before each acknowledgement.
    public var syncInterval: Double?
    /// Bytes.
    public var segmentSize: Int64 = 64 << 20
    /// How batches stand in the log.
    public var compression = Compression.none
    /// Seconds for which a segment is kept after its last record; nil for ever.
    public var keepFor: Double?
    /// Bytes of segments that are kept; nil for all.
    public var keepSize: Int64?
    /// Bytes that the log may have; nil for no limit.
    public var maximumSize: Int64?
    /// What happens at that size.
    public var whenFull = WhenFull.block

    /// How batches stand in the log.
    public enum Compression: String, Sendable, CaseIterable { case none, zstd }

    /// What happens when the log has its maximum size.
    public enum WhenFull: String, Sendable, CaseIterable {
        /// Nothing more is taken until all sinks have the oldest segment.
        case block
        /// The oldest segments go, also those that a sink has not got yet.
        case dropOldest = "drop_oldest"
    }
}

/// A table `[plugin.NAME]`.
public struct PluginCommand: Sendable, Equatable {
    /// The program and its arguments.
    public var command: [String]
    /// Bytes.
    public var memory: Int64?
    /// Variables that it gets besides the daemon's choice.
    public var environment: [String: String] = [:]
}

extension PluginCommand: CustomStringConvertible, CustomReflectable {
    /// The command and the names of its variables; what they hold may be secret.
    public var description: String { "\(command), variables \(environment.keys.sorted())" }
    /// The same as ``description``, for `dump` and the like.
    public var customMirror: Mirror { Mirror(reflecting: description) }
}

/// Settings for a plugin, in the form that its schema asks for.
///
/// Kept as they are written to the plugin: a tree takes three times the memory, and there may be a hundred thousand.
public struct PluginSettings: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// An object in JSON, members sorted.
    private let encoded: [UInt8]
    /// Members whose value is never shown.
    public let secrets: Set<String>
    /// Whether certificates are not verified: the setting of this name is true.
    public let isInsecure: Bool

    /// Settings of which the named members are secret.
    public init(value: JSONValue = [:], secrets: Set<String> = []) {
        encoded = value == [:] ? [] : value.encoded
        self.secrets = secrets
        isInsecure = value["insecure"]?.bool == true
    }

    /// An object.
    public var value: JSONValue { (try? JSONValue.parse(encoded)) ?? [:] }

    /// The settings as they may be shown.
    public var redacted: JSONValue {
        guard case .object(let members) = value else { return value }
        return .object(members.merging(secrets.filter { members[$0] != nil }.map { ($0, "(secret)") }) { $1 })
    }

    /// The settings as they may be shown.
    public var description: String { redacted.description }

    /// The settings as they may be shown, for `dump` and the like.
    public var customMirror: Mirror { Mirror(reflecting: description) }
}

/// A table `[[sink]]`.
public struct SinkConfiguration: Sendable, Equatable {
    /// What it is called in messages and commands.
    public var name: String
    /// The name of its plugin.
    public var plugin: String
    /// The plugin's own settings.
    public var settings = PluginSettings()
    /// Whether it waits to be resumed by hand.
    public var paused = false
    /// Documents of one delivery.
    public var batchSize = 1000
    /// Seconds that a delivery may take.
    public var timeout = 60.0
    /// Names of the sources whose documents it gets, or patterns of them; empty for all.
    public var sources: [String] = []

    static let commonKeys = ["name", "plugin", "paused", "batch_size", "timeout", "sources"]

    /// Whether documents of a source go to this sink.
    public func takes(source: String) -> Bool {
        sources.isEmpty || sources.contains { NamePattern.matches($0, source) }
    }
}
