import Synchronization

/// Lets tasks pass one after the other in the order of their numbers, whenever they come.
final class Turns: Sendable {
    private struct State {
        var next: Int64 = 1
        var isAbandoned = false
        var waiting: [Int64: CheckedContinuation<Bool, Never>] = [:]
    }
    private let state = Mutex(State())

    /// Returns when all numbers before this one have passed; false when one of them was given up.
    func wait(for number: Int64) async -> Bool {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Bool? in
                if state.isAbandoned { return false }
                if state.next >= number { return true }
                state.waiting[number] = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Lets nobody pass any more.
    func abandon() {
        let waiting = state.withLock { state in
            state.isAbandoned = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(returning: false) }
    }

    /// Lets the number after this one pass.
    func pass(_ number: Int64) {
        let ready = state.withLock { state in
            state.next = number + 1
            return state.waiting.removeValue(forKey: state.next)
        }
        ready?.resume(returning: true)
    }
}
