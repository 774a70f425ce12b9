import Document
import Glibc
import HTTPFetching
import JSON
import PluginProtocol
import TestSupport
import Testing

/// The built program against servers that say how they want to be treated.
@Suite("http fetcher: politeness")
struct PolitenessTests {
    private func settings(_ urls: String..., more: [String: JSONValue] = [:]) -> JSONValue {
        .object(["urls": .array(urls.map { .string($0) }), "allow_private": true].merging(more) { $1 })
    }

    private func server(robots: WebServer.Answer, other: WebServer.Answer = .text("<p>hello")) throws -> WebServer {
        try WebServer { $0.target == "/robots.txt" ? robots : other }
    }

    @Test("robots.txt is read once for all sources of a host, before anything else, and says what is fetched")
    func robots() throws {
        let server = try server(robots: .text("User-agent: millrace\nDisallow: /private\n"))
        defer { server.stop() }
        let plugin = try PluginProcess()
        #expect(try plugin.fetch(settings(server.url("/page"))).items.count == 1)
        let refused = try plugin.fetch(settings(server.url("/private/page")))
        #expect(refused.failed?.kind == .permanent && refused.items.isEmpty)
        #expect(refused.failed?.message.contains("robots.txt of 127.0.0.1 does not allow") == true)
        #expect(refused.failed?.remedy?.contains("robots = false") == true)
        #expect(server.requests.map(\.target) == ["/robots.txt", "/page"])
        #expect(try plugin.fetch(settings(server.url("/private/page"), more: ["robots": false])).items.count == 1)
        // The group is the one of the name that the source goes by.
        let other = try plugin.fetch(settings(server.url("/private/page"), more: ["user_agent": "Other/1.0 (x)"]))
        #expect(other.items.count == 1)
        #expect(server.requests.filter { $0.target == "/robots.txt" }.count == 2)
        #expect(server.requests.first?.headers["user-agent"]?.hasPrefix("Millrace/") == true)
    }

    @Test("What it says outlives the program in the source's state, for as long as it is current")
    func kept() throws {
        let server = try server(robots: .text("User-agent: *\nDisallow: /private\n"))
        defer { server.stop() }
        let first = try PluginProcess().fetch(settings(server.url("/page")))
        let key = try #require(first.state.keys.first { $0.hasPrefix("robots ") })
        let second = try PluginProcess().fetch(settings(server.url("/private")), state: first.state)
        #expect(second.failed?.kind == .permanent)
        #expect(server.requests.filter { $0.target == "/robots.txt" }.count == 1)
        var old = first.state
        guard case .object(var record)? = old[key] else { throw PluginProcess.Problem(description: "no record") }
        record["expires"] = .string((Timestamp.now.description))
        old[key] = .object(record)
        _ = try PluginProcess().fetch(settings(server.url("/page")), state: old)
        #expect(server.requests.filter { $0.target == "/robots.txt" }.count == 2)
    }

    @Test(
        "What an answer without rules means (RFC 9309, section 2.3.1)",
        arguments: [
            ("404 Not Found", true), ("403 Forbidden", true), ("401 Unauthorized", true), ("500 Broken", false),
            ("503 Busy", false), ("429 Slow down", false), ("302 Found", true),
        ])
    func unavailable(status: String, isAllowed: Bool) throws {
        let server = try server(robots: .status(status, "Location: /robots.txt"))
        defer { server.stop() }
        let plugin = try PluginProcess(inThisProcess: impatient)
        let result = try plugin.fetch(settings(server.url("/page")))
        #expect(result.items.count == (isAllowed ? 1 : 0))
        #expect(server.targets.count == (isAllowed ? 1 : 0))
        if !isAllowed {
            #expect(result.failed?.kind == .transient || result.failed?.kind == .postponed)
            #expect(result.failed?.retryAfter ?? 0 > 1)
        } else if status.hasPrefix("302") {
            #expect(server.requests.count == 1 + 5 + 1, "five redirects are followed")
        }
    }

    private var impatient: FetchService.Limits {
        var limits = FetchService.Limits()
        limits.patience = 500
        return limits
    }

    @Test("A redirect is asked for at its own host's robots.txt")
    func redirect() throws {
        let target = try server(robots: .text("User-agent: *\nDisallow: /private"))
        let place = target.url("/private", host: "127.0.0.2")
        let good = target.url("/good", host: "127.0.0.2")
        let server = try WebServer { request in
            switch request.target {
            case "/a": .status("302 Found", "Location: \(place)")
            case "/b": .status("302 Found", "Location: \(good)")
            default: .status("404 Not Found")
            }
        }
        defer {
            server.stop()
            target.stop()
        }
        let result = try PluginProcess().fetch(settings(server.url("/a"), server.url("/b")))
        #expect(result.items.map(\.item.description.uri) == [good])
        #expect(result.failed?.message.contains("does not allow \(place)") == true)
        #expect(target.requests.map(\.target) == ["/robots.txt", "/good"])
    }

