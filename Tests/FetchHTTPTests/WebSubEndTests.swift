import JSON
import Testing

/// How subscriptions end.
@Suite("Ends of subscriptions", .hubsCanSign)
struct WebSubEndTests {
    @Test("A source that is not wanted any more ends its subscription; one that only runs anew does not")
    func leaving() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(hub.settings())
        let subscription = try plugin.subscribe(to: hub)
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
        let plugin = try SubscribedPlugin(hub.settings())
        _ = try plugin.subscribe(to: hub)
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
        let plugin = try SubscribedPlugin(hub.settings())
        _ = try plugin.subscribe(to: hub)
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
        let plugin = try SubscribedPlugin(hub.settings())
        let subscription = try plugin.subscribe(to: hub)
        try plugin.cancel(forGood: false)
        try plugin.run("the end of the job") { plugin.ends == 1 }
        plugin.settings =
            what == "push" ? hub.settings(["push": "none"]) : hub.settings(["url": .string(hub.url + "/page")])
        try plugin.open()
        try plugin.run("the end of the subscription") {
            plugin.ends == 2 && hub.requests.last?["hub.mode"] == "unsubscribe"
        }
        #expect(hub.requests.last?["hub.callback"] == subscription.callback && plugin.state(of: hub) == nil)
    }

    @Test("A source that is gone for good ends its subscription")
    func gone() throws {
        let hub = try Hub()
        let plugin = try SubscribedPlugin(hub.settings(), poll: 1)
        let subscription = try plugin.subscribe(to: hub)
        hub.manners.withLock { $0.feed = { _ in .status("410 Gone") } }
        try plugin.run("the end of the job") { plugin.ends == 1 }
        #expect(plugin.failed?.kind == .gone && plugin.state(of: hub) == nil)
        #expect(hub.requests.map { $0["hub.mode"] } == ["subscribe", "unsubscribe"])
        #expect(hub.requests.last?["hub.callback"] == subscription.callback)
        // One that fails for a while keeps it.
        let other = try Hub()
        let patient = try SubscribedPlugin(other.settings(), poll: 1)
        _ = try patient.subscribe(to: other)
        other.manners.withLock { $0.feed = { _ in .status("500 Broken") } }
        try patient.run("the end of the job") { patient.ends == 1 }
        #expect(patient.failed?.kind == .transient && patient.state(of: other) != nil && other.requests.count == 1)
    }
}
