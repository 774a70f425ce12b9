import Configuration
import Document
import Synchronization
import WriteAheadLog

/// Lets the log's old segments go when all sinks have them, and says so when some have not.
final class Retention: Sendable {
    private let log: WriteAheadLog
    private let committer: Committer
    private let sinks: SinkSet
    private let configuration: ConfigurationInForce
    private let daemonLog: DaemonLog
    private let state = Mutex(State())

    private struct State {
        var dropped: UInt64 = 0
        var holdup: String?
    }

    init(
        log: WriteAheadLog, committer: Committer, sinks: SinkSet, configuration: ConfigurationInForce,
        daemonLog: DaemonLog
    ) {
        self.log = log
        self.committer = committer
        self.sinks = sinks
        self.configuration = configuration
        self.daemonLog = daemonLog
    }

    /// Positions that went before a sink had them, since the start.
    var dropped: UInt64 { state.withLock { $0.dropped } }

    /// Who keeps a log that has its maximum size from going on, in words; nil where nobody does.
    var holdup: String? { state.withLock { $0.holdup } }

    /// Looks now and then, and more often while the log is full.
    func run() async {
        var lastFailure = ""
        var lastState = LogStatistics.State.open
        while !Task.isCancelled {
            do {
                // What is let go at once may not be all that must go.
                while try await trim() {}
                lastFailure = ""
            } catch {
                // The same again and again helps nobody.
                if "\(error)" != lastFailure { daemonLog.error("the log can't be trimmed: \(error)") }
                lastFailure = "\(error)"
            }
            let current = log.statistics.state
            if current != lastState { tell(of: current, after: lastState) }
            lastState = current
            let isBounded = await configuration.current.configuration.log.maximumSize != nil
            try? await Task.sleep(for: .seconds(isBounded || current != .open ? 1 : 5), tolerance: .milliseconds(500))
        }
    }

    private func tell(of current: LogStatistics.State, after last: LogStatistics.State) {
        switch (current, last) {
        case (.full, .full): break
        case (.full(let reason), _):
            daemonLog.warning("the log is full, nothing more is taken: \(reason)" + (holdup.map { "; \($0)" } ?? ""))
        case (.open, .full): daemonLog.notice("the log has room again")
        default: break
        }
    }

    /// Lets go what may go; returns whether the log is at its maximum size and some of it has gone.
    private func trim() async throws -> Bool {
        let current = await configuration.current.configuration
        let settings = current.log
        log.setMaximumSize(settings.maximumSize.map { Int($0) })
        state.withLock { $0.holdup = nil }
        guard settings.keepFor != nil || settings.keepSize != nil || settings.maximumSize != nil else { return false }
        var reached: [(sink: String, position: UInt64)] = []
        for sink in current.sinks {
            let cursor = try await committer.read { try $0.cursor(of: sink.name).position }
            reached.append((sink.name, max(cursor, sinks[sink.name]?.status.cursor.position ?? 0)))
        }
        let delivered = reached.map(\.position).min() ?? UInt64.max - 1
        let snapshotBytes = log.statistics.snapshotBytes
        let segments = log.segmentList
        let excess = log.excess
        // Writing the snapshot costs its size, so at the maximum a little more goes than must.
        let more = min(snapshotBytes / 2, Int(settings.maximumSize ?? 0) / 8)
        let plan = RetentionPlan(
            segments: segments, begun: { self.log.begun(segment: segments[$0].first) },
            excess: excess > 0 ? excess + more : 0, delivered: delivered, settings: settings,
            now: Timestamp.now.milliseconds)
        var freed = 0
        for (place, segment) in segments.dropLast().enumerated() where segments[place + 1].first <= plan.below {
            freed += segment.bytes
        }
        if excess > 0, freed == 0 { noteHoldup(reached, segments.count > 1 ? segments[1].first : nil) }
        guard freed > 0, excess > 0 || freed >= snapshotBytes / 2 else { return false }
        if log.snapshotPosition + 1 < plan.below { try await committer.writeSnapshot() }
        try await announce(plan.below, reached)
        let before = log.first
        try log.trim(below: plan.below)
        let first = log.first
        guard first > before else { return false }
        try await committer.forgetPlaces(before: first)
        daemonLog.info("the log begins at position \(first) now; \(before) to \(first - 1) are trimmed")
        if delivered + 1 < first { state.withLock { $0.dropped += first - max(delivered + 1, before) } }
        return excess > 0
    }

    /// - Parameter next: where the second segment begins, which all sinks must have reached before the first one can go.
    private func noteHoldup(_ reached: [(sink: String, position: UInt64)], _ next: UInt64?) {
        let behind = reached.filter { $0.position + 1 < next ?? 0 }
        let words =
            behind.isEmpty
            ? "raise max_size in [log]"
            : behind.map { "sink \($0.sink) has only what is up to position \($0.position)" }.joined(separator: ", ")
                + "; let it catch up, take it out of the configuration, or raise max_size in [log]"
        state.withLock { $0.holdup = words }
    }

    /// Says what goes for good, before it does.
    private func announce(_ below: UInt64, _ reached: [(sink: String, position: UInt64)]) async throws {
        guard let next = log.segmentList.last(where: { $0.first <= below })?.first, next > log.first else { return }
        for sink in reached where sink.position + 1 < next {
            daemonLog.error(
                "the log has its maximum size: positions \(max(sink.position + 1, log.first)) to \(next - 1) are dropped, sink "
                    + "\(sink.sink) never had them")
        }
        let first = log.first
        let letters = try await committer.read { try $0.deadLetters(source: nil, before: next, limit: Self.letters) }
        let trimmed = letters.map(\.position).filter { $0 >= first }.sorted()
        if let oldest = trimmed.first, let newest = trimmed.last {
            daemonLog.warning(
                "\(trimmed.count) dead letters, at positions \(oldest) to \(newest), are trimmed: what they say stays known, "
                    + "the bytes that they kept go")
        }
    }

    /// Dead letters that are counted at the most.
    private static let letters = 100_000
}
