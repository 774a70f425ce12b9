import Synchronization

/// A queue that tasks wait at; many may push and many may pop.
///
/// `AsyncStream` has one consumer only and can't take an element back.
final class AsyncQueue<Element: Sendable>: Sendable {
    private struct Waiter {
        var number: Int
        var continuation: CheckedContinuation<Element?, Never>
    }

    private struct State {
        var elements: [Element] = []
        var head = 0
        var waiters: [Waiter] = []
        var nextNumber = 0
        var isClosed = false

        mutating func popElement() -> Element? {
            guard head < elements.count else { return nil }
            let element = elements[head]
            head += 1
            if head > 32, head * 2 > elements.count {
                elements.removeFirst(head)
                head = 0
            }
            return element
        }
    }

    private let state = Mutex(State())

    /// Elements that nobody has taken yet.
    var count: Int { state.withLock { $0.elements.count - $0.head } }

    /// Adds an element at the end; false when the queue is closed.
    @discardableResult
    func push(_ element: Element) -> Bool { add(element) { $0.elements.append(element) } }

    /// Puts an element back to the front; false when the queue is closed.
    @discardableResult
    func pushFront(_ element: Element) -> Bool { add(element) { $0.elements.insert(element, at: $0.head) } }

    private func add(_ element: Element, _ insert: (inout State) -> Void) -> Bool {
        let (isOpen, waiter) = state.withLock { state -> (Bool, Waiter?) in
            guard !state.isClosed else { return (false, nil) }
            guard state.waiters.isEmpty else { return (true, state.waiters.removeFirst()) }
            insert(&state)
            return (true, nil)
        }
        waiter?.continuation.resume(returning: element)
        return isOpen
    }

    /// Takes the first element, waiting for one; nil when the queue is closed or the task cancelled.
    func pop() async -> Element? {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Element?? in
                    if let element = state.popElement() { return .some(element) }
                    // Read under the lock: a cancellation that comes later finds the waiter there.
                    if state.isClosed || Task.isCancelled { return .some(nil) }
                    state.waiters.append(Waiter(number: number, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.number == number }) else { return nil }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(returning: nil)
        }
    }

    /// Ends all waiting; returns what nobody has taken.
    @discardableResult
    func close() -> [Element] {
        let (rest, waiters) = state.withLock { state in
            state.isClosed = true
            let rest = Array(state.elements[state.head...])
            state.elements = []
            state.head = 0
            let waiters = state.waiters
            state.waiters = []
            return (rest, waiters)
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
        return rest
    }
}
