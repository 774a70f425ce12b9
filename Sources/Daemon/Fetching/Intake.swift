import LogRecords
import Configuration
import Document
import JSON
import PluginProtocol
import WriteAheadLog

/// The way of items from a job, or from `ingest`, through a normaliser into the log.
struct Intake: Sendable {
    let pool: NormaliserPool
    let committer: Committer
    let log: WriteAheadLog
    let budget: ByteBudget

    /// What is told about an item that comes in and one that has ended.
    struct Observer: Sendable {
        var began: @Sendable () async -> Void
        /// Nil when it was given up because the daemon stops.
        var ended: @Sendable (Outcomes?) async -> Void
        /// The source has been read once and is watched from now on; or what is to be shown of that has changed.
        var watching: @Sendable (FetchReport) async -> Void
    }

    /// Takes what a job brings until it ends, and returns how it ended once all of it is durable.
    ///
    /// Items are normalised side by side and written in their order, so that a source's state never runs ahead.
    func drain(_ job: FetchJob, host: FetcherHost, observer: Observer) async -> JobEnd {
        let turns = Turns()
        var end = JobEnd.failed(FailedJob(job: job.number, kind: .transient, message: "the daemon stops"))
        let isWhole = await withTaskGroup(of: Bool.self, returning: Bool.self) { group in
            var isWhole = true
            var open = 0
            events: while let event = await job.events.pop() {
                let number: Int64
                let item: Item
                var outcome: NormalisedItem?
                // Results are taken on the way, or a job that watches for months would keep them all.
                if open > 64, let result = await group.next() {
                    open -= 1
                    isWhole = isWhole && result
                }
                switch event {
                case .ended(let how):
                    end = how
                    break events
                case .watching(let report):
                    await observer.watching(report)
                    continue
                case .checkpoint(let point):
                    open += 1
                    group.addTask {
                        let isKept = await self.keep(point, of: job.source.name, turns: turns)
                        if isKept { await host.acknowledge(job, item: point.item, bytes: 0) }
                        return isKept
                    }
                    continue
                case .item(let fetched, let body):
                    number = fetched.item
                    item = self.item(fetched.description, job.source, state: fetched.state, body: body)
                case .rejected(let rejected):
                    number = rejected.item
                    item = self.item(ItemDescription(uri: rejected.uri), job.source, state: rejected.state, body: [])
                    outcome = .deadLetter(reason: rejected.reason, attempts: 1)
                }
                let bytes = item.body.count
                group.addTask { [outcome] in
                    await observer.began()
                    let outcomes = await self.take(item, outcome, turns: turns, number: number)
                    budget.give(bytes)
                    await observer.ended(outcomes)
                    if outcomes != nil { await host.acknowledge(job, item: number, bytes: bytes) }
                    return outcomes != nil
                }
                open += 1
            }
            job.events.close()
            for await result in group { isWhole = isWhole && result }
            return isWhole
        }
        guard isWhole else {
            return .failed(
                FailedJob(
                    job: job.number, kind: .transient, message: "items could not be written to the log",
                    remedy: "they come again; `millracectl status` says whether there is room"))
        }
        let state = end.state
        if !state.isEmpty {
            do { try await log.durable(committer.commit(state: state, of: job.source.name)) } catch {
                return .failed(FailedJob(job: job.number, kind: .transient, message: "\(error)"))
            }
        }
        return end
    }

    /// Takes one item that `ingest` pushes; returns what became of it once that is durable.
    func push(
        _ description: ItemDescription, source: SourceConfiguration, body: [UInt8]
    ) async throws -> (outcomes: Outcomes, reasons: [String]) {
        let item = item(description, source, state: [:], body: body)
        guard let outcome = await pool.normalise(item) else {
            throw LogError(.stopped, "the daemon stops", remedy: "push it again later")
        }
        await log.room()
        let (outcomes, position, reasons) = try await committer.commit(outcome, of: item)
        try await log.durable(position)
        return (outcomes, reasons)
    }

    private func take(_ item: Item, _ known: NormalisedItem?, turns: Turns, number: Int64) async -> Outcomes? {
        let outcome: NormalisedItem?
        if let known { outcome = known } else { outcome = await pool.normalise(item) }
        guard await turns.wait(for: number) else { return nil }
        do {
            // Giving one up stops those behind it as well: their state must not be written without its documents.
            guard let outcome else { throw LogError(.stopped, "the daemon stops") }
            await log.room()
            let (outcomes, position, _) = try await committer.commit(outcome, of: item)
            turns.pass(number)
            try await log.durable(position)
            if await committer.isTransactionLarge { await committer.commitIndex() }
            return outcomes
        } catch {
            turns.abandon()
            return nil
        }
    }

    private func keep(_ point: Checkpoint, of source: String, turns: Turns) async -> Bool {
        guard await turns.wait(for: point.item) else { return false }
        do {
            await log.room()
            let position = try await committer.commit(state: point.state, of: source)
            turns.pass(point.item)
            try await log.durable(position)
            return true
        } catch {
            turns.abandon()
            return false
        }
    }

    private func item(
        _ description: ItemDescription, _ source: SourceConfiguration, state: [String: JSONValue], body: [UInt8]
    ) -> Item {
        var description = description
        if description.records == .whole, let records = source.records { description.records = records }
        if let mediaType = source.mediaType { description.mediaType = mediaType }
        if description.fetched == nil { description.fetched = .now }
        return Item(
            source: source.name, description: description, state: state, body: body, settings: source.normalisation,
            duplicates: source.duplicates)
    }
}

extension JobEnd {
    /// Whether others may still bring something for the source: they do, or it is not known.
    var mayHaveArrangements: Bool { if case .failed = self { true } else { !report.subscriptions.isEmpty } }

    var report: FetchReport {
        switch self {
        case .done(let done): done.report
        case .failed(let failed): failed.report
        }
    }

    var state: [String: JSONValue] {
        switch self {
        case .done(let done): done.state
        case .failed(let failed): failed.state
        }
    }
}
