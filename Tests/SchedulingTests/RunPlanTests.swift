import Document
import TestSupport
import Testing

@testable import Scheduling

@Suite struct RunPlanTests {
    private let start = Timestamp(seconds: 1_800_000_000)
    private var numbers = SeededGenerator(seed: 3)

    private func at(_ seconds: Double) -> Timestamp { start.later(by: seconds) }

    @Test func anIntervalCountsFromTheStartOfTheLastRun() throws {
        var plan = RunPlan(name: "news", schedule: .interval(900), jitter: 0)
        #expect(plan.due(now: start) == start)
        plan.started(at: start)
        plan.succeeded(at: at(100))
        #expect(plan.due(now: at(100)) == at(900))
        // What fell due while nothing ran, runs once and at once.
        #expect(plan.due(now: at(5000)) == at(5000))
    }

    @Test("What watches goes on at once, also after a restart; a failure or a plain end brings the schedule back")
    func watching() throws {
        var plan = RunPlan(name: "news", schedule: .interval(86_400), jitter: 0)
        plan.started(at: start)
        plan.watches(at: at(1))
        let restarted = RunPlan(name: "news", rules: plan.rules, memory: plan.memory)
        #expect(restarted.nextRun(now: at(50))?.reason == .watch && restarted.due(now: at(50)) == at(50))
        plan.succeeded(at: at(100), again: true)
        #expect(plan.due(now: at(100)) == at(100))
        plan.started(at: at(100))
        plan.succeeded(at: at(100), again: true)
        // One that ends at once all the time has a pause.
        #expect(plan.due(now: at(100)) == at(100.1))
        plan.succeeded(at: at(101))
        #expect(plan.due(now: at(101)) == at(86_500))
        plan.watches(at: at(102))
        var numbers = numbers
        plan.failed(at: at(103), using: &numbers)
        #expect(plan.nextRun(now: at(103))?.reason == .failure)
        // What was begun only to be ended has still to be done; a failure before it has its wait all the same.
        plan.wasCutShort()
        #expect(plan.nextRun(now: at(104))?.reason == .failure)
        plan.succeeded(at: at(105))
        plan.wasCutShort()
        #expect(plan.due(now: at(106)) == at(106))
        // Standard input that has ended never begins again.
        var once = RunPlan(name: "in", schedule: .once)
        once.started(at: start)
        once.watches(at: start)
        #expect(once.due(now: at(5)) == nil)
    }

    @Test func jitterStaysInItsBounds() throws {
        for run in 0..<500 {
            var plan = RunPlan(name: "news", schedule: .interval(900), jitter: 60)
            plan.started(at: at(Double(run) * 900))
            let due = try #require(plan.due(now: at(Double(run) * 900)))
            #expect(due >= at(Double(run) * 900 + 870) && due <= at(Double(run) * 900 + 930))
        }
        #expect(RunPlan(name: "x", schedule: .interval(10), jitter: 1000).rules.jitter == 10)
    }

    @Test func manySourcesSpreadAndStayWhereTheyAre() throws {
        var buckets = [Int](repeating: 0, count: 10)
        for number in 0..<10_000 {
            let plan = RunPlan(name: "source-\(number)", schedule: .interval(900))
            let due = try #require(plan.due(now: start, spread: 100))
            #expect(due == plan.due(now: start, spread: 100) && due >= start && due < at(100))
            buckets[Int((due.seconds - start.seconds) / 10)] += 1
        }
        #expect(buckets.allSatisfy { (800...1200).contains($0) })
    }

    @Test func failuresWaitLongerAndLonger() throws {
        var numbers = numbers
        var plan = RunPlan(name: "x", schedule: .interval(60), jitter: 0, backoff: Backoff(first: 4, longest: 100))
        for (failure, most) in [4.0, 8, 16, 32, 64, 100, 100, 100].enumerated() {
            plan.started(at: start)
            plan.failed(at: start, using: &numbers)
            #expect(plan.memory.failures == failure + 1)
            let due = try #require(plan.due(now: start))
            #expect(due >= at(most / 2 - 0.001) && due <= at(most + 0.001))
        }
        plan.failed(at: start, retryAfter: 5000, using: &numbers)
        #expect(plan.due(now: start) == at(5000))
        plan.started(at: at(5000))
        plan.succeeded(at: at(5001))
        #expect(plan.memory.failures == 0 && plan.due(now: at(5001)) == at(5060))
    }

    @Test func endlessWaitsAndFailuresDoNotTrap() {
        var numbers = numbers
        var plan = RunPlan(name: "x", schedule: .interval(60), memory: .init(failures: .max))
        for seconds in [Double.infinity, .nan, -5, 1e300] {
            plan.failed(at: start, retryAfter: seconds, using: &numbers)
            #expect(plan.due(now: start) != nil)
        }
        #expect(RunPlan.Memory(failures: -5).failures == 0)
    }

    @Test func theSourceMayAskToBeLeftAlone() {
        var plan = RunPlan(name: "x", schedule: .interval(60), jitter: 0)
        plan.started(at: start)
        plan.succeeded(at: at(1), next: 3600)
        #expect(plan.due(now: at(1)) == at(3601))
    }