    @Test("The time between two requests: the source's, and the longer one of Crawl-delay")
    func spacing() throws {
        for (robots, more) in [
            (WebServer.Answer.text("User-agent: *\nCrawl-delay: 0.3"), [:]),
            (.status("404 None"), ["host_interval": 0.3]),
        ] as [(WebServer.Answer, [String: JSONValue])] {
            let server = try server(robots: robots)
            defer { server.stop() }
            let plugin = try PluginProcess()
            let jobs = try (0..<2).map { job in
                try plugin.open(
                    settings(server.url("/\(job)-a"), server.url("/\(job)-b"), more: more), window: 1 << 20)
            }
            var ended = 0
            while ended < jobs.count, let message = try plugin.receive() {
                if case .item(let item) = message { try plugin.send(.acknowledge(job: item.job, item: item.item)) }
                if case .done = message { ended += 1 }
            }
            let times = server.requests.filter { $0.target != "/robots.txt" }.map(\.time)
            #expect(times.count == 4)
            // Between the arrivals some milliseconds may be lost that were there between the starts.
            for (one, next) in zip(times, times.dropFirst()) { #expect(next - one >= 200) }
        }
    }

    @Test("Of too many sources of one host the last are put off, each to a time of its own, and other hosts are not")
    func line() throws {
        let server = try server(robots: .status("404 None"))
        defer { server.stop() }
        let plugin = try PluginProcess(inThisProcess: impatient)
        let more: [String: JSONValue] = ["host_interval": 0.2, "robots": false]
        for number in 0..<8 { _ = try plugin.open(settings(server.url("/\(number)"), more: more), window: 1 << 20) }
        var putOff: [Double] = []
        var items = 0
        while items + putOff.count < 8, let message = try plugin.receive() {
            switch message {
            case .item(let item): try plugin.send(.acknowledge(job: item.job, item: item.item))
            case .done: items += 1
            case .failed(let failed):
                #expect(failed.kind == .postponed && failed.message.contains("others wait for their turn there"))
                putOff.append(failed.retryAfter ?? 0)
            default: break
            }
        }
        // Half a second is waited for: one begins at once, and three more than 0.2 s apart.
        #expect(items >= 3 && putOff.count >= 2 && items + putOff.count == 8)
        for (one, next) in zip(putOff, putOff.dropFirst()) { #expect(next > one + 0.1) }
        #expect(try plugin.fetch(settings(server.url("/other", host: "127.0.0.3"))).items.count == 1)
    }

    @Test("429 and 503 give the whole host a rest: other sources of it are put off, other hosts are not")
    func overload() throws {
        for status in ["429 Slow down", "503 Busy"] {
            let server = try WebServer { request in
                request.target == "/busy" ? .status(status, "Retry-After: 100") : .text("<p>hello")
            }
            defer { server.stop() }
            let plugin = try PluginProcess()
            let busy = try plugin.fetch(settings(server.url("/busy")))
            #expect(busy.failed?.kind == .transient && busy.failed?.retryAfter == 100)
            let other = try plugin.fetch(settings(server.url("/other")))
            #expect(other.failed?.kind == .postponed)
            #expect((90...101).contains(other.failed?.retryAfter ?? 0))
            #expect(other.failed?.message.contains("it answered \(status.prefix(3))") == true)
            #expect(try plugin.fetch(settings(server.url("/other", host: "127.0.0.3"))).items.count == 1)
            #expect(server.targets == ["/busy", "/other"])
        }
    }

    @Test("A short rest is waited for")
    func shortRest() throws {
        let server = try WebServer { request in
            request.target == "/busy" ? .status("503 Busy", "Retry-After: 1") : .text("<p>hello")
        }
        defer { server.stop() }
        let result = try PluginProcess().fetch(
            settings(server.url("/busy"), server.url("/other"), more: ["max_concurrency": 1]))
        #expect(result.items.count == 1)
        let times = server.requests.filter { $0.target != "/robots.txt" }.map(\.time)
        #expect(times.count == 2 && times[1] - times[0] >= 900)
    }

    @Test("A host that fails three times in a row is left alone; one that answers again is not")
    func circuitBreaker() throws {
        let server = try WebServer { request in
            request.target.hasPrefix("/bad") ? .status("500 Broken") : .text("<p>hello")
        }
        defer { server.stop() }
        let plugin = try PluginProcess(inThisProcess: impatient)
        for name in ["/bad-1", "/bad-2", "/good", "/bad-3", "/bad-4", "/bad-5"] {
            let kind = try plugin.fetch(settings(server.url(name))).failed?.kind
            #expect(kind == (name == "/good" ? nil : .transient))
        }
        let put = try plugin.fetch(settings(server.url("/good")))
        #expect(put.failed?.kind == .postponed)
        #expect(put.failed?.message.contains("failed 3 times in a row") == true)
        #expect((10...31).contains(put.failed?.retryAfter ?? 0))
        #expect(put.failed?.report.hosts.contains { $0.text.hasPrefix("left alone until 20") } == true)
        #expect(server.targets.count == 6)
    }

    @Test("Failures that come together are one reason for a rest", arguments: ["500 Broken", "429 Slow"])
    func failuresAtOnce(status: String) throws {
        let server = try WebServer { request in
            guard request.target.hasPrefix("/bad") else { return .text("<p>hello") }
            usleep(300_000)
            return .status(status)
        }
        defer { server.stop() }
        let plugin = try PluginProcess(inThisProcess: impatient)
        let urls = (0..<8).map { JSONValue.string(server.url("/bad-\($0)")) }
        let failed = try plugin.fetch(
            .object(["urls": .array(urls), "allow_private": true, "robots": false, "max_concurrency": 8]))
        #expect(failed.failed != nil && server.targets.count == 8)
        let put = try plugin.fetch(settings(server.url("/good")))
        #expect(put.failed?.kind == .postponed && (10...31).contains(put.failed?.retryAfter ?? 0))
    }

    @Test("A move for good is followed anew three times, then remembered, and forgotten when nothing is there")
    func moved() throws {
        let server = try WebServer { request in
            switch request.target {
            case "/old": .status("301 Moved", "Location: /new")
            case "/new" where request.headers["if-none-match"] == "\"gone\"": .status("404 None")
            case "/new": .text("<p>\(request.headers["if-none-match"] ?? "")", "ETag: \"1\"")
            default: .status("404 None")
            }
        }
        defer { server.stop() }
        let plugin = try PluginProcess()
        var state: [String: JSONValue] = [:]
        for run in 1...4 {
            let before = server.targets.count
            let result = try plugin.fetch(settings(server.url("/old")), state: state)
            state = result.state
            #expect(result.items.first?.item.description.key == server.url("/old"))
            #expect(result.logs.isEmpty == (run != 3), "\(result.logs)")
            #expect(Array(server.targets[before...]) == (run < 4 ? ["/old", "/new"] : ["/new"]))
        }
        guard case .object(var kept)? = state[server.url("/old")] else { throw PluginProcess.Problem(description: "?") }
        kept["etag"] = "\"gone\""
        state[server.url("/old")] = .object(kept)
        let failed = try plugin.fetch(settings(server.url("/old")), state: state)
        #expect(failed.failed?.message.contains("/new answered 404") == true)
        let before = server.targets.count
        _ = try plugin.fetch(settings(server.url("/old")), state: failed.state)
        #expect(server.targets[before] == "/old")
    }

    @Test("410 ends the source where it is all there is to fetch")
    func gone() throws {
        let server = try WebServer { $0.target == "/gone" ? .status("410 Gone") : .text("<p>hello") }
        defer { server.stop() }
        let plugin = try PluginProcess()
        #expect(try plugin.fetch(settings(server.url("/gone"))).failed?.kind == .gone)
        #expect(try plugin.fetch(settings(server.url("/gone"), server.url("/page"))).failed?.kind == .permanent)
    }

    @Test("One of a hundred hosts answers, the others are down: it is not kept waiting, and each of them is left alone")
    func manyHostsDown() throws {
        let server = try WebServer { _ in .text("<p>hello") }
        defer { server.stop() }
        let closed = try freePort()
        var limits = FetchService.Limits()
        // A rest is told instead of waited for.
        limits.patience = 1000
        let plugin = try PluginProcess(inThisProcess: limits)
        for round in 1...4 {
            var jobs: [Int64: Int] = [:]
            for number in 1...100 {
                jobs[try plugin.open(settings("http://127.0.1.\(number):\(closed)/", more: ["robots": false]))] = number
            }
            let good = try plugin.open(settings(server.url("/page?\(round)")))
            jobs[good] = 0
            var rests: Set<Double> = []
            while !jobs.isEmpty, let message = try plugin.receive() {
                switch message {
                case .item(let item): try plugin.send(.acknowledge(job: item.job, item: item.item))
                case .failed(let failed):
                    let ended = jobs.removeValue(forKey: failed.job)
                    let number = try #require(ended)
                    let host = "127.0.1.\(number)"
                    guard round == 4 else {
                        #expect(failed.kind == .transient && failed.message.contains("nobody listens on \(host):"))
                        break
                    }
                    // Three failures in a row are enough: the fourth time nobody asks it.
                    #expect(failed.kind == .postponed && number > 0, "\(failed)")
                    #expect(failed.message.contains("\(host) is left alone for "), "\(failed)")
                    #expect(failed.message.contains("\(host) failed 3 times in a row"), "\(failed)")
                    let rest = failed.retryAfter ?? 0
                    #expect(rest > 10 && rest <= 30, "\(failed)")
                    rests.insert(rest)
                case .done(let done):
                    #expect(done.job == good)
                    jobs[done.job] = nil
                default: break
                }
            }
            #expect(jobs.isEmpty)
            // They do not all come back at the same moment.
            if round == 4 { #expect(rests.count > 50, "\(rests.count)") }
        }
        #expect(server.targets == (1...4).map { "/page?\($0)" })
    }
}
