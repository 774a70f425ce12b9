import JSON
import TestSupport
import Testing

/// The hubs that feeds and pages name, and which of them are asked.
@Suite("Hubs that are named", .hubsCanSign)
struct WebSubDiscoveryTests {
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
        let plugin = try SubscribedPlugin(hub.settings())
        let subscription = try plugin.subscribe(to: hub)
        #expect(subscription.topic == hub.feed, "\(answer.type)")
        let content = answer.body(hub.url) + " "
        let status = try plugin.during("the push") { hub.bring(content, to: subscription, type: answer.type) }
        #expect(status == 200 && plugin.items.last?.body == Array(content.utf8), "\(answer.type)")
        #expect(plugin.items.last?.item.description.key == hub.feed)
    }

    @Test("A feed whose hub is another one is subscribed to there")
    func otherHub() throws {
        let (hub, other) = (try Hub(), try Hub())
        let plugin = try SubscribedPlugin(hub.settings(), poll: 1)
        let subscription = try plugin.subscribe(to: hub)
        let place = other.url
        hub.manners.withLock { $0.feed = { Hub.feed(["first", "second"], hub: "\(place)/hub", topic: "\($0)/feed") } }
        try plugin.run("the other hub") { other.subscriptions.count == 1 && hub.subscriptions.isEmpty }
        #expect(other.subscriptions.first?.callback != subscription.callback)
        #expect(hub.requests.last?["hub.mode"] == "unsubscribe")
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
        let plugin = try SubscribedPlugin(hub.settings(isTrusted ? ["ca_file": .string(nginx.certificate)] : [:]))
        guard isTrusted else {
            try plugin.open()
            try plugin.run("the end of the job") { plugin.ends == 1 }
            let problem = plugin.report.subscriptions[hub.feed]?["problem"]?.string ?? ""
            #expect(problem.contains("the certificate is not trusted"), "\(problem)")
            // Nothing of the subscription went there, and the feed is polled.
            #expect(hub.requests.isEmpty && plugin.items.count == 1)
            return
        }
        let subscription = try plugin.subscribe(to: hub)
        let status = try plugin.during("the push") { hub.bring(Hub.rss(["second"]), to: subscription) }
        #expect(status == 200 && plugin.items.count == 2)
        try plugin.run("the wait for more") { plugin.isWatching }
        try plugin.cancel(forGood: true)
        try plugin.run("the end of the job") { plugin.ends == 1 }
        #expect(hub.requests.map { $0["hub.mode"] } == ["subscribe", "unsubscribe"])
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
}
