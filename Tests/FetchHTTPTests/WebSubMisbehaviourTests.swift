import Glibc
import JSON
import Testing

/// Hubs that refuse, and strangers who call where hubs do.
@Suite("Hubs that do not behave", .hubsCanSign)
struct WebSubMisbehaviourTests {
    @Test(
        "A hub that refuses, is gone or fails leaves the feed to be polled",
        arguments: ["400 Bad Request", "404 Not Found", "410 Gone", "429 Slow", "500 Broken", "301 Moved", "302 Found"])
    func refusal(_ status: String) throws {
        var manners = Hub.Manners()
        (manners.status, manners.headers) = (status, ["Location: /moved"])
        let hub = try Hub(manners)
        let plugin = try SubscribedPlugin(hub.settings())
        try plugin.open()
        try plugin.run("the end of the job") { plugin.ends == 1 }
        #expect(plugin.failed == nil && plugin.items.count == 1 && hub.requests.count == 1)
        let shown = plugin.report.subscriptions[hub.feed]
        #expect(shown?["state"]?.string == "failed" && shown?["problem"]?.string?.contains(status.prefix(3)) == true)
        // Not asked again with the next run. (After a 429 the host has its rest, and the feed with it.)
        guard !status.hasPrefix("429") else { return }
        try plugin.open()
        try plugin.run("the end of the job") { plugin.ends == 2 }
        #expect(hub.requests.count == 1)
    }

    @Test("A redirect that keeps the request is followed; one for good is remembered", arguments: ["307", "308"])
    func redirect(_ status: String) throws {
        var manners = Hub.Manners()
        (manners.status, manners.headers, manners.verifies) = ("\(status) Elsewhere", ["Location: /moved"], false)
        let hub = try Hub(manners)
        let plugin = try SubscribedPlugin(hub.settings())
        try plugin.open()
        try plugin.run("the request") { hub.requests.count == 2 && plugin.isWatching }
        #expect(hub.requests[0] == hub.requests[1])
        #expect(hub.verify(hub.requests[1]) == 200)
        try plugin.run("the confirmation") { plugin.state(of: hub)?["confirmed"] != nil }
        #expect((plugin.state(of: hub)?["moved"] != nil) == (status == "308"))
    }

