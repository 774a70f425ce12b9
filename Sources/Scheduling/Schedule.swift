/// When a source runs by itself.
public enum Schedule: Sendable, Equatable {
    /// Seconds from the start of one run to the start of the next.
    case interval(Double)
    /// From the start of one run to the start of the next, as long as the source's changes suggest.
    case automatic(LearnedInterval)
    /// At the times of a cron expression.
    case cron(CronExpression)
    /// Once after each start of the daemon, or as often as it asks for; for what ends by itself.
    case once
    /// Always; begun again as soon as it ends.
    case watch
    /// Never, only when somebody asks for it.
    case onDemand
}
