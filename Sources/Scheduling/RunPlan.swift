import Document

/// When one source runs next, from what has happened so far. Knows no clock: every call is told the time.
///
/// - After a restart an interval goes on where it was; what fell due meanwhile runs once, spread over a given time by a
///   hash of the name, so that many sources don't all start in the same second. Times of a cron expression that were
///   missed are not made up for.
/// - After failures the wait doubles up to a bound, and is never shorter than what the server asked for.
/// - A clock that is set back does not stall a source: a last run in the future counts as one just now.
public struct RunPlan: Sendable, Equatable {
    /// What has to be remembered over a restart.
    public struct Memory: Sendable, Equatable {
        /// When the last run began.
        public var lastStart: Timestamp?
        /// Failures in a row.
        public var failures = 0
        /// Not to be run before this moment: the wait after a failure, or what the source asked for.
        public var notBefore: Timestamp?
        /// Whether the last run was put off and is to be made up for at `notBefore`.
        public var isPostponed = false
        /// Whether the source is gone for good, so that it is only run when somebody asks for it.
        public var isGone = false
        /// Whether its last run went on waiting for news, has more to bring or was cut short: the next one follows at once.
        public var isWatching = false
        /// Seconds between runs, as learned; nil: nothing yet.
        public var learned: Double?
        /// When the source says that nothing new comes.
        public var quiet = QuietTimes()

        /// What is remembered of earlier runs; nothing for a new source.
        public init(
            lastStart: Timestamp? = nil, failures: Int = 0, notBefore: Timestamp? = nil, isPostponed: Bool = false,
            isGone: Bool = false, isWatching: Bool = false, learned: Double? = nil, quiet: QuietTimes = QuietTimes()
        ) {
            self.lastStart = lastStart
            self.failures = max(failures, 0)
            self.notBefore = notBefore
            self.isPostponed = isPostponed
            self.isGone = isGone
            self.isWatching = isWatching
            self.learned = learned
            self.quiet = quiet
        }
    }

    /// When sources run as long as all goes well, and how they wait after failures; one copy for all that have the same.
    public final class Rules: Sendable, Equatable {
        /// When a source runs as long as all goes well.
        public let schedule: Schedule
        /// Seconds over which runs are spread.
        public let jitter: Double
        /// Waits after failures.
        public let backoff: Backoff

        /// Rules for sources.
        ///
        /// - Parameters:
        ///   - jitter: seconds over which runs are spread; by default a twentieth of an interval, and none for the rest.
        ///   - backoff: waits after failures; by default from 5 seconds to an hour.
        public init(
            schedule: Schedule, jitter: Double? = nil, backoff: Backoff = Backoff(first: 5, longest: 3600)
        ) {
            self.schedule = schedule
            self.backoff = backoff
            switch schedule {
            // More would let runs overtake each other.
            case .interval(let seconds): self.jitter = min(jitter ?? seconds / 20, seconds)
            // A twentieth of what is learned.
            case .automatic: self.jitter = 0
            default: self.jitter = jitter ?? 0
            }
        }

        /// Whether they say the same.
        public static func == (left: Rules, right: Rules) -> Bool {
            left === right
                || (left.schedule == right.schedule && left.jitter == right.jitter && left.backoff == right.backoff)
        }
    }

    /// The source's name.
    public let name: String
    /// When it runs as long as all goes well, and how it waits after failures.
    public let rules: Rules
    /// What has happened so far.
    public private(set) var memory: Memory

    /// Seconds from the start of the run before to the start of the present one.
    private var lastInterval: Double?

    /// Seconds from one start to the next of a source that wants to be run again at once.
    private static let shortestRun = 0.1
    /// A wait of more than this is taken for the work of a clock that jumped.
    private static let longestWait = 366.0 * 86_400
    /// The longest that a source can ask to be left alone; a clock may go back by half a year without making it longer than that.
    private static let longestWaitAskedFor = longestWait / 2

