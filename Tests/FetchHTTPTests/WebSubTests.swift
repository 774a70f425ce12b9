import Glibc
import JSON
import Testing

/// What hubs bring and are asked for, over real connections to the built program.
@Suite("WebSub", .hubsCanSign)
struct WebSubTests {
    @Test("What a hub brings is an item like what is looked for, and the hub hears of it when that is written")
    func push() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(hub.settings())
        let subscription = try plugin.subscribe(to: hub)
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
        let plugin = try SubscribedPlugin(hub.settings())
        let subscription = try plugin.subscribe(to: hub)
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
        let plugin = try SubscribedPlugin(hub.settings())
        let subscription = try plugin.subscribe(to: hub)
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
        let plugin = try SubscribedPlugin(hub.settings())
        let subscription = try plugin.subscribe(to: hub)
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
        let plugin = try SubscribedPlugin(hub.settings(), lease: 5)
        let subscription = try plugin.subscribe(to: hub)
        try plugin.run("the renewal") { hub.requests.count == 2 && plugin.isWatching }
        try plugin.run("its confirmation") { hub.verdicts.count { $0.isChallenge } == 2 && plugin.isWatching }
        #expect(Set(hub.requests.map { $0["hub.callback"] }) == [subscription.callback])
        #expect(hub.polls == 1 && hub.subscriptions.count == 1)
    }

    @Test("The feed is looked at slowly all the same, by conditional requests")
    func poll() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(hub.settings(), poll: 2)
        _ = try plugin.subscribe(to: hub)
        try plugin.run("a second look") { hub.polls == 2 && plugin.isWatching }
        #expect(plugin.items.count == 1 && hub.requests.count == 1)
    }

    @Test("It is not looked at more often than its schedule says")
    func schedule() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(hub.settings(["every": 604_800]), poll: 1)
        _ = try plugin.subscribe(to: hub)
        let subscription = try #require(hub.subscriptions.first)
        sleep(2)
        let status = try plugin.during("the push") { hub.bring(Hub.rss(["second"]), to: subscription) }
        try plugin.run("the wait for more") { plugin.isWatching }
        #expect(status == 200 && hub.polls == 1)
    }

    @Test("With followed entries what is brought is followed, too")
    func entries() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(hub.settings(["follow": "entries"]))
        let subscription = try plugin.subscribe(to: hub)
        #expect(plugin.items.count == 1)
        let status = try plugin.during("the push") { hub.bring(Hub.rss(["first", "second"]), to: subscription) }
        #expect(status == 200)
        try plugin.run("its page") { plugin.items.count == 2 && plugin.isWatching }
        #expect(plugin.items.last?.item.description.parts.count == 2)
        let same = try plugin.during("the push") { hub.bring(Hub.rss(["second"]), to: subscription) }
        try plugin.run("the wait for more") { plugin.isWatching }
        #expect(same == 200 && plugin.items.count == 2)
    }
}
