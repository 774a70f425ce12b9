import Glibc
import JSON
import PluginProtocol
import Synchronization
import TestSupport
import Testing

/// The built program with a listener, and a core that keeps the state of one source and opens its next job when the plugin
/// asks for that.
final class SubscribedPlugin {
    let port: UInt16
    private(set) var plugin: PluginProcess
    private let arguments: [String]
    var settings: JSONValue
    var state: [String: JSONValue] = [:]
    private(set) var items: [(item: FetchedItem, body: [UInt8])] = []
    private(set) var logs: [String] = []
    private(set) var report = FetchReport()
    private(set) var isWatching = false
    private(set) var failed: FailedJob?
    /// Jobs so far, and those that ended without asking for another.
    private(set) var jobs = 0
    private(set) var ends = 0
    private var job: Int64?
    /// Whether items are acknowledged.
    var acknowledges = true

    init(_ settings: JSONValue, lease: Int = 600, poll: Int = 3600) throws {
        self.settings = settings
        port = try freePort()
        arguments = [
            "--websub-listen", "127.0.0.1:\(port)", "--websub-callback", "http://127.0.0.1:\(port)/in/",
            "--websub-lease", "\(lease)", "--websub-poll", "\(poll)",
        ]
        plugin = try PluginProcess(arguments)
    }

    /// Kills the process and starts it again.
    func restart() throws {
        plugin = try PluginProcess(arguments)
        (job, isWatching) = (nil, false)
    }

    func open() throws {
        (job, isWatching, failed) = (try plugin.open(settings, state: state), false, nil)
        jobs += 1
    }

    func cancel(forGood: Bool) throws {
        guard let job else { return }
        try plugin.send(.cancel(job: job, forGood: forGood))
    }

    private func apply(_ changes: [String: JSONValue]) {
        for (key, value) in changes {
            if value.isNull { state.removeValue(forKey: key) } else { state[key] = value }
        }
    }

    /// Takes frames until something holds; throws what was waited for where it does not in time.
    func run(_ what: String, seconds: Double = 20, until condition: () -> Bool) throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while !condition() {
            guard ContinuousClock.now < end else {
                throw Command.Problem(description: "waited for \(what); \(report.subscriptions) \(logs)")
            }
            guard let message = try plugin.receive(within: 50) else { continue }
            switch message {
            case .item(let item) where item.job == job:
                items.append((item, plugin.lastBody))
                try keep(item.item, item.state)
            case .rejected(let item) where item.job == job: try keep(item.item, item.state)
            case .checkpoint(let point) where point.job == job: try keep(point.item, point.state)
            case .watching(job, let report):
                isWatching = true
                self.report = report
            case .log(_, let text, _): logs.append(text)
            case .done(let done) where done.job == job:
                apply(done.state)
                report = done.report
                (job, isWatching) = (nil, false)
                if done.again { try open() } else { ends += 1 }
            case .failed(let failure) where failure.job == job:
                apply(failure.state)
                report = failure.report
                (job, isWatching, failed) = (nil, false, failure)
                ends += 1
            default: break
            }
        }
    }

    private func keep(_ item: Int64, _ changes: [String: JSONValue]) throws {
        guard acknowledges, let job else { return }
        apply(changes)
        try plugin.send(.acknowledge(job: job, item: item))
    }

    /// Runs `body` on a thread of its own, as a hub's request that waits for what this core does, and takes frames meanwhile.
    func during<Result: Sendable>(_ what: String, _ body: @escaping @Sendable () -> Result) throws -> Result {
        let box = Box<Result>()
        HostileServer.thread { box.set(body()) }
        try run(what, seconds: 40) { box.value != nil }
        guard let value = box.value else { throw Command.Problem(description: what) }
        return value
    }
}

/// What a thread has come to.
private final class Box<Value: Sendable>: Sendable {
    private let held = Mutex<Value?>(nil)

    var value: Value? { held.withLock { $0 } }

    func set(_ value: Value) { held.withLock { $0 = value } }
}

extension SubscribedPlugin {
    /// What the source's state remembers of the subscription to a hub's feed.
    func state(of hub: Hub) -> JSONValue? { state["websub \(hub.feed)"] }

    /// Opens a job, and takes frames until the hub's feed is subscribed.
    func subscribe(to hub: Hub) throws -> Hub.Subscription {
        try open()
        try run("the subscription") {
            isWatching && state(of: hub)?["confirmed"] != nil && !hub.subscriptions.isEmpty
        }
        return try #require(hub.subscriptions.first)
    }
}

extension Hub {
    /// Settings of a source that is the hub's feed.
    func settings(_ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(["url": .string(feed), "allow_private": true].merging(more) { $1 })
    }
}

extension Trait where Self == ConditionTrait {
    /// Hubs sign what they bring by the program `openssl`.
    static var hubsCanSign: Self {
        .enabled(if: Command.find("openssl") != nil, "openssl is not installed: apt-get install openssl")
    }
}
