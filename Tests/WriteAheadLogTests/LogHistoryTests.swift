import Glibc
import LogSimulation
import Testing
import WriteAheadLog

/// Random lives of a log on a simulated disk; `SoakTests` has thousands in a release build, `make soak` 100,000.
@Suite struct LogHistoryTests {
    /// MILLRACE_SEED=N runs the history of one seed, MILLRACE_HISTORIES=N so many. Without them the same ones are run each
    /// time: finding new faults is for `make soak`.
    private static func variable(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }

    @Test func everyHistoryKeepsThePromises() throws {
        let single = Self.variable("MILLRACE_SEED")
        let first = single ?? 1
        let count = single == nil ? Self.variable("MILLRACE_HISTORIES") ?? 40 : 1
        for seed in first..<first + count {
            var history = LogHistory(seed: seed)
            do { try history.run() } catch {
                Issue.record("MILLRACE_SEED=\(seed): \(error)\n\(history.story.joined(separator: "\n"))")
                return
            }
        }
    }
}
