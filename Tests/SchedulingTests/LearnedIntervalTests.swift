import Document
import TestSupport
import Testing

@testable import Scheduling

@Suite struct LearnedIntervalTests {
    private let start = Timestamp(seconds: 1_800_000_000)
    private let bounds = LearnedInterval(shortest: 300, longest: 86_400)

    /// Visits a source whose changes come at random, and returns the mean of the intervals once it has learned.
    private func learn(changesEvery mean: Double, runs: Int = 600, seed: UInt64) -> Double {
        var numbers = SeededGenerator(seed: seed)
        var plan = RunPlan(name: "x", schedule: .automatic(bounds))
        var now = start
        var nextChange = now
        var sum = 0.0
        for run in 0..<runs {
            guard let due = plan.due(now: now) else { return 0 }
            now = due
            plan.started(at: now)
            var changes = 0
            while nextChange <= now {
                changes += 1
                nextChange = nextChange.later(by: -mean * Double.random(in: 1e-9..<1, using: &numbers).logarithm)
            }
            plan.succeeded(at: now, changes: changes)
            if run >= runs / 2 { sum += plan.memory.learned ?? 0 }
        }
        return sum / Double(runs - runs / 2)
    }

    @Test(arguments: [1200.0, 3600, 14_400, 43_200])
    func everySecondVisitFindsSomething(mean: Double) {
        // With changes by Poisson's law that is at ln 2 of their mean distance; several at once pull it below.
        let interval = learn(changesEvery: mean, seed: UInt64(mean))
        #expect(interval > mean * 0.35 && interval < mean * 0.9, "\(interval)")
    }

    @Test func itStaysInItsBounds() {
        #expect(learn(changesEvery: 1e9, seed: 1) == 86_400)
        #expect(learn(changesEvery: 1, runs: 100, seed: 1) == 300)
        let odd = LearnedInterval(shortest: 600, longest: 60)
        #expect(odd.start == 1800 || odd.start == 600)
        for elapsed in [-5, 0, Double.nan, .infinity, 1e300] {
            for changes in [-1, 0, 1, Int.max] {
                let next = bounds.next(after: .nan, elapsed: elapsed, changes: changes)
                #expect(next >= 300 && next <= 86_400)
            }
        }
    }

    @Test func theFirstRunTeachesNothingAndAHintMakesItBeginThere() {
        var plan = RunPlan(name: "x", schedule: .automatic(bounds))
        #expect(plan.due(now: start) == start)
        plan.started(at: start)
        plan.succeeded(at: start, changes: 50)
        #expect(plan.memory.learned == 1800)
        var hinted = RunPlan(name: "x", schedule: .automatic(bounds))
        hinted.started(at: start)
        hinted.succeeded(at: start, next: 7200, changes: 50)
        #expect(hinted.memory.learned == 7200)
    }

    @Test func aVisitThatCameEarlySaysLess() {
        #expect(bounds.next(after: 3600, elapsed: 0.001, changes: 0) < 3601)
        #expect(bounds.next(after: 3600, elapsed: 3600, changes: 0) > 5000)
        #expect(bounds.next(after: 3600, elapsed: 3600, changes: 1) < 2600)
        #expect(bounds.next(after: 3600, elapsed: 3_600_000, changes: 1) > 3500)
        #expect(bounds.next(after: 3600, elapsed: 3600, changes: 100) < 1300)
    }

    @Test func whatIsLearnedSurvivesARestart() throws {
        var plan = RunPlan(name: "x", schedule: .automatic(bounds))
        var now = start
        for _ in 0..<5 {
            now = try #require(plan.due(now: now))
            plan.started(at: now)
            plan.succeeded(at: now)
        }
        let again = RunPlan(name: "x", schedule: .automatic(bounds), memory: plan.memory)
        #expect(again.due(now: now) == plan.due(now: now))
        #expect(plan.memory.learned ?? 0 > 3600)
    }
}

@Suite struct QuietTimesTests {
    /// Friday, 2027-01-15 08:00 GMT.
    private let morning = Timestamp(seconds: 1_800_000_000)

    @Test func theNextHourThatIsNotQuiet() {
        func hours(_ quiet: QuietTimes, from moment: Timestamp) -> Double {
            Double(quiet.end(from: moment).milliseconds - moment.milliseconds) / 3_600_000
        }
        #expect(hours(QuietTimes(hours: [8, 9, 10]), from: morning) == 3)
        #expect(hours(QuietTimes(hours: [8, 9, 10]), from: morning.later(by: 1800)) == 2.5)
        #expect(hours(QuietTimes(hours: [7, 9]), from: morning) == 0)
        #expect(hours(QuietTimes(days: [5, 6]), from: morning) == 40)
        #expect(hours(QuietTimes(hours: [0, 1], days: [5, 6]), from: morning) == 42)
        #expect(hours(QuietTimes(hours: 0..<24), from: morning) == 0)
        #expect(hours(QuietTimes(days: 0..<7), from: morning) == 0)
        #expect(hours(QuietTimes(hours: [-1, 24, 1000], days: [7]), from: morning) == 0)
        #expect(hours(QuietTimes(hours: [8]), from: Timestamp(seconds: -100_000_000_000)) >= 0)
    }

    @Test func runsAreMovedOutOfThem() throws {
        var plan = RunPlan(name: "x", schedule: .interval(3600), jitter: 0)
        plan.started(at: morning)
        plan.succeeded(at: morning, quiet: QuietTimes(hours: [9, 10, 11]))
        let due = try #require(plan.due(now: morning))
        #expect(due >= morning.later(by: 4 * 3600) && due < morning.later(by: 4 * 3600 + 600))
        plan.succeeded(at: morning)
        #expect(plan.due(now: morning) == morning.later(by: 3600))
    }
}
