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
    private let droppedPositions = Mutex<UInt64>(0)

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
    var dropped: UInt64 { droppedPositions.withLock { $0 } }

    /// Looks now and then, more often while the log has its maximum size.
    func run() async {
        var lastFailure = ""
        while !Task.isCancelled {
            var isAtMaximum = false
            do {
                isAtMaximum = try await trim()
                lastFailure = ""
            } catch {
                // The same again and again helps nobody.
                if "\(error)" != lastFailure { daemonLog.error("the log can't be trimmed: \(error)") }
                lastFailure = "\(error)"
            }
            try? await Task.sleep(for: .seconds(isAtMaximum ? 1 : 10), tolerance: .seconds(1))
        }
    }

    /// Lets go what may go; returns whether the log is at its maximum size.
    private func trim() async throws -> Bool {
        let current = await configuration.current.configuration
        let settings = current.log
        guard settings.keepFor != nil || settings.keepSize != nil || settings.maximumSize != nil else { return false }
        var delivered = UInt64.max - 1
        var reached: [(sink: String, position: UInt64)] = []
        for sink in current.sinks {
            let cursor = try await committer.read { try $0.cursor(of: sink.name).position }
            let position = max(cursor, sinks[sink.name]?.status.cursor.position ?? 0)
            reached.append((sink.name, position))
            delivered = min(delivered, position)
        }
        let statistics = log.statistics
        let segments = log.segmentList
        let plan = RetentionPlan(
            segments: segments, begun: { self.log.begun(segment: segments[$0].first) },
            snapshotBytes: statistics.snapshotBytes, delivered: delivered, settings: settings,
            now: Timestamp.now.milliseconds)
        var freed = 0
        for (place, segment) in segments.dropLast().enumerated() where segments[place + 1].first <= plan.below {
            freed += segment.bytes
        }
        // Writing the snapshot costs its size, so it must be worth it.
        guard freed > 0, plan.isAtMaximum || freed >= statistics.snapshotBytes / 2 else { return plan.isAtMaximum }
        if log.snapshotPosition + 1 < plan.below { try await committer.writeSnapshot() }
        let before = log.first
        try log.trim(below: plan.below)
        let first = log.first
        guard first > before else { return plan.isAtMaximum }
        try await committer.forgetPlaces(before: first)
        daemonLog.info("the log begins at position \(first) now; \(before) to \(first - 1) are trimmed")
        for sink in reached where sink.position + 1 < first {
            daemonLog.error(
                "the log has its maximum size: positions up to \(first - 1) are dropped, sink \(sink.sink) had them to "
                    + "\(sink.position)")
        }
        if delivered + 1 < first { droppedPositions.withLock { $0 += first - max(delivered + 1, before) } }
        return plan.isAtMaximum
    }
}
