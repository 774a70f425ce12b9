import Synchronization

/// Tells one reader when there is more to read, so seldom that those who write don't feel it.
///
/// A log syncs thousands of times a second. A reader that wakes each time takes a processor from the writers as often, to read
/// a few records. So the first news after a quiet time comes at once, and what follows comes at most every ``pause``: the
/// reader then takes all of it in one go.
///
///     let follower = LogFollower(log)
///     repeat { while try reader.nextBatch(take) {} } while await follower.news()
public final class LogFollower: Sendable {
    /// How long a record that comes in the midst of others may wait for its reader.
    public static let pause = Duration.milliseconds(10)

    private let log: WriteAheadLog
    private let bell = Bell()
    private let observer: Int
    private let pause: Duration

    /// Follows `log` until ``end()`` or until it is let go of.
    public init(_ log: WriteAheadLog, pause: Duration = LogFollower.pause) {
        self.log = log
        self.pause = pause
        observer = log.addObserver { [bell] in bell.ring() }
    }

    deinit { log.removeObserver(observer) }

    /// Waits until more has become durable, or somebody rang, since this was last called. One task at a time may wait.
    ///
    /// - Returns: false after ``end()``, or when the task is cancelled.
    public func news() async -> Bool {
        guard await bell.wait() else { return false }
        if let last = bell.last, .now < last + pause {
            do { try await Task.sleep(until: last + pause, tolerance: pause / 10) } catch { return false }
        }
        // What comes from now on is news again: it may come too late for what the reader is about to do.
        return bell.answer()
    }

    /// Lets the reader go on as if there were news, for something else that it looks after.
    public func ring() { bell.ring() }

    /// Ends all waiting.
    public func end() { bell.end() }
}

/// Rings once, however often it is rung before somebody answers.
private final class Bell: Sendable {
    private struct State {
        var isRung = false
        var hasEnded = false
        var last: ContinuousClock.Instant?
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// When it was last answered.
    var last: ContinuousClock.Instant? { state.withLock { $0.last } }

    func ring() {
        let waiter = state.withLock { state in
            state.isRung = true
            return state.waiter.take()
        }
        waiter?.resume()
    }

    func end() {
        let waiter = state.withLock { state in
            state.hasEnded = true
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// Notes that somebody looks now; false at the end.
    func answer() -> Bool {
        state.withLock { state in
            state.isRung = false
            state.last = .now
            return !state.hasEnded
        }
    }

    /// Returns once it was rung; false at the end, or when the task is cancelled.
    func wait() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    // Read under the lock: a cancellation that comes later finds the waiter there.
                    if state.isRung || state.hasEnded || Task.isCancelled { return false }
                    state.waiter = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiter.take() }?.resume()
        }
        return !Task.isCancelled && state.withLock { !$0.hasEnded }
    }
}
