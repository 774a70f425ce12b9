import Configuration
import Document
import Supervision
import Synchronization
import WriteAheadLog

/// What the control socket's routes need of the daemon.
struct DaemonParts: Sendable {
    let log: WriteAheadLog
    let committer: Committer
    let keeper: SourceKeeper
    let intake: Intake
    let budget: ByteBudget
    let board: ProcessBoard
    let sinks: SinkSet
    let retention: Retention
    let configuration: ConfigurationInForce
    let lifecycle: Lifecycle
    let started: Timestamp
    let identifier: Int32
    let stateDirectory: String
    /// Reads the files again and applies the difference.
    let reload: @Sendable () async -> ControlAnswer
}

/// The configuration in force.
actor ConfigurationInForce {
    struct Loaded: Sendable {
        var configuration: Configuration
        var problems: [String]
        var loaded: Timestamp
    }
    private(set) var current: Loaded

    init(_ configuration: Configuration, problems: [String]) {
        current = Loaded(configuration: configuration, problems: problems, loaded: .now)
    }

    func replace(_ configuration: Configuration, problems: [String]) {
        current = Loaded(configuration: configuration, problems: problems, loaded: .now)
    }

    func note(problems: [String]) { current.problems = problems }
}

/// The sinks that run.
final class SinkSet: Sendable {
    private let runners = Mutex<[String: SinkRunner]>([:])

    var all: [SinkRunner] { runners.withLock { $0.values.sorted { $0.configuration.name < $1.configuration.name } } }

    subscript(name: String) -> SinkRunner? {
        get { runners.withLock { $0[name] } }
        set { runners.withLock { $0[name] = newValue } }
    }
}

/// Where the daemon is in its life.
final class Lifecycle: Sendable {
    enum Phase: String, Sendable { case starting, running, full, failed, stopping }

    private struct State {
        var phase = Phase.starting
        /// What those who follow along wait at.
        var followers: [ObjectIdentifier: LogFollower] = [:]
    }
    private let state = Mutex(State())

    func enter(_ new: Phase) { state.withLock { $0.phase = new } }

    /// The phase, with what the log and the index say.
    func state(_ statistics: LogStatistics, _ index: IndexHealth) -> Phase {
        let phase = state.withLock { $0.phase }
        guard phase == .running else { return phase }
        switch statistics.state {
        case .open, .closed: return index.isFull ? .full : .running
        case .full: return .full
        case .failed: return .failed
        }
    }

    /// Runs `body`, which follows the log until the daemon stops.
    func following<Result>(
        _ log: WriteAheadLog, _ body: (LogFollower) async throws -> Result
    ) async rethrows -> Result {
        let follower = LogFollower(log)
        state.withLock { state in
            if state.phase == .stopping { follower.end() }
            state.followers[ObjectIdentifier(follower)] = follower
        }
        defer { _ = state.withLock { $0.followers.removeValue(forKey: ObjectIdentifier(follower)) } }
        return try await body(follower)
    }

    /// Lets those who follow along come to a proper end; who takes longer than a second is cut off.
    func endFollowing() async {
        let followers = state.withLock { Array($0.followers.values) }
        for follower in followers { follower.end() }
        for _ in 0..<50 where state.withLock({ !$0.followers.isEmpty }) {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}
