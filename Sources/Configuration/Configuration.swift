import JSON
import PluginProtocol

/// What the files say, checked and complete.
public struct Configuration: Sendable, Equatable {
    /// The main file.
    public var file: String
    public var daemon = DaemonSettings()
    public var log = LogSettings()
    /// Programs of one's own that speak the plugin protocol, by the name that sources and sinks use.
    public var plugins: [String: PluginCommand] = [:]
    public var sinks: [SinkConfiguration] = []
    public var sources: [SourceConfiguration] = []
}

/// The table `[daemon]`.
public struct DaemonSettings: Sendable, Equatable {
    public var stateDirectory: String?
    public var controlSocket: String?
    /// The directory of source files.
    public var sourcesDirectory: String?
    public var pluginDirectory: String?
    /// Normalisers; nil for as many as processors.
    public var workers: Int?
    /// Bytes of memory of one normaliser.
    public var workerMemory: Int64 = 512 << 20
    /// Seconds that one item may take to be normalised.
    public var workerTimeout = 60.0
    public var logLevel = LogLevel.info
    public var logFormat = "auto"
}

/// The table `[log]`.
public struct LogSettings: Sendable, Equatable {
    /// Seconds between syncs; nil for a sync before each acknowledgement.
    public var syncInterval: Double?
    /// Bytes.
    public var segmentSize: Int64 = 64 << 20
}

/// A table `[plugin.NAME]`.
public struct PluginCommand: Sendable, Equatable {
    public var command: [String]
    /// Bytes.
    public var memory: Int64?
    public var environment: [String: String] = [:]
}

/// Settings for a plugin, in the form that its schema asks for.
public struct PluginSettings: Sendable, Equatable, CustomStringConvertible {
    /// An object.
    public var value: JSONValue
    /// Members whose value is never shown.
    public var secrets: Set<String>

    /// Settings of which the named members are secret.
    public init(value: JSONValue = [:], secrets: Set<String> = []) {
        self.value = value
        self.secrets = secrets
    }

    /// The settings as they may be shown.
    public var redacted: JSONValue {
        guard case .object(let members) = value else { return value }
        return .object(members.merging(secrets.filter { members[$0] != nil }.map { ($0, "(secret)") }) { $1 })
    }

    /// The settings as they may be shown.
    public var description: String { redacted.description }
}

/// A table `[[sink]]`.
public struct SinkConfiguration: Sendable, Equatable {
    public var name: String
    public var plugin: String
    public var settings = PluginSettings()
    public var paused = false
    /// Documents of one delivery.
    public var batchSize = 1000
    /// Seconds that a delivery may take.
    public var timeout = 60.0
}

/// When a source runs.
public enum SourceSchedule: Sendable, Equatable {
    /// Seconds from one run to the next.
    case every(Double)
    /// A cron expression.
    case cron(String)
    /// Only when asked to, or as long as its plugin watches.
    case onDemand
}

/// A table `[source.NAME]`.
public struct SourceConfiguration: Sendable, Equatable {
    public var name: String
    public var plugin: String
    public var schedule = SourceSchedule.onDemand
    public var paused = false
    /// Seconds by which runs are spread; nil for a tenth of the interval.
    public var jitter: Double?
    /// Seconds without a sign of life of a job.
    public var timeout = 300.0
    /// Bytes that may be on their way without acknowledgement.
    public var window: Int64 = 4 << 20
    /// Bytes.
    public var maximumItemSize: Int64 = 64 << 20
    public var records: RecordFraming?
    public var mediaType: String?
    /// What normalisers get: `fields`, `language`, `content`.
    public var normalisation: JSONValue = [:]
    public var settings = PluginSettings()
    /// Where it stands.
    public var file = ""
    public var line = 0

    /// The plugin that has no process: it takes what `ingest` pushes.
    public static let pushPlugin = "push"
}