    /// A plan for a source.
    public init(name: String, rules: Rules, memory: Memory = Memory()) {
        self.name = name
        self.rules = rules
        self.memory = memory
    }

    private var schedule: Schedule { rules.schedule }

    private static func end(of wait: Double, from now: Timestamp) -> Timestamp {
        now.later(by: min(wait, longestWaitAskedFor))
    }

    /// Notes that a run begins.
    public mutating func started(at now: Timestamp) {
        lastInterval = memory.lastStart.map { Double(now.milliseconds &- $0.milliseconds) / 1000 }
        memory.lastStart = now
        memory.notBefore = nil
        memory.isPostponed = false
    }

    /// Notes that a run ended well.
    ///
    /// - Parameters:
    ///   - next: seconds until the source says it is worth coming again.
    ///   - quiet: when the source says that nothing new comes.
    ///   - changes: new and changed documents that the run brought.
    ///   - again: there is more to bring already.
    public mutating func succeeded(
        at now: Timestamp, next: Double? = nil, quiet: QuietTimes = QuietTimes(), changes: Int = 0, again: Bool = false
    ) {
        memory.isWatching = again
        // Runs that were asked for by the source itself say nothing of how often it is worth looking.
        if case .automatic(let bounds) = schedule, !again {
            // What the first run brings says nothing of how often there is something new.
            memory.learned =
                memory.learned.map { bounds.next(after: $0, elapsed: lastInterval ?? 0, changes: changes) }
                ?? bounds.bounded(max(bounds.start, next ?? 0))
        }
        memory.failures = 0
        memory.isGone = false
        memory.quiet = quiet
        memory.notBefore = next.map { Self.end(of: $0, from: now) }
    }

    /// Notes that a run has brought what there was and goes on waiting for news.
    public mutating func watches(at now: Timestamp) {
        memory.failures = 0
        memory.isGone = false
        memory.isWatching = true
    }

    /// Notes that a run was begun only to be ended: what it is for is still to be done, and the next one follows at once.
    public mutating func wasCutShort() { memory.isWatching = true }

    /// Notes that a run failed.
    ///
    /// - Parameter retryAfter: seconds that the source asked to be left alone.
    public mutating func failed(
        at now: Timestamp, retryAfter: Double? = nil, using generator: inout some RandomNumberGenerator
    ) {
        memory.isWatching = false
        memory.failures += memory.failures < Int.max ? 1 : 0
        let wait = rules.backoff.wait(afterFailures: memory.failures, using: &generator)
        memory.notBefore = Self.end(of: max(wait, retryAfter ?? 0), from: now)
    }

    /// Notes that a run was put off, because whoever serves the source wants to be left alone.
    ///
    /// Up to a tenth more than the wait, so that all who were put off together do not come together.
    public mutating func postponed(
        at now: Timestamp, by wait: Double, using generator: inout some RandomNumberGenerator
    ) {
        memory.isPostponed = true
        memory.notBefore = Self.end(of: max(wait, 1) * Double.random(in: 1...1.1, using: &generator), from: now)
    }

    /// Notes that the source is gone for good.
    public mutating func isGone(at now: Timestamp) {
        memory.failures += memory.failures < Int.max ? 1 : 0
        memory.isGone = true
        memory.isWatching = false
        memory.notBefore = nil
    }

    /// Why a source runs when it does.
    public enum Reason: String, Sendable {
        /// It has never run, or its time has passed.
        case overdue
        case interval
        case learned
        case cron
        /// The wait after a failure.
        case failure
        /// Whoever serves the source wants to be left alone.
        case postponed
        /// The source said that nothing new comes earlier.
        case fresh
        /// The source said that nothing new comes in these hours or on these days.
        case quiet
        /// It is begun again whenever it ends.
        case watch
    }

