import Configuration
import Document
import JSON
import PluginProtocol
import Scheduling

extension SourceRules {
    /// Seconds between runs of a source that names no schedule and whose plugin ends its jobs.
    private static let defaultInterval = 900.0

    /// When a source with these rules runs.
    var plan: RunPlan.Rules { RunPlan.Rules(schedule: runSchedule, jitter: jitter, backoff: backoff) }

    private var runSchedule: Schedule {
        switch schedule {
        case .every(let seconds): .interval(seconds)
        case .automatic(let shortest, let longest):
            .automatic(LearnedInterval(shortest: shortest, longest: longest))
        // The loader has refused expressions that are none.
        case .cron(let text): CronExpression(text).map { .cron($0) } ?? .onDemand
        case .onDemand:
            switch plugin {
            // Standard input that has ended never begins again.
            case "stdin": .once
            case "directory": .watch
            default: .interval(Self.defaultInterval)
            }
        }
    }

    private var backoff: Backoff {
        // A directory that is back should be read soon, and looking for it costs nobody anything.
        if plugin == "directory" { return Backoff(first: 5, longest: 30) }
        if case .every(let seconds) = schedule { return Backoff(first: min(5, seconds), longest: 3600) }
        return Backoff(first: 5, longest: 3600)
    }

    /// Seconds to leave the source alone after a failure, beyond what its plan says.
    func retry(after failure: FailedJob) -> Double? {
        guard failure.kind != .transient else { return failure.retryAfter }
        // What nobody has repaired fails again: more often than it runs otherwise is no use.
        let interval: Double
        if case .every(let seconds) = schedule { interval = seconds } else { interval = Self.defaultInterval }
        return max(failure.retryAfter ?? 0, max(60, interval))
    }
}

extension RunPlan.Memory {
    /// What the index remembers of a source's runs.
    init(_ run: JSONValue?) {
        self.init(
            lastStart: run?.timestamp("last_run"), failures: Int(clamping: run?["failures"]?.integer ?? 0),
            notBefore: run?.timestamp("not_before"), isPostponed: run?["postponed"]?.bool ?? false,
            isGone: run?["gone"]?.bool ?? false, isWatching: run?["watching"]?.bool ?? false,
            learned: run?["learned"]?.number,
            quiet: QuietTimes(hours: run?.numbers("skip_hours") ?? [], days: run?.numbers("skip_days") ?? []))
    }

    /// For the index.
    var json: [String: JSONValue] {
        var members: [String: JSONValue] = ["failures": .integer(Int64(failures))]
        members["last_run"] = lastStart.map { .string($0.description) }
        if isPostponed { members["postponed"] = true }
        if isGone { members["gone"] = true }
        if isWatching { members["watching"] = true }
        members["learned"] = learned.map { .number($0) }
        if quiet != QuietTimes() {
            members["skip_hours"] = .array(quiet.numbers.hours.map { .integer(Int64($0)) })
            members["skip_days"] = .array(quiet.numbers.days.map { .integer(Int64($0)) })
        }
        members["not_before"] = notBefore.map { .string($0.description) }
        return members
    }
}

extension JSONValue {
    func timestamp(_ key: String) -> Timestamp? { self[key]?.string.flatMap(Timestamp.init(rfc3339:)) }

    fileprivate func numbers(_ key: String) -> [Int] {
        self[key]?.array?.compactMap { $0.integer.flatMap(Int.init(exactly:)) } ?? []
    }
}
