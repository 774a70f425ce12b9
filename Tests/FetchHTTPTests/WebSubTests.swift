import Glibc
import JSON
import PluginProtocol
import Synchronization
import TestSupport
import Testing

@testable import HTTPFetching

/// Hubs that bring what is new, over real connections to the built program.
@Suite("WebSub", .enabled(if: Command.find("openssl") != nil, "openssl is not installed: apt-get install openssl"))
struct WebSubTests {
    private func settings(_ hub: Hub, _ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(["url": .string(hub.feed), "allow_private": true].merging(more) { $1 })
    }

    private func subscribe(_ hub: Hub, _ plugin: SubscribedPlugin) throws -> Hub.Subscription {
        try plugin.open()
        try plugin.run("the subscription") {
            plugin.isWatching && plugin.state(of: hub)?["confirmed"] != nil && !hub.subscriptions.isEmpty
        }
        return try #require(hub.subscriptions.first)
    }

    @Test("What a hub brings is an item like what is looked for, and the hub hears of it when that is written")
    func push() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub))
        let subscription = try subscribe(hub, plugin)
        #expect(subscription.topic == hub.feed && subscription.lease == 600 && subscription.secret.utf8.count == 64)
        #expect(hub.polls == 1 && plugin.items.count == 1)
        for (number, method) in ["sha1", "sha256", "sha384", "sha512"].enumerated() {
            let content = Hub.rss(["entry-\(number)"])
            let status = try plugin.during("the push") { hub.bring(content, to: subscription, method: method) }
            #expect(status == 200 && plugin.items.count == number + 2)
            let item = try #require(plugin.items.last)
            #expect(item.body == Array(content.utf8) && item.item.description.key == hub.feed)
            #expect(item.item.description.mediaType == "application/rss+xml")
        }
        try plugin.run("the wait for more") { plugin.isWatching }
        let shown = plugin.report.subscriptions[hub.feed]
        #expect(shown?["state"]?.string == "live" && shown?["received"]?.integer == 4)
        #expect(shown?["lease_end"]?.string != nil && shown?["last_push"]?.string != nil)
        #expect(!plugin.report.subscriptions.description.contains(subscription.secret))
        #expect(!plugin.logs.contains { $0.contains(subscription.secret) || $0.contains("/in/") })
        // It was looked at once only.
        #expect(hub.polls == 1)
    }

    @Test("A hub that is not told of success hears 503, and what it brings again is taken")
    func notWritten() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub))
        let subscription = try subscribe(hub, plugin)
        plugin.acknowledges = false
        let content = Hub.rss(["second"])
        let lost = try plugin.during("the push") { hub.bring(content, to: subscription) }
        #expect(lost == 503)
        // As after kill -9: nothing of it is in the state.
        try plugin.restart()
        plugin.acknowledges = true
        try plugin.open()
        try plugin.run("the wait for more") { plugin.isWatching }
        #expect(hub.requests.count == 1, "a subscription that lives is not asked for again")
        let before = plugin.items.count
        let taken = try plugin.during("the push") { hub.bring(content, to: subscription) }
        #expect(taken == 200 && plugin.items.count == before + 1)
    }

    @Test("Content without the right signature is not taken, and nobody learns that")
    func signature() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub))
        let subscription = try subscribe(hub, plugin)
        let before = plugin.items.count
        let content = Hub.rss(["forged"])
        let right = Hub.hmac("sha256", subscription.secret, content)
        let wrong: [[String]] = [
            [], ["X-Hub-Signature: sha256=\(String(right.reversed()))"],
            ["X-Hub-Signature: sha256=\(right.dropLast(2))"],
            ["X-Hub-Signature: sha256="], ["X-Hub-Signature: \(right)"], ["X-Hub-Signature: md5=\(right)"],
            ["X-Hub-Signature: sha1=\(right)"], ["X-Hub-Signature: sha256=\(right)00"],
        ]
        for headers in wrong {
            let answer = HTTPClient.send("POST", subscription.callback, headers, content)
            #expect(answer.status == 202, "\(headers)")
        }
        #expect(hub.bring(content, to: subscription, secret: "other") == 202)
        let taken = try plugin.during("the push") { hub.bring(content, to: subscription) }
        try plugin.run("the wait for more") { plugin.isWatching }
        #expect(taken == 200 && plugin.items.count == before + 1)
        #expect(plugin.report.subscriptions[hub.feed]?["ignored"]?.integer == Int64(wrong.count + 1))
    }

    @Test("A challenge is sent back for what was asked for, and for nothing else")
    func intent() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub))
        let subscription = try subscribe(hub, plugin)
        func ask(_ callback: String, _ mode: String, topic: String? = nil) -> Int {
            hub.verify(["hub.callback": callback, "hub.mode": mode, "hub.topic": topic ?? hub.feed])
        }
        #expect(ask(subscription.callback, "subscribe") == 200)
        #expect(ask(subscription.callback, "subscribe", topic: hub.feed + "2") == 404)
        #expect(ask(subscription.callback, "unsubscribe") == 404)
        #expect(ask(subscription.callback, "publish") == 404)
        let other = String(subscription.callback.dropLast(32)) + String(repeating: "0", count: 32)
        // It could be that of a source that has not begun yet.
        #expect(ask(other, "subscribe") == 503)
        #expect(hub.bring("x", to: Hub.Subscription(callback: other, topic: "", secret: "", lease: 0)) == 503)
        #expect(HTTPClient.send("GET", subscription.callback).status == 404)
        #expect(HTTPClient.send("PUT", subscription.callback).status == 405)
        #expect(HTTPClient.send("GET", "http://127.0.0.1:\(plugin.port)/").status == 404)
    }

    @Test("A subscription is renewed before its lease ends, with the same address")
    func renewal() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub), lease: 5)
        let subscription = try subscribe(hub, plugin)
        try plugin.run("the renewal") { hub.requests.count == 2 && plugin.isWatching }
        try plugin.run("its confirmation") { hub.verdicts.count { $0.isChallenge } == 2 && plugin.isWatching }
        #expect(Set(hub.requests.map { $0["hub.callback"] }) == [subscription.callback])
        #expect(hub.polls == 1 && hub.subscriptions.count == 1)
    }

    @Test("The feed is looked at slowly all the same, by conditional requests")
    func poll() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub), poll: 2)
        _ = try subscribe(hub, plugin)
        try plugin.run("a second look") { hub.polls == 2 && plugin.isWatching }
        #expect(plugin.items.count == 1 && hub.requests.count == 1)
    }

    @Test("It is not looked at more often than its schedule says")
    func schedule() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub, ["every": 604_800]), poll: 1)
        _ = try subscribe(hub, plugin)
        let subscription = try #require(hub.subscriptions.first)
        sleep(2)
        let status = try plugin.during("the push") { hub.bring(Hub.rss(["second"]), to: subscription) }
        try plugin.run("the wait for more") { plugin.isWatching }
        #expect(status == 200 && hub.polls == 1)
    }

    @Test("A source that is not wanted any more ends its subscription; one that only runs anew does not")
    func leaving() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub))
        let subscription = try subscribe(hub, plugin)
        try plugin.cancel(forGood: false)
        try plugin.run("the end of the job") { plugin.ends == 1 }
        try plugin.open()
        try plugin.run("the wait for more") { plugin.isWatching }
        #expect(hub.requests.count == 1)
        try plugin.cancel(forGood: true)
        try plugin.run("the end of the job") { plugin.ends == 2 }
        #expect(hub.requests.last?["hub.mode"] == "unsubscribe" && hub.requests.count == 2)
        #expect(hub.requests.last?["hub.callback"] == subscription.callback)
        #expect(plugin.state(of: hub) == nil)
        try plugin.run("the hub to hear that it is meant") {
            hub.verdicts.contains { $0.mode == "unsubscribe" && $0.isChallenge }
        }
        #expect(hub.bring("late", to: subscription) == 410)
    }

    @Test("The job that ends a subscription is open until the hub has asked back, also where it is told twice")
    func asksBackLater() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub))
        _ = try subscribe(hub, plugin)
        hub.manners.withLock { $0.verifies = false }
        try plugin.cancel(forGood: true)
        try plugin.run("the request") { hub.requests.last?["hub.mode"] == "unsubscribe" }
        try plugin.cancel(forGood: true)
        let request = try #require(hub.requests.last)
        // What is not meant does not end it.
        #expect(hub.verify(request, topic: hub.feed + "2") == 404)
        let end = ContinuousClock.now + .seconds(3)
        try plugin.run("nothing") { ContinuousClock.now > end }
        #expect(plugin.ends == 0)
        #expect(hub.verify(request) == 200)
        try plugin.run("the end of the job", seconds: 5) { plugin.ends == 1 }
        #expect(plugin.failed == nil && plugin.state(of: hub) == nil)
        #expect(!plugin.logs.contains { $0.contains("lease") }, "\(plugin.logs)")
    }

    @Test("A hub that does not ask back has 30 s, which is told; one that refuses has none", arguments: [true, false])
    func neverAsksBack(refuses: Bool) throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub))
        _ = try subscribe(hub, plugin)
        hub.manners.withLock { manners in
            manners.verifies = false
            if refuses { manners.status = "400 Bad Request" }
        }
        let start = ContinuousClock.now
        try plugin.cancel(forGood: true)
        try plugin.run("the end of the job", seconds: 40) { plugin.ends == 1 }
        let taken = ContinuousClock.now - start
        #expect(refuses ? taken < .seconds(10) : taken > .seconds(29) && taken < .seconds(38), "\(taken)")
        #expect(plugin.failed == nil && plugin.state(of: hub) == nil)
        let why = refuses ? "400" : "has not asked back within 30 s"
        #expect(
            plugin.logs.contains {
                $0.contains("\(hub.feed) ends with its lease: the hub \(hub.url)/hub") && $0.contains(why)
            },
            "\(plugin.logs)")
    }

    @Test("A source with another address, or without pushes, ends the old subscription", arguments: ["url", "push"])
    func changed(_ what: String) throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub))
        let subscription = try subscribe(hub, plugin)
        try plugin.cancel(forGood: false)
        try plugin.run("the end of the job") { plugin.ends == 1 }
        plugin.settings =
            what == "push" ? settings(hub, ["push": "none"]) : settings(hub, ["url": .string(hub.url + "/page")])
        try plugin.open()
        try plugin.run("the end of the subscription") {
            plugin.ends == 2 && hub.requests.last?["hub.mode"] == "unsubscribe"
        }
        #expect(hub.requests.last?["hub.callback"] == subscription.callback && plugin.state(of: hub) == nil)
    }

    @Test("A feed whose hub is another one is subscribed to there")
    func otherHub() throws {
        let (hub, other) = (try Hub(), try Hub())
        let plugin = try SubscribedPlugin(settings(hub), poll: 1)
        let subscription = try subscribe(hub, plugin)
        let place = other.url
        hub.manners.withLock { $0.feed = { Hub.feed(["first", "second"], hub: "\(place)/hub", topic: "\($0)/feed") } }
        try plugin.run("the other hub") { other.subscriptions.count == 1 && hub.subscriptions.isEmpty }
        #expect(other.subscriptions.first?.callback != subscription.callback)
        #expect(hub.requests.last?["hub.mode"] == "unsubscribe")
    }

    @Test("With followed entries what is brought is followed, too")
    func entries() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub, ["follow": "entries"]))
        let subscription = try subscribe(hub, plugin)
        #expect(plugin.items.count == 1)
        let status = try plugin.during("the push") { hub.bring(Hub.rss(["first", "second"]), to: subscription) }
        #expect(status == 200)
        try plugin.run("its page") { plugin.items.count == 2 && plugin.isWatching }
        #expect(plugin.items.last?.item.description.parts.count == 2)
        let same = try plugin.during("the push") { hub.bring(Hub.rss(["second"]), to: subscription) }
        try plugin.run("the wait for more") { plugin.isWatching }
        #expect(same == 200 && plugin.items.count == 2)
    }

    /// An answer that names its hub in its content; `SERVER` stands for the address of the hub's server.
    struct Linked: Sendable {
        var type: String
        var text: String

        func body(_ server: String) -> String { text.replacing("SERVER", with: server) }

        static let page = Linked(
            type: "text/html",
            text: """
                <html><head><title>Mill</title><link rel="hub" href="/hub"><LINK REL='Self' HREF='SERVER/feed'></head><p>words
                """)
        static let based = Linked(
            type: "text/html; charset=utf-16",
            text: "<base href='SERVER/deep/'><link rel='x HUB y' href='../hub'><link rel=self href=../feed><p>words")
        static let json = Linked(
            type: "application/feed+json",
            text: """
                {"version": "https://jsonfeed.org/version/1.1", "title": "Mill", "feed_url": "SERVER/feed",
                 "hubs": [{"type": "rssCloud", "url": "SERVER/other"}, {"type": "WebSub", "url": "SERVER/hub"}],
                 "items": [{"id": "first", "content_text": "words"}]}
                """)
        static let atom = Linked(
            type: "application/atom+xml",
            text: """
                <feed xmlns="http://www.w3.org/2005/Atom"><title>Mill</title><link rel="hub" href="SERVER/hub"/>
                <link rel="self" href="SERVER/feed"/><entry><id>1</id><link rel="hub" href="SERVER/other"/></entry></feed>
                """)
        static let rss = Linked(
            type: "application/rss+xml",
            text: """
                <rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>Mill</title>
                <a:link rel="hub" href="/hub"/><a:link rel="self" href="/feed"/><item><guid>1</guid></item></channel></rss>
                """)
    }

    @Test(
        "The hub may be named in a page, a JSON Feed, Atom or RSS",
        arguments: [Linked.page, .based, .json, .atom, .rss])
    func linked(_ answer: Linked) throws {
        var manners = Hub.Manners()
        manners.feed = { .text(answer.body($0), "Content-Type: \(answer.type)") }
        let hub = try Hub(manners)
        let plugin = try SubscribedPlugin(settings(hub))
        let subscription = try subscribe(hub, plugin)
        #expect(subscription.topic == hub.feed, "\(answer.type)")
        let content = answer.body(hub.url) + " "
        let status = try plugin.during("the push") { hub.bring(content, to: subscription, type: answer.type) }
        #expect(status == 200 && plugin.items.last?.body == Array(content.utf8), "\(answer.type)")
        #expect(plugin.items.last?.item.description.key == hub.feed)
    }

    @Test("A hub is asked over TLS by the source's own authority, and not at all without it", arguments: [true, false])
    func secureHub(isTrusted: Bool) throws {
        let nginx = NginxProcess()
        try nginx.makeCertificate(names: ["localhost"])
        let port = try freePort()
        var manners = Hub.Manners()
        manners.feed = { Hub.feed(["first"], hub: "https://localhost:\(port)/hub", topic: "\($0)/feed") }
        let hub = try Hub(manners)
        try nginx.start(
            http: """
                server {
                    listen 127.0.0.1:\(port) ssl http2;
                    ssl_certificate \(nginx.certificate);
                    ssl_certificate_key \(nginx.key);
                    location /hub { proxy_pass \(hub.url); }
                }
                """, port: port)
        let plugin = try SubscribedPlugin(settings(hub, isTrusted ? ["ca_file": .string(nginx.certificate)] : [:]))
        guard isTrusted else {
            try plugin.open()
            try plugin.run("the end of the job") { plugin.ends == 1 }
            let problem = plugin.report.subscriptions[hub.feed]?["problem"]?.string ?? ""
            #expect(problem.contains("the certificate is not trusted"), "\(problem)")
            // Nothing of the subscription went there, and the feed is polled.
            #expect(hub.requests.isEmpty && plugin.items.count == 1)
            return
        }
        let subscription = try subscribe(hub, plugin)
        let status = try plugin.during("the push") { hub.bring(Hub.rss(["second"]), to: subscription) }
        #expect(status == 200 && plugin.items.count == 2)
        try plugin.run("the wait for more") { plugin.isWatching }
        try plugin.cancel(forGood: true)
        try plugin.run("the end of the job") { plugin.ends == 1 }
        #expect(hub.requests.map { $0["hub.mode"] } == ["subscribe", "unsubscribe"])
    }

    @Test("A source that is gone for good ends its subscription")
    func gone() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub), poll: 1)
        let subscription = try subscribe(hub, plugin)
        hub.manners.withLock { $0.feed = { _ in .status("410 Gone") } }
        try plugin.run("the end of the job") { plugin.ends == 1 }
        #expect(plugin.failed?.kind == .gone && plugin.state(of: hub) == nil)
        #expect(hub.requests.map { $0["hub.mode"] } == ["subscribe", "unsubscribe"])
        #expect(hub.requests.last?["hub.callback"] == subscription.callback)
        // One that fails for a while keeps it.
        let other = try Hub()
        let patient = try SubscribedPlugin(settings(other), poll: 1)
        _ = try subscribe(other, patient)
        other.manners.withLock { $0.feed = { _ in .status("500 Broken") } }
        try patient.run("the end of the job") { patient.ends == 1 }
        #expect(patient.failed?.kind == .transient && patient.state(of: other) != nil && other.requests.count == 1)
    }

    // MARK: Hubs that do not behave

    @Test("A body that comes slowly has 30 s, and holds up no other")
    func slowBody() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub))
        let subscription = try subscribe(hub, plugin)
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

    @Test(
        "A hub that refuses, is gone or fails leaves the feed to be polled",
        arguments: ["400 Bad Request", "404 Not Found", "410 Gone", "429 Slow", "500 Broken", "301 Moved", "302 Found"])
    func refusal(_ status: String) throws {
        var manners = Hub.Manners()
        (manners.status, manners.headers) = (status, ["Location: /moved"])
        let hub = try Hub(manners)
        let plugin = try SubscribedPlugin(settings(hub))
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
        let plugin = try SubscribedPlugin(settings(hub))
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
        let plugin = try SubscribedPlugin(settings(hub))
        let subscription = try subscribe(hub, plugin)
        let answer = HTTPClient.send(
            "GET", "\(subscription.callback)?hub.mode=denied&hub.topic=\(hub.feed)&hub.reason=no+more%0A")
        #expect(answer.status == 200)
        try plugin.run("the end of the job") { plugin.ends == 1 }
        let shown = plugin.report.subscriptions[hub.feed]
        #expect(shown?["state"]?.string == "failed")
        #expect(shown?["problem"]?.string == "the hub denied the subscription: no more")
    }

    @Test("A hub on a private network is not asked")
    func privateHub() throws {
        let server = try WebServer { request in
            .text(
                Hub.rss(["one"]), "Content-Type: application/rss+xml", "Link: <http://127.0.0.3:1/hub>; rel=hub",
                "Link: </feed>; rel=self")
        }
        defer { server.stop() }
        let plugin = try SubscribedPlugin([
            "url": .string(server.url("/feed")), "allow_private": ["127.0.0.1/32"], "robots": false,
        ])
        try plugin.open()
        try plugin.run("the end of the job") { plugin.ends == 1 }
        let problem = plugin.report.subscriptions[server.url("/feed")]?["problem"]?.string
        #expect(
            plugin.failed == nil && problem?.contains("127.0.0.3") == true && problem?.contains("not fetched") == true)
    }

    @Test("Floods, giants, slow and broken requests cost their connection only")
    func hostile() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub))
        let subscription = try subscribe(hub, plugin)
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
        let plugin = try SubscribedPlugin(settings(hub))
        let subscription = try subscribe(hub, plugin)
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

    @Test("A hub whose leases have no time is not asked more often than once a minute")
    func noLease() throws {
        let hub = try Hub()
        hub.manners.withLock { $0.lease = 0 }
        let plugin = try SubscribedPlugin(settings(hub))
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
        let plugin = try SubscribedPlugin(settings(hub))
        _ = try subscribe(hub, plugin)
        try plugin.run("the answer") { plugin.report.subscriptions[hub.feed]?["state"]?.string == "live" }
        #expect(!plugin.logs.contains { $0.contains("does not take") })
    }

    @Test("Where nobody can listen, feeds are polled, and that is said")
    func portInUse() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(settings(hub))
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

extension SubscribedPlugin {
    /// What the source's state remembers of the subscription to a hub's feed.
    func state(of hub: Hub) -> JSONValue? { state["websub \(hub.feed)"] }
}