    /// When to run next; nil when never by itself.
    ///
    /// - Parameter spread: seconds over which to distribute what is overdue or new; 0 right after a change by hand.
    public func due(now: Timestamp, spread: Double = 0) -> Timestamp? { nextRun(now: now, spread: spread)?.time }

    /// When to run next, and why then; nil when never by itself.
    ///
    /// - Parameter spread: seconds over which to distribute what is overdue or new; 0 right after a change by hand.
    public func nextRun(now: Timestamp, spread: Double = 0) -> (time: Timestamp, reason: Reason)? {
        let wait = memory.notBefore.flatMap { $0 <= now.later(by: Self.longestWait) ? $0 : nil }
        let soon = now.later(by: spread * StableHash.fraction(name))
        if memory.isGone { return nil }
        guard memory.failures == 0, !memory.isPostponed else {
            guard schedule != .onDemand else { return nil }
            // A wait that ended while nothing ran is spread like everything that is overdue.
            return (wait.flatMap { $0 > now ? $0 : nil } ?? soon, memory.isPostponed ? .postponed : .failure)
        }
        if memory.isWatching, schedule != .once {
            // One that ends at once all the time must not be begun again without a pause.
            let pause = memory.lastStart.map { min($0, now).later(by: Self.shortestRun) } ?? soon
            return (max(spread > 0 ? soon : now, pause), .watch)
        }
        switch schedule {
        case .onDemand: return nil
        case .once:
            if memory.lastStart == nil { return (soon, .overdue) }
            return wait.map { (max($0, now), .fresh) }
        case .watch:
            // One that ends at once all the time must not be begun again without a pause.
            let pause = memory.lastStart.map { min($0, now).later(by: rules.backoff.first) } ?? soon
            return (max(wait ?? soon, pause), .watch)
        case .interval(let seconds):
            return next(after: seconds, .interval, jitter: rules.jitter, now: now, soon: soon, wait: wait)
        case .automatic(let bounds):
            let seconds = bounds.bounded(memory.learned ?? bounds.start)
            return next(after: seconds, .learned, jitter: seconds / 20, now: now, soon: soon, wait: wait)
        case .cron(let expression):
            let shift = rules.jitter * StableHash.fraction(name)
            return expression.next(after: cronStart(now).later(by: -shift)).map { time in
                let regular = time.later(by: shift)
                return wait.map { $0 > regular ? ($0, .fresh) : (regular, .cron) } ?? (max(regular, now), .cron)
            }
        }
    }

    private func next(
        after seconds: Double, _ reason: Reason, jitter: Double, now: Timestamp, soon: Timestamp, wait: Timestamp?
    ) -> (time: Timestamp, reason: Reason) {
        guard let last = memory.lastStart.map({ min($0, now) }) else { return (soon, .overdue) }
        let shift = jitter * (StableHash.fraction(name, last.seconds) - 0.5)
        let regular = last.later(by: max(seconds + shift, 0.05))
        let due = max(regular, wait ?? regular, regular <= now ? soon : regular)
        let allowed = memory.quiet.end(from: due)
        // All who were quiet in the same hour must not come at its end together.
        guard allowed == due else {
            return (allowed.later(by: min(seconds, 600) * StableHash.fraction(name)), .quiet)
        }
        if let wait, wait == due, wait > regular { return (due, .fresh) }
        return (due, regular <= now ? .overdue : reason)
    }

    /// A clock that is corrected by some seconds must not run the same time twice; a last run further ahead than that
    /// is of a clock that was set back.
    private func cronStart(_ now: Timestamp) -> Timestamp {
        guard let last = memory.lastStart, last > now, last <= now.later(by: 60) else { return now }
        return last
    }
}

extension Timestamp {
    /// This moment plus seconds, however many; at most some three hundred years.
    func later(by seconds: Double) -> Timestamp {
        let bounded = seconds.isNaN ? 0 : min(max(seconds, -1e10), 1e10)
        return Timestamp(milliseconds: milliseconds &+ Int64((bounded * 1000).rounded()))
    }
}