    @Test func theReasonForTheTimeIsKnown() {
        var numbers = numbers
        var plan = RunPlan(name: "x", schedule: .interval(60), jitter: 0)
        #expect(plan.nextRun(now: start)?.reason == .overdue)
        plan.started(at: start)
        plan.succeeded(at: at(1))
        #expect(plan.nextRun(now: at(1))?.reason == .interval && plan.nextRun(now: at(100))?.reason == .overdue)
        plan.succeeded(at: at(1), next: 3600)
        #expect(plan.nextRun(now: at(1))?.reason == .fresh)
        plan.succeeded(at: at(1), quiet: QuietTimes(hours: 0..<23))
        #expect(plan.nextRun(now: at(1))?.reason == .quiet)
        plan.postponed(at: at(2), by: 5, using: &numbers)
        #expect(plan.nextRun(now: at(2))?.reason == .postponed)
        plan.started(at: at(9))
        plan.failed(at: at(9), using: &numbers)
        #expect(plan.nextRun(now: at(9))?.reason == .failure)
        plan.isGone(at: at(10))
        #expect(plan.nextRun(now: at(10)) == nil)
        let learned = RunPlan(
            name: "x", schedule: .automatic(LearnedInterval(shortest: 60, longest: 600)),
            memory: .init(lastStart: start, learned: 100))
        #expect(learned.nextRun(now: at(1))?.reason == .learned)
    }

    @Test func aClockSetBackDoesNotStall() throws {
        let memory = RunPlan.Memory(lastStart: at(1_000_000), notBefore: at(1e9))
        let plan = RunPlan(name: "x", schedule: .interval(60), jitter: 0, memory: memory)
        #expect(plan.due(now: start) == at(60))
    }

    @Test func cronDoesNotMakeUpForWhatWasMissed() throws {
        let daily = try CronExpression(fields: "0 6 * * *", timeZone: .utc)
        let now = try #require(Timestamp(rfc3339: "2026-11-24T12:00:00Z"))
        let plan = RunPlan(name: "x", schedule: .cron(daily), memory: .init(lastStart: start))
        #expect(plan.due(now: now) == Timestamp(rfc3339: "2026-11-25T06:00:00Z"))
    }

    @Test func cronWithJitterRunsEachTimeOnce() throws {
        let daily = try CronExpression(fields: "0 6 * * *", timeZone: .utc)
        var plan = RunPlan(name: "x", schedule: .cron(daily), jitter: 600)
        let first = try #require(plan.due(now: start))
        // Asked again between the time itself and the run, for example after a reload.
        let time = try #require(daily.next(after: start))
        #expect(first > time && plan.due(now: time) == first && plan.due(now: first.later(by: -0.001)) == first)
        plan.started(at: first)
        #expect(plan.due(now: first) == first.later(by: 86_400))
        // The clock is corrected by a few seconds after the start.
        #expect(plan.due(now: first.later(by: -3)) == first.later(by: 86_400))
    }

    @Test func whatWasPutOffIsMadeUpForAndIsNoFailure() throws {
        var numbers = numbers
        for schedule in [Schedule.interval(86_400), .interval(1)] {
            var plan = RunPlan(name: "x", schedule: schedule)
            plan.started(at: start)
            plan.postponed(at: start, by: 600, using: &numbers)
            #expect(plan.memory.failures == 0)
            let due = try #require(plan.due(now: start))
            #expect(due >= at(600) && due <= at(660))
            #expect(RunPlan(name: "x", schedule: schedule, memory: plan.memory).due(now: start) == due)
            plan.started(at: due)
            plan.succeeded(at: due)
            #expect(!plan.memory.isPostponed)
        }
    }

    /// A plugin may say any number; one beyond all reason must not let its source run without a pause.
    @Test(arguments: [1e8, 1e12, 1e300, .infinity])
    func aWaitBeyondAllReasonIsHalfAYear(_ wait: Double) throws {
        var numbers = numbers
        for end in ["failed", "postponed", "succeeded"] {
            var plan = RunPlan(name: "x", schedule: .interval(60))
            plan.started(at: start)
            switch end {
            case "failed": plan.failed(at: start, retryAfter: wait, using: &numbers)
            case "postponed": plan.postponed(at: start, by: wait, using: &numbers)
            default: plan.succeeded(at: start, next: wait)
            }
            let due = try #require(plan.due(now: start))
            #expect(due == at(183 * 86_400), "\(end)")
        }
    }

    @Test func whatIsGoneRunsOnlyWhenAskedTo() {
        var plan = RunPlan(name: "x", schedule: .interval(60))
        plan.started(at: start)
        plan.isGone(at: start)
        #expect(plan.due(now: at(1e8)) == nil)
        #expect(RunPlan(name: "x", schedule: .interval(60), memory: plan.memory).due(now: at(1e8)) == nil)
        plan.started(at: at(100))
        plan.succeeded(at: at(101))
        #expect(plan.due(now: at(101)) != nil && plan.memory.failures == 0)
    }

    @Test func others() {
        var numbers = numbers
        var demand = RunPlan(name: "x", schedule: .onDemand)
        #expect(demand.due(now: start) == nil)
        demand.started(at: start)
        demand.failed(at: start, using: &numbers)
        #expect(demand.due(now: start) == nil)
        var once = RunPlan(name: "x", schedule: .once)
        #expect(once.due(now: start) == start)
        once.started(at: start)
        once.succeeded(at: start)
        #expect(once.due(now: at(10)) == nil)
        once.succeeded(at: start, next: 30)
        #expect(once.due(now: at(10)) == at(30))
        var watch = RunPlan(name: "x", schedule: .watch)
        watch.started(at: start)
        watch.succeeded(at: start)
        #expect(watch.due(now: start) == at(5))
    }

    @Test func backoffIsTheSameForTheSameNumbers() {
        var (left, right) = (SeededGenerator(seed: 9), SeededGenerator(seed: 9))
        let backoff = Backoff(first: 1, longest: 60)
        for failures in [-1, 0, 1, 5, 100, Int.max] {
            let wait = backoff.wait(afterFailures: failures, using: &left)
            #expect(wait == backoff.wait(afterFailures: failures, using: &right) && wait >= 0.5 && wait <= 60)
        }
    }
}
