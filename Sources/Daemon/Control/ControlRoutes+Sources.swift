import Configuration
import Document
import JSON

/// Sources: lists, one of them, and commands to it.
extension ControlRoutes {
    /// What a source does.
    enum SourceState: String, CaseIterable {
        case running, watching, waiting, paused, failing, gone
        case onDemand = "on-demand"
    }

    static func state(of entry: SourceKeeper.Entry, due: Timestamp?) -> SourceState {
        if entry.isPaused, entry.leaving != .no { return .paused }
        if entry.job?.isWatching == true { return .watching }
        if entry.isRunning { return .running }
        if entry.isPaused { return .paused }
        if entry.plan.memory.isGone { return .gone }
        if entry.failures > 0 { return .failing }
        return due == nil ? .onDemand : .waiting
    }

    func write(_ entry: SourceKeeper.Entry, due: Timestamp?, to writer: inout JSONWriter) {
        writer.member("name", entry.source.name)
        writer.member("plugin", entry.source.plugin)
        writer.member("state", Self.state(of: entry, due: due).rawValue)
        switch entry.source.schedule {
        case .every(let seconds): writer.member("schedule", "every \(DurationText.format(seconds))")
        case .automatic:
            let learned = entry.plan.memory.learned.map { ", now \(DurationText.format($0.rounded()))" } ?? ""
            writer.member("schedule", "every auto\(learned)")
        case .cron(let text): writer.member("schedule", "cron \(text)")
        case .onDemand:
            // What a source without a schedule has by its plugin.
            if case .interval(let seconds) = entry.plan.rules.schedule,
                entry.source.plugin != SourceConfiguration.pushPlugin
            {
                writer.member("schedule", "every \(DurationText.format(seconds))")
            }
        }
        writer.member("paused", entry.isPaused)
        writer.member("next_run", due?.description)
        if due != nil, let reason = entry.plan.nextRun(now: .now)?.reason {
            writer.member("next_run_reason", reason.rawValue)
        }
        writer.member("last_run", entry.lastRun?.description)
        writer.member("last_success", entry.lastSuccess?.description)
        writer.member("failures", entry.failures)
        if let fault = entry.lastError {
            writer.key("last_error")
            Self.write(fault, to: &writer)
        }
        writer.key("counts")
        Self.write(entry.outcomes, inFlight: entry.inFlight, to: &writer)
    }

    static func write(_ fault: SourceKeeper.Fault, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("what", fault.what)
        writer.member("remedy", fault.remedy)
        writer.member("time", fault.time.description)
        writer.endObject()
    }

    func sources() async throws -> ControlAnswer {
        let entries = await parts.keeper.entries.all
        let due = await parts.keeper.due
        return ControlAnswer.object { writer in
            writer.key("sources")
            writer.beginArray()
            for entry in entries.sorted(by: { $0.source.name < $1.source.name }) {
                writer.beginObject()
                write(entry, due: due.due(entry.source.name, in: entry.source.plugin), to: &writer)
                writer.endObject()
            }
            writer.endArray()
        }
    }

    func source(_ name: String) async throws -> ControlAnswer {
        guard let (entry, due) = await parts.keeper.entry(name) else { return await unknownSource(name) }
        let (letters, keys, run) = try await parts.committer.read { index in
            (
                try index.deadLetters(source: name, before: nil, limit: 5), try index.state(of: name).count,
                try index.run(of: name)
            )
        }
        return ControlAnswer.object { writer in
            write(entry, due: due, to: &writer)
            writer.member("file", entry.source.file)
            writer.member("line", entry.source.line)
            writer.member("settings", entry.source.settings.redacted)
            writer.member("state_keys", keys)
            writer.member("report", run?["report"])
            writer.key("dead_letters")
            Self.write(letters, to: &writer)
        }
    }

    func command(_ command: String, _ name: String) async throws -> ControlAnswer {
        let done: Bool
        switch command {
        case "run": done = await parts.keeper.runNow(name)
        case "pause": done = try await parts.keeper.setPaused(true, name)
        case "resume": done = try await parts.keeper.setPaused(false, name)
        default:
            return .failure(status: 404, "there is no command '\(command)'", remedy: "known are run, pause and resume")
        }
        guard done, let (entry, due) = await parts.keeper.entry(name) else { return await unknownSource(name) }
        return ControlAnswer.object { writer in
            writer.key("source")
            writer.beginObject()
            write(entry, due: due, to: &writer)
            writer.endObject()
        }
    }
}
