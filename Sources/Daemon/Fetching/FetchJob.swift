import Configuration
import JSON
import PluginProtocol
import Synchronization

/// What a plugin sends for one job.
enum JobEvent: Sendable {
    case item(FetchedItem, body: [UInt8])
    case rejected(RejectedItem)
    case checkpoint(Checkpoint)
    /// It has brought everything and waits for news.
    case watching(FetchReport)
    case ended(JobEnd)
}

/// How a job ended.
enum JobEnd: Sendable {
    case done(FinishedJob)
    case failed(FailedJob)
}

/// An open job as the session that talks to its plugin sees it.
final class FetchJob: Sendable {
    let number: Int64
    let source: SourceConfiguration
    let events = AsyncQueue<JobEvent>()

    private struct State {
        var lastItem: Int64 = 0
        var acknowledged: Int64 = 0
        var outstanding = 0
        var isWatching = false
        var lastSign = ContinuousClock.now
    }
    private let state = Mutex(State())

    init(number: Int64, source: SourceConfiguration) {
        self.number = number
        self.source = source
    }

    /// Checks an item against the protocol and notes it.
    func receive(item: Int64, bytes: Int) throws(ProtocolError) {
        let fault = state.withLock { state -> String? in
            state.lastSign = .now
            guard item == state.lastItem + 1 else {
                return "sent item \(item) of job \(number) after item \(state.lastItem)"
            }
            guard Int64(bytes) <= source.maximumItemSize else {
                return "sent an item of \(bytes) bytes; the source '\(source.name)' takes \(source.maximumItemSize)"
            }
            guard state.outstanding == 0 || state.outstanding + bytes <= Int(source.window + source.maximumItemSize)
            else {
                return "sent more than the window of \(source.window) bytes without waiting for an acknowledgement"
            }
            state.lastItem = item
            state.outstanding += bytes
            return nil
        }
        if let fault { throw ProtocolError(fault) }
    }

    /// Notes that an item has ended; true when it is the furthest one so far.
    func acknowledge(item: Int64, bytes: Int) -> Bool {
        state.withLock { state in
            state.outstanding -= bytes
            state.lastSign = .now
            guard item > state.acknowledged else { return false }
            state.acknowledged = item
            return true
        }
    }

    /// Notes that the plugin waits for news at the source.
    func watch() {
        state.withLock { state in
            state.isWatching = true
            state.lastSign = .now
        }
    }

    /// Notes that the plugin works at the job though it brings nothing.
    func showLife() { state.withLock { $0.lastSign = .now } }

    var isWatching: Bool { state.withLock { $0.isWatching } }

    /// Whether nothing has come for longer than the source allows, though nothing was owed to the plugin either.
    var isOverdue: Bool {
        state.withLock { state in
            !state.isWatching && state.outstanding == 0
                && ContinuousClock.now - state.lastSign > .seconds(source.timeout)
        }
    }
}
