import Configuration
import Document
import JSON
import LogRecords
import Scheduling

extension SourceKeeper {
    /// What is known of one source while the daemon runs.
    struct Entry {
        var source: SourceConfiguration
        var isPaused: Bool
        /// What had ended before this start and since.
        var outcomes = Outcomes()
        /// New and changed documents when the present run began.
        var changesBefore = 0
        var inFlight = 0
        var job: FetchJob?
        var isRunning = false
        /// The lane in which its run has a place; none once it watches.
        var lane: String?
        /// It is not wanted any more, or not with this plugin.
        var isRemoved = false
        /// How far the end of what it has arranged with others is.
        var leaving = Leaving.no
        /// It is to be run again as soon as the present run has ended.
        var runsAgain = false
        /// When it runs, and what that depends on.
        var plan: RunPlan
        var lastSuccess: Timestamp?
        var lastError: Fault?

        init(_ source: SourceConfiguration, _ rules: RunPlan.Rules, after past: Past) {
            self.source = source
            isPaused = source.paused || past.isPaused
            outcomes = past.outcomes
            lastSuccess = past.lastSuccess
            lastError = past.lastError
            plan = RunPlan(name: source.name, rules: rules, memory: past.memory)
        }

        var failures: Int { plan.memory.failures }
        var lastRun: Timestamp? { plan.memory.lastStart }
    }

    /// A source with the name of one that has another plugin, which ends first what that has arranged.
    struct Successor: Sendable {
        let source: SourceConfiguration
        let rules: RunPlan.Rules
        /// Whether it was paused by hand.
        var isPaused: Bool
    }

    /// How a source that is paused or removed ends what its plugin has arranged with others.
    enum Leaving: Sendable {
        case no
        /// The job that was open was told, and may have ended before it heard.
        case told
        /// A job is, or is to be, begun only to be told.
        case begun
    }

    /// What the index knows of a source from before this start.
    struct Past: Sendable {
        var outcomes = Outcomes()
        var isPaused = false
        var memory = RunPlan.Memory()
        var lastSuccess: Timestamp?
        var lastError: Fault?
    }

    /// Why a run failed; few sources have one, so that others have no room for it.
    final class Fault: Sendable {
        let what: String
        let remedy: String?
        let time: Timestamp

        init(what: String, remedy: String?, time: Timestamp) {
            self.what = what
            self.remedy = remedy
            self.time = time
        }

        /// Reads what ``json`` wrote.
        convenience init?(_ json: JSONValue?) {
            guard let what = json?["what"]?.string, let time = json?.timestamp("time") else { return nil }
            self.init(what: what, remedy: json?["remedy"]?.string, time: time)
        }

        /// For the index.
        var json: JSONValue {
            var members: [String: JSONValue] = ["what": .string(what), "time": .string(time.description)]
            members["remedy"] = remedy.map { .string($0) }
            return .object(members)
        }
    }
}
