@testable import Scheduling

extension RunPlan {
    /// A plan with rules of its own.
    init(
        name: String, schedule: Schedule, jitter: Double? = nil, backoff: Backoff = Backoff(first: 5, longest: 3600),
        memory: Memory = Memory()
    ) {
        self.init(
            name: name, rules: Rules(schedule: schedule, jitter: jitter, backoff: backoff), memory: memory)
    }
}
