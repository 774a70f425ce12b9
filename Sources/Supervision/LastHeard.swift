import Synchronization

/// When a plugin last sent anything, and when we last sent a ping that waits for an answer.
public final class LastHeard: Sendable {
    private let clock = ContinuousClock()
    private let moment: Mutex<ContinuousClock.Instant>

    init() { moment = Mutex(ContinuousClock().now) }

    func touch() {
        let now = clock.now
        moment.withLock { $0 = now }
    }

    /// Time since anything came.
    public var silence: Duration { moment.withLock { clock.now - $0 } }
}
