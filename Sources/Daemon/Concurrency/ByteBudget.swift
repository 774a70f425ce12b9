import Synchronization

/// A bound on the bytes of items that are on their way through the daemon, all sources together.
///
/// It stops the reading from plugins, which is how memory stays bounded however many sources bring something at once.
final class ByteBudget: Sendable {
    private struct State {
        var used = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// Counts `bytes` that have come in.
    func take(_ bytes: Int) { state.withLock { $0.used += bytes } }

    /// Counts bytes that have gone.
    func give(_ bytes: Int) {
        let ready = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.used -= bytes
            guard state.used < limit else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in ready { continuation.resume() }
    }

    /// Returns once more may come in.
    func room() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.used < limit { return true }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }
}
