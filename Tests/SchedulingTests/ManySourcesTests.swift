import Document
import TestSupport
import Testing

@testable import Scheduling

/// Many sources on a clock that the test moves, run as the daemon runs them.
@Suite struct ManySourcesTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    /// What the daemon's keeper does with plans, a queue and a watch over the clock; a run takes no time.
    private struct Machine {
        var plans: [String: RunPlan] = [:]
        var queue = DueQueue()
        var wall: Timestamp
        var steady = Duration.zero
        var watch: ClockWatch
        var numbers = SeededGenerator(seed: 11)
        /// Moments at which each source ran.
        var runs: [(name: String, time: Timestamp)] = []
        /// What every run comes to.
        var fails = false

        init(_ count: Int, _ schedule: Schedule, at wall: Timestamp, memories: [String: RunPlan.Memory] = [:]) {
            self.wall = wall
            watch = ClockWatch(wall: wall, steady: .zero)
            for number in 0..<count {
                let name = "source-\(number)"
                let plan = RunPlan(name: name, schedule: schedule, memory: memories[name] ?? .init())
                plans[name] = plan
                queue.set(name, at: plan.due(now: wall, spread: Spread.seconds(for: count)))
            }
        }

        /// Lets seconds go by.
        mutating func pass(_ seconds: Double) {
            for _ in 0..<Int(seconds * 10) {
                wall = wall.later(by: 0.1)
                steady += .milliseconds(100)
                turn()
            }
        }

        /// Sets the clock; sleep is the same thing.
        mutating func set(by seconds: Double) {
            wall = wall.later(by: seconds)
            turn()
        }

        private mutating func turn() {
            if watch.jump(wall: wall, steady: steady) != nil {
                for (name, plan) in plans {
                    queue.set(name, at: plan.due(now: wall, spread: Spread.seconds(for: plans.count)))
                }
            }
            while let name = queue.popDue(by: wall), var plan = plans[name] {
                plan.started(at: wall)
                if fails { plan.failed(at: wall, using: &numbers) } else { plan.succeeded(at: wall) }
                runs.append((name, wall))
                plans[name] = plan
                queue.set(name, at: plan.due(now: wall))
            }
        }

        /// The most runs in any one second.
        func mostInOneSecond() -> Int {
            Dictionary(grouping: runs) { $0.time.seconds }.values.map(\.count).max() ?? 0
        }
    }

    @Test func newSourcesAndThoseThatComeAgainAreSpread() {
        var machine = Machine(3000, .interval(600), at: Self.start)
        machine.pass(61)
        #expect(Set(machine.runs.map(\.name)).count == 3000 && machine.mostInOneSecond() <= 100)
        // Three more runs of each, whatever their jitter.
        machine.pass(1920)
        #expect(machine.runs.count == 12_000 && machine.mostInOneSecond() <= 100)
    }

    @Test func afterARestartEachRunsAtItsTime() throws {
        var machine = Machine(500, .interval(600), at: Self.start)
        machine.pass(900)
        let due = machine.plans.keys.reduce(into: [:]) { $0[$1] = machine.queue[$1] }
        let again = Machine(
            500, .interval(600), at: machine.wall.later(by: 2), memories: machine.plans.mapValues(\.memory))
        for (name, time) in due where time > again.wall { #expect(again.queue[name] == time) }
    }

    @Test(arguments: [false, true]) func whatFellDueWhileNothingRanIsSpread(fails: Bool) {
        var machine = Machine(3000, .interval(600), at: Self.start)
        machine.fails = fails
        machine.pass(700)
        var again = Machine(
            3000, .interval(600), at: machine.wall.later(by: 86_400), memories: machine.plans.mapValues(\.memory))
        again.pass(61)
        #expect(Set(again.runs.map(\.name)).count == 3000 && again.mostInOneSecond() <= 100)
    }

    @Test(arguments: [7.0, 3600.0, 31_536_000.0]) func aClockThatJumpsForwardStartsNoStampede(seconds: Double) {
        var machine = Machine(3000, .interval(600), at: Self.start)
        machine.pass(700)
        machine.runs = []
        machine.set(by: seconds)
        machine.pass(120)
        #expect(machine.mostInOneSecond() <= 100)
        if seconds > 600 { #expect(Set(machine.runs.map(\.name)).count == 3000) }
    }

    @Test(arguments: [7.0, 3600.0, 31_536_000.0]) func aClockThatIsSetBackStallsNothing(seconds: Double) {
        var machine = Machine(300, .interval(600), at: Self.start)
        machine.pass(700)
        machine.runs = []
        machine.set(by: -seconds)
        machine.pass(700)
        #expect(Set(machine.runs.map(\.name)).count == 300)
        #expect(machine.runs.count < 700 && machine.mostInOneSecond() <= 100)
    }

    @Test func whatSleptThroughACronTimeWaitsForTheNext() throws {
        let daily = try CronExpression(fields: "0 6 * * *", timeZone: .utc)
        let evening = try #require(Timestamp(rfc3339: "2026-11-24T20:00:00Z"))
        var machine = Machine(20, .cron(daily), at: evening)
        machine.set(by: 12 * 3600)
        machine.pass(60)
        #expect(machine.runs.isEmpty)
        machine.set(by: 22 * 3600 - 61)
        machine.pass(2)
        #expect(machine.runs.count == 20)
    }

    @Test func smallCorrectionsAreNoJump() {
        var watch = ClockWatch(wall: Self.start, steady: .seconds(5))
        #expect(watch.jump(wall: Self.start.later(by: 60.9), steady: .seconds(65)) == nil)
        #expect(watch.jump(wall: Self.start.later(by: 56), steady: .seconds(65)) == nil)
        #expect(watch.jump(wall: Self.start.later(by: 62), steady: .seconds(66)) == nil)
        #expect(watch.jump(wall: Self.start.later(by: 69), steady: .seconds(67)) == 6000)
        #expect(watch.jump(wall: Self.start.later(by: 10), steady: .seconds(68)) == -60_000)
        #expect(watch.jump(wall: .init(milliseconds: .max), steady: .seconds(Int64.max)) != nil)
    }
}
