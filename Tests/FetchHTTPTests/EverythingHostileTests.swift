import Glibc
import JSON
import PluginProtocol
import Synchronization
import TestSupport
import Testing

/// All that a server can do wrong at the same time, each as a source of its own, beside one that is well.
@Suite("Everything hostile at once", .serialized)
struct EverythingHostileTests {
    /// KiB of memory that all of it may cost.
    private static let memory = 48 << 10
    /// The longest that one of them may take: the times of ``Misbehaviour`` are below two seconds.
    private static let patience = Duration.seconds(12)
    /// The longest that the good source may take, which answers at once. It takes a third of a second where nothing else runs.
    private static let punctuality = Duration.seconds(5)
    /// What both times grow by on a machine that does something else: so many times what the same good source takes at most in a
    /// plugin that nobody harms, beside this one.
    private static let allowance = 4

    /// A source that does harm, and how often it has ended.
    private struct Bad {
        var name: String
        var settings: JSONValue
        var words: String
        var ends = 0
    }

    fileprivate static func settings(_ url: String, _ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(
            ["url": .string(url), "allow_private": true, "robots": false].merging(more) { $1 })
    }

    private static func bad(_ server: HostileServer, closed: UInt16) -> [Bad] {
        var all: [Bad] = []
        // A host of its own for each, so that none answers for another.
        for misbehaviour in Misbehaviour.all + Misbehaviour.bombs {
            let url = server.url(misbehaviour.path, host: "127.0.2.\(all.count + 1)")
            all.append(
                Bad(name: misbehaviour.path, settings: settings(url, misbehaviour.settings), words: misbehaviour.words))
        }
        for (number, path) in ["/good", "/silent", "/garbage"].enumerated() {
            let url = "https" + server.url(path, host: "127.0.3.\(number + 1)").dropFirst(4)
            let more: [String: JSONValue] = ["connect_timeout": 1, "request_timeout": 1.5]
            all.append(
                Bad(
                    name: "TLS with \(path)", settings: settings(url, more),
                    words: "timed out in connecting or the TLS handshake after 1 s"))
        }
        for number in 1...100 {
            let url = "http://127.0.4.\(number):\(closed)/"
            all.append(Bad(name: url, settings: settings(url), words: "nobody listens on 127.0.4.\(number):"))
        }
        return all
    }

    @Test("The good one is fetched on time again and again; each other ends as stated, in time; nothing is lost")
    func all() throws {
        let server = try HostileServer(everywhere: true)
        let good = try HostileServer()
        defer {
            server.stop()
            good.stop()
        }
        var bad = Self.bad(server, closed: try freePort())
        let plugin = try PluginProcess()
        #expect(try plugin.fetch(Self.settings(good.url("/good"))).items.count == 1)
        let control = Control(good.url("/good?control"))
        defer { control.stop() }
        let before = try Memory.resident(of: plugin.process)
        try Memory.forgetPeak(of: plugin.process)

        // Which source a job is for (nil: the good one), and since when.
        var open: [Int64: (bad: Int?, since: ContinuousClock.Instant)] = [:]
        func begin(_ index: Int?) throws {
            let settings = index.map { bad[$0].settings } ?? Self.settings(good.url("/good?\(open.count)"))
            open[try plugin.open(settings)] = (index, .now)
        }
        for index in bad.indices { try begin(index) }
        try begin(nil)
        var (goodItems, goodRuns, rounds) = (0, 0, 0)
        var (slowest, slowestBad) = (Duration.zero, (name: "", time: Duration.zero))
        while let message = try plugin.receive() {
            switch message {
            case .item(let item):
                #expect(open[item.job].map { $0.bad == nil } == true, "\(item.description.uri)")
                #expect(plugin.lastBody == Array("<p>hello\n".utf8))
                goodItems += 1
                try plugin.send(.acknowledge(job: item.job, item: item.item))
            case .done(let done):
                let ended = open.removeValue(forKey: done.job)
                let job = try #require(ended)
                #expect(job.bad == nil)
                goodRuns += 1
                slowest = max(slowest, .now - job.since)
                if open.contains(where: { $0.value.bad != nil }) {
                    usleep(20_000)
                    try begin(nil)
                }
            case .failed(let failed):
                let ended = open.removeValue(forKey: failed.job)
                let job = try #require(ended)
                guard let index = job.bad else {
                    Issue.record("the good one failed: \(failed.message)")
                    break
                }
                #expect(failed.message.contains(bad[index].words), "\(bad[index].name): \(failed.message)")
                let time = ContinuousClock.now - job.since
                if time > slowestBad.time { slowestBad = (bad[index].name, time) }
                bad[index].ends += 1
                // A third failure in a row would give its host a rest.
                if bad[index].ends < 2 { try begin(index) } else { rounds += 1 }
            default: break
            }
            if open.isEmpty { break }
        }
        #expect(open.isEmpty && rounds == bad.count && bad.allSatisfy { $0.ends == 2 })
        control.stop()
        let (runs, held) = control.figures
        let allowance = held * Self.allowance
        #expect(
            goodItems == goodRuns && goodRuns >= max(2, min(20, runs / 4)),
            "\(goodRuns) runs, \(goodItems) items, \(runs) beside")
        #expect(slowest < Self.punctuality + allowance, "\(slowest), \(held) beside")
        #expect(slowestBad.time < Self.patience + allowance, "\(slowestBad), \(held) beside")
        let peak = try Memory.peak(of: plugin.process)
        #expect(peak - before < Self.memory, "\(before) KiB, then \(peak) KiB")
        // It is whole, and its hosts are as they were.
        #expect(try plugin.fetch(Self.settings(server.url("/good", host: "127.0.2.1"))).items.count == 1)
        print("\(goodRuns) good runs, slowest \(slowest), \(before) then \(peak) KiB")
    }
}

/// A plugin with the good source alone, which it fetches again and again: what the machine itself holds up.
private final class Control: Sendable {
    private struct State {
        var runs = 0
        var slowest = Duration.zero
        var isStopped = false
    }
    private let state = Mutex(State())

    init(_ url: String) {
        HostileServer.thread { [self] in
            guard let plugin = try? PluginProcess() else { return }
            while !state.withLock({ $0.isStopped }) {
                let begin = ContinuousClock.now
                guard (try? plugin.fetch(EverythingHostileTests.settings(url)))?.items.count == 1 else { return }
                let time = ContinuousClock.now - begin
                state.withLock { state in
                    state.runs += 1
                    state.slowest = max(state.slowest, time)
                }
                usleep(20_000)
            }
        }
    }

    func stop() { state.withLock { $0.isStopped = true } }

    /// How often it was fetched, and how long that took at most.
    var figures: (runs: Int, slowest: Duration) { state.withLock { ($0.runs, $0.slowest) } }
}
