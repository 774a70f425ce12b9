import NIOCore
import Supervision

/// All supervised processes of the daemon; they can be started and stopped one by one while it runs.
final class Fleet: Sendable {
    private struct Order: Sendable {
        var supervisor: Supervisor
        var session: Supervisor.Session
        var stop: AsyncQueue<Bool>
        var ended: AsyncQueue<Bool>
    }

    private let orders = AsyncQueue<Order>()

    /// A handle on one process.
    struct Member: Sendable {
        fileprivate let stopSignal: AsyncQueue<Bool>
        fileprivate let ended: AsyncQueue<Bool>

        /// Ends the process, without waiting for that.
        func end() { stopSignal.close() }

        /// Ends the process and waits until it is gone.
        func stop() async {
            stopSignal.close()
            _ = await ended.pop()
        }
    }

    /// Starts a process and keeps it running.
    func start(_ supervisor: Supervisor, session: @escaping Supervisor.Session) -> Member {
        let stop = AsyncQueue<Bool>()
        let ended = AsyncQueue<Bool>()
        if !orders.push(Order(supervisor: supervisor, session: session, stop: stop, ended: ended)) { ended.close() }
        return Member(stopSignal: stop, ended: ended)
    }

    /// Runs all processes until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { tasks in
            while let order = await orders.pop() {
                tasks.addTask {
                    await withTaskGroup(of: Void.self) { group in
                        group.addTask { await order.supervisor.run(session: order.session) }
                        group.addTask { _ = await order.stop.pop() }
                        await group.next()
                        group.cancelAll()
                    }
                    order.ended.close()
                }
            }
            for order in orders.close() { order.ended.close() }
            tasks.cancelAll()
        }
    }
}
