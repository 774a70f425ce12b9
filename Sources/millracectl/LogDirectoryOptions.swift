import ArgumentParser
import ControlAPI
import ControlClient
import Document
import Glibc
import LogTools

/// What every `millracectl log` command is told.
struct LogDirectoryOptions: ParsableArguments {
    @Flag(help: "Print JSON, for scripts.") var json = false
    @Option(help: "The control socket of a daemon that has the log open.") var socket: String?
    @Argument(help: "The log's directory, or the state directory that holds it.") var directory: String

    /// The directory with the segments.
    var path: String {
        let inner = directory + "/log"
        return access(inner, F_OK) == 0 ? inner : directory
    }

    /// The state directory, where one was named.
    var stateDirectory: String? { path == directory ? nil : directory }
}

/// Which records a `millracectl log` command is about.
struct LogRangeOptions: ParsableArguments {
    @Option(help: "The first position.") var from: UInt64 = 1
    @Option(help: "The last position.") var to: UInt64 = .max
    @Option(help: "Only what was appended at this time or later, such as 2026-11-25T04:00:00Z.") var since: Timestamp?
    @Option(help: "Only what was appended before this time.") var until: Timestamp?
    @Option(help: "Only what came from this source.") var source: String?

    func validate() throws {
        guard from <= to else { throw ValidationError("--from is behind --to.") }
    }

    /// The range that is meant.
    var range: LogRange {
        var range = LogRange()
        (range.first, range.last, range.since, range.until, range.source) = (from, to, since, until, source)
        return range
    }
}

extension Timestamp: ExpressibleByArgument {
    /// Reads RFC 3339.
    public init?(argument: String) { self.init(rfc3339: argument) }
}
