import LogRecords
import Configuration
import Document
import JSON
import PluginProtocol
import Supervision
import WriteAheadLog

/// The daemon as a whole.
extension ControlRoutes {
    func status() async throws -> ControlAnswer {
        let entries = await parts.keeper.entries.all
        let due = await parts.keeper.due
        let configuration = await parts.configuration.current
        let statistics = parts.log.statistics
        let index = parts.committer.health.withLock { $0 }
        return ControlAnswer.object { writer in
            writer.member("version", Supervisor.version)
            writer.member("pid", parts.identifier)
            writer.member("started", parts.started.description)
            writer.member("state", parts.lifecycle.state(statistics, index).rawValue)
            writer.member("state_directory", parts.stateDirectory)
            writer.key("configuration")
            writer.beginObject()
            writer.member("file", configuration.configuration.file)
            writer.member("loaded", configuration.loaded.description)
            writer.member("problems", JSONValue.array(configuration.problems.map { .string($0) }))
            writer.endObject()
            writer.key("counts")
            var outcomes = Outcomes()
            var inFlight = 0
            for entry in entries {
                outcomes += entry.outcomes
                inFlight += entry.inFlight
            }
            Self.write(outcomes, inFlight: inFlight, to: &writer)
            writer.key("log")
            let sync = configuration.configuration.log.syncInterval
            Self.write(statistics, parts.retention, sync: sync, to: &writer)
            writer.key("index")
            Self.write(index, to: &writer)
            writer.key("sources")
            var states: [SourceState: Int] = [:]
            for entry in entries {
                let due = due.due(entry.source.name, in: entry.source.plugin)
                states[Self.state(of: entry, due: due), default: 0] += 1
            }
            writer.beginObject()
            writer.member("total", entries.count)
            for state in [SourceState.running, .watching, .waiting, .paused, .failing] {
                writer.key(any: state.rawValue)
                writer.integer(states[state] ?? 0)
            }
            let insecure = entries.filter { $0.source.settings.isInsecure }.map(\.source.name).sorted()
            writer.member("insecure", JSONValue.array(insecure.map { .string($0) }))
            writer.endObject()
            writer.key("sinks")
            writeSinks(to: &writer)
            writer.key("processes")
            writeProcesses(to: &writer)
        }
    }

    static func write(_ outcomes: Outcomes, inFlight: Int, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("items", outcomes.items + inFlight)
        writer.member("in_flight", inFlight)
        writer.member("new", outcomes.new)
        writer.member("revised", outcomes.revised)
        writer.member("unchanged", outcomes.unchanged)
        writer.member("duplicates", outcomes.duplicates)
        writer.member("dead_letters", outcomes.deadLetters)
        writer.endObject()
    }

    static func write(_ statistics: LogStatistics, _ retention: Retention, sync: Double?, to writer: inout JSONWriter) {
        writer.beginObject()
        switch statistics.state {
        case .open: writer.member("state", "open")
        case .closed: writer.member("state", "closed")
        case .full(let reason):
            writer.member("state", "full")
            writer.member("reason", retention.holdup.map { "\(reason); \($0)" } ?? reason)
        case .failed(let reason):
            writer.member("state", "failed")
            writer.member("reason", reason)
        }
        writer.member("first", statistics.first)
        writer.member("last", statistics.last)
        writer.member("durable", statistics.durable)
        writer.member("bytes", statistics.bytes)
        writer.member("segments", statistics.segments)
        writer.member("snapshot", statistics.snapshot)
        writer.member("snapshot_bytes", statistics.snapshotBytes)
        writer.member("dropped", retention.dropped)
        writer.member("syncs", statistics.syncs)
        writer.member("sync", sync.map { "every \(DurationText.format($0))" } ?? "always")
        writer.endObject()
    }

    static func write(_ health: IndexHealth, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("state", health.fault == nil ? "good" : "restoring")
        writer.member("reason", health.fault)
        writer.member("position", health.position)
        writer.member("replayed", health.replayed)
        writer.endObject()
    }

    func writeProcesses(to writer: inout JSONWriter) {
        writer.beginArray()
        for process in parts.board.all {
            writer.beginObject()
            writer.member("name", process.name)
            writer.member("pid", process.identifier)
            writer.member("state", process.state.rawValue)
            writer.member("restarts", process.restarts)
            writer.member("last_exit", process.lastExit)
            writer.member("since", process.since.description)
            writer.member("resident", process.identifier.flatMap { ResidentMemory.bytes(of: $0) })
            writer.endObject()
        }
        writer.endArray()
    }
}