    @Test("A denial is noted, and the feed is polled again")
    func denial() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(hub.settings())
        let subscription = try plugin.subscribe(to: hub)
        let answer = HTTPClient.send(
            "GET", "\(subscription.callback)?hub.mode=denied&hub.topic=\(hub.feed)&hub.reason=no+more%0A")
        #expect(answer.status == 200)
        try plugin.run("the end of the job") { plugin.ends == 1 }
        let shown = plugin.report.subscriptions[hub.feed]
        #expect(shown?["state"]?.string == "failed")
        #expect(shown?["problem"]?.string == "the hub denied the subscription: no more")
    }

    @Test("A hub whose leases have no time is not asked more often than once a minute")
    func noLease() throws {
        let hub = try Hub()
        hub.manners.withLock { $0.lease = 0 }
        let plugin = try SubscribedPlugin(hub.settings())
        try plugin.open()
        try plugin.run("the confirmation") { hub.verdicts.count == 1 && plugin.ends == 1 }
        try plugin.open()
        try plugin.run("a second job") { plugin.ends == 2 }
        #expect(hub.requests.count == 1 && hub.polls == 2)
    }

    @Test("What a hub says to a request is not read to its end, however long it is")
    func longAnswer() throws {
        let hub = try Hub()
        // More than the source takes.
        hub.manners.withLock { $0.body = Array(repeating: 0x20, count: 4 << 20) }
        let plugin = try SubscribedPlugin(hub.settings())
        _ = try plugin.subscribe(to: hub)
        try plugin.run("the answer") { plugin.report.subscriptions[hub.feed]?["state"]?.string == "live" }
        #expect(!plugin.logs.contains { $0.contains("does not take") })
    }

    @Test("A body that comes slowly has 30 s, and holds up no other")
    func slowBody() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(hub.settings())
        let subscription = try plugin.subscribe(to: hub)
        let path = subscription.callback.dropFirst("http://127.0.0.1:\(plugin.port)".count)
        let connection = try #require(HTTPClient.connect(plugin.port))
        defer { close(connection) }
        let start = ContinuousClock.now
        let head = Array("POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n".utf8)
        #expect(Glibc.send(connection, head, head.count, Int32(MSG_NOSIGNAL)) == head.count)
        var isOpen = true
        var pushes = 0
        while isOpen, ContinuousClock.now - start < .seconds(45) {
            isOpen = Glibc.send(connection, [0x78] as [UInt8], 1, Int32(MSG_NOSIGNAL)) == 1
            if pushes < 3 {
                let number = pushes
                let status = try plugin.during("the push") { hub.bring(Hub.rss(["n\(number)"]), to: subscription) }
                #expect(status == 200)
                pushes += 1
            }
            usleep(200_000)
        }
        let taken = ContinuousClock.now - start
        #expect(!isOpen && taken > .seconds(25) && taken < .seconds(40), "\(taken)")
        #expect(pushes == 3 && plugin.items.count == 4)
    }

    @Test("Floods, giants, slow and broken requests cost their connection only")
    func hostile() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(hub.settings())
        let subscription = try plugin.subscribe(to: hub)
        let before = plugin.items.count
        // Larger than what the source takes.
        let large = String(repeating: "x", count: (1 << 20) + 1)
        #expect([413, 0].contains(hub.bring(large, to: subscription)))
        let length = ["Content-Length: 99999999999", "Content-Type: text/plain"]
        #expect(HTTPClient.send("POST", subscription.callback, length).status == 413)
        // Headers without end.
        let path = subscription.callback.dropFirst("http://127.0.0.1:\(plugin.port)".count)
        let headers = (0..<2000).map { "X-Header-\($0): \(String(repeating: "y", count: 60))\r\n" }.joined()
        let flood = HTTPClient.exchange(plugin.port, Array("POST \(path) HTTP/1.1\r\nHost: x\r\n\(headers)\r\n".utf8))
        #expect(flood.status != 200 && flood.status != 202)
        #expect(HTTPClient.exchange(plugin.port, Array("\u{16}\u{3}\u{1} no HTTP\r\n\r\n".utf8)).status != 200)
        #expect(HTTPClient.send("POST", subscription.callback, ["Content-Encoding: gzip"], "x").status == 415)
        // More requests than a callback may have, and more than strangers may send.
        let known = (0..<100).map { _ in HTTPClient.send("GET", subscription.callback).status }
        #expect(known.contains(429) && known.contains(404))
        let strangers = (0..<100).map { _ in
            HTTPClient.send("GET", "http://127.0.0.1:\(plugin.port)/in/\(String(repeating: "a", count: 32))").status
        }
        #expect(strangers.contains(0) && strangers.contains(503))
        // Many connections that say nothing.
        let idle = (0..<600).compactMap { _ in HTTPClient.connect(plugin.port) }
        idle.forEach { close($0) }
        sleep(3)
        let status = try plugin.during("the push") { hub.bring(Hub.rss(["good"]), to: subscription) }
        #expect(status == 200 && plugin.items.count == before + 1)
    }

    @Test("What a hub brings and does not wait for takes no memory, though no job can take it")
    func withdrawn() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(hub.settings())
        let subscription = try plugin.subscribe(to: hub)
        let body = Hub.rss(["large"]) + String(repeating: " ", count: 1_000_000)
        let signature = "X-Hub-Signature: sha256=\(Hub.hmac("sha256", subscription.secret, body))"
        let before = try Memory.resident(of: plugin.plugin.process)
        // The first one ends the job; this core opens no other.
        for number in 0..<160 {
            HTTPClient.abandon("POST", subscription.callback, [signature], body)
            // As many as a subscription may have.
            if number > 50 { usleep(50_000) }
        }
        let after = try Memory.resident(of: plugin.plugin.process)
        #expect(after - before < 40 << 10, "\(before) KiB, then \(after) KiB")
        // There is room for what somebody waits for.
        sleep(1)
        let status = try plugin.during("the push") { hub.bring(Hub.rss(["good"]), to: subscription) }
        #expect(status == 200)
    }

    @Test("Where nobody can listen, feeds are polled, and that is said")
    func portInUse() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(hub.settings())
        let (descriptor, port) = try Command.listen()
        defer { close(descriptor) }
        let other = try PluginProcess([
            "--websub-listen", "127.0.0.1:\(port)", "--websub-callback", "http://127.0.0.1:\(port)/in/",
        ])
        let result = try other.fetch(plugin.settings)
        #expect(result.done != nil && result.items.count == 1 && hub.requests.isEmpty)
        #expect(result.done?.report.subscriptions[hub.feed]?["problem"]?.string?.contains("\(port)") == true)
    }
}
