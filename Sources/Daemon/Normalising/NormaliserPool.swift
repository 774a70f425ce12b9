import Document
import NIOCore
import PluginProtocol
import Supervision
import Synchronization

/// The normalisers: several processes that take items from one queue.
///
/// An item that brings a process down goes to another one once more; the second time it becomes a dead letter.
final class NormaliserPool: Sendable {
    private struct Waiting: Sendable {
        var item: Item
        var continuation: CheckedContinuation<NormalisedItem?, Never>
    }

    private let timeout: Duration
    private let group: any EventLoopGroup
    private let queue = AsyncQueue<Waiting>()
    private let lastJob = Atomic<Int64>(0)
    private static let maximumAttempts = 2

    init(timeout: Duration, group: any EventLoopGroup) {
        self.timeout = timeout
        self.group = group
    }

    /// Items that wait for a normaliser.
    var backlog: Int { queue.count }

    /// Turns an item into documents; always ends, whatever the item does to its normaliser. Nil when the daemon stops.
    func normalise(_ item: Item) async -> NormalisedItem? {
        await withCheckedContinuation { continuation in
            if !queue.push(Waiting(item: item, continuation: continuation)) { continuation.resume(returning: nil) }
        }
    }

    /// Serves one process until it or the pool ends.
    func serve(_ connection: PluginConnection, _ frames: inout PluginFrames) async throws {
        while let waiting = await queue.pop() {
            // An item must not be blamed for a process that went down before it came.
            if connection.hasEnded {
                if !queue.pushFront(waiting) { waiting.continuation.resume(returning: nil) }
                throw PluginEnded()
            }
            let job = lastJob.add(1, ordering: .relaxed).newValue
            // A timer of the event loop: a task that sleeps would cost more than most items do.
            let timer = group.next().scheduleTask(in: .init(timeout)) { [timeout] in
                connection.kill(because: "took longer than \(timeout) over '\(waiting.item.description.uri)'")
            }
            defer { timer.cancel() }
            do {
                let request = NormaliseRequest(
                    job: job, source: waiting.item.source, item: waiting.item.description,
                    settings: waiting.item.settings)
                try await connection.send(.normalise(request), body: waiting.item.body)
                waiting.continuation.resume(returning: try await answer(to: job, &frames))
            } catch let ended as PluginEnded where ended.reason == nil {
                retry(waiting, because: await connection.endAndTell())
                throw ended
            } catch {
                retry(waiting, because: "\(error)")
                throw error
            }
        }
        try Task.checkCancellation()
    }

    private func answer(to job: Int64, _ frames: inout PluginFrames) async throws -> NormalisedItem {
        while true {
            let frame = try await frames.next()
            switch try PluginMessage(frame) {
            case .documents(let documents) where documents.job == job:
                return .documents(documents, body: frame.body)
            case .failed(let failed) where failed.job == job:
                let remedy = failed.remedy.map { "; \($0)" } ?? ""
                return .deadLetter(reason: failed.message + remedy, attempts: 1)
            case .log, .pong: continue
            default: throw ProtocolError("sent '\(frame.type)' where the documents of job \(job) are expected")
            }
        }
    }

    private func retry(_ waiting: Waiting, because reason: String) {
        var waiting = waiting
        waiting.item.attempts += 1
        let attempts = waiting.item.attempts
        if attempts < Self.maximumAttempts, queue.pushFront(waiting) { return }
        guard attempts >= Self.maximumAttempts else { return waiting.continuation.resume(returning: nil) }
        waiting.continuation.resume(
            returning: .deadLetter(
                reason: "it brought the normaliser down \(attempts) times; the last time the normaliser \(reason)",
                attempts: attempts))
    }

    /// Answers everybody who waits; items that were not normalised come again after the next start.
    func stop() {
        for waiting in queue.close() { waiting.continuation.resume(returning: nil) }
    }
}
