import JSON
import PluginProtocol

/// The built http fetcher, driven over its pipes as the daemon drives it.
final class MeasuredFetcher {
    private let plugin: MeasuredPlugin

    /// What all jobs came to.
    struct Result {
        var changed = 0
        var unchanged = 0
        var failed = 0
        var bytes = 0
        var lastFailure: String?
    }

    init() throws { plugin = try MeasuredPlugin("millrace-fetch-http") }

    var figures: ProcessFigures { plugin.figures }

    /// Fetches every source once, with at most `window` jobs open.
    func fetch(_ sources: [HTTPBenchmark.Source], window: Int) throws -> Result {
        try fetch(sources.count, window: window) { number in
            let source = sources[number]
            var state: [String: JSONValue] = [:]
            if let tag = source.tag { state[source.address] = ["etag": .string(tag)] }
            return (["url": .string(source.address), "allow_private": true], state)
        }
    }

    /// Fetches every address as a source of its own, all at the same time.
    func fetch(_ addresses: [String], settings: [String: JSONValue]) throws -> Result {
        try fetch(addresses.count, window: addresses.count) { number in
            (.object(settings.merging(["url": .string(addresses[number])]) { $1 }), [:])
        }
    }

    private func fetch(
        _ count: Int, window: Int, _ source: (Int) -> (settings: JSONValue, state: [String: JSONValue])
    ) throws -> Result {
        var result = Result()
        var next = 0
        var open = 0
        while next < count || open > 0 {
            while next < count, open < window {
                let (settings, state) = source(next)
                next += 1
                open += 1
                queue(job: next, settings, state)
            }
            if try takeFrame(&result) { open -= 1 }
        }
        return result
    }

    /// Begins to fetch one source, which ``finish()`` waits for.
    func begin(_ settings: JSONValue) throws {
        queue(job: 1, settings, [:])
        try plugin.flush()
    }

    /// Waits for the end of what was begun.
    func finish() throws -> Result {
        var result = Result()
        while try !takeFrame(&result) {}
        return result
    }

    private func queue(job: Int, _ settings: JSONValue, _ state: [String: JSONValue]) {
        queue(
            .fetch(
                FetchRequest(
                    job: Int64(job), source: "source-\(job)", settings: settings, state: state, window: 4 << 20,
                    maximumItemSize: 64 << 20)))
    }

    /// Takes what the fetcher sends next.
    /// - Returns: whether a job has ended with it.
    private func takeFrame(_ result: inout Result) throws -> Bool {
        let frame = try plugin.answer()
        switch try PluginMessage(frame) {
        case .item(let item):
            result.changed += 1
            result.bytes += frame.body.count
            queue(.acknowledge(job: item.job, item: item.item))
        case .done(let done):
            if done.unchanged { result.unchanged += 1 }
            return true
        case .failed(let failed):
            result.failed += 1
            result.lastFailure = failed.message
            return true
        default: break
        }
        return false
    }

    private func queue(_ message: CoreMessage) { plugin.queue(message.encoded()) }
}
