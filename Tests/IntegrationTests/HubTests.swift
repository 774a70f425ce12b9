import Glibc
import JSON
import TestSupport
import Testing

/// Hubs, the real daemon and its plugins: what a hub brings is there once, whatever dies.
@Suite(.serialized, .enabled(if: RunningDaemon.isBuilt, "the programs are not built: swift build"))
struct HubTests {
    let directory = Workspace()

    /// A feed and its hub. It writes down what is subscribed and confirmed, and brings what it finds in the file `push` until
    /// that is taken, as hubs do.
    private static let hub = """
        import hashlib, hmac, http.server, json, os, sys, threading, time, urllib.parse, urllib.request
        here, first = sys.argv[1], "<item><guid isPermaLink='false'>first</guid><title>The first stone</title>" \\
            "<description>It was brought from the quarry by six horses.</description></item>"
        subscribed = {}
        def rss(items): return "<rss version='2.0'><channel><title>Mill</title>%s</channel></rss>" % items
        def note(name, value):
            with open(here + "/" + name + ".new", "w") as file: file.write(json.dumps(value))
            os.rename(here + "/" + name + ".new", here + "/" + name)
        def verify(fields):
            if fields["hub.mode"] == "unsubscribe":
                note("asked", fields["hub.callback"])
                try: time.sleep(float(open(here + "/delay").read()))
                except FileNotFoundError: pass
            query = urllib.parse.urlencode({"hub.mode": fields["hub.mode"], "hub.topic": fields["hub.topic"],
                "hub.challenge": "mill", "hub.lease_seconds": fields.get("hub.lease_seconds", "0")})
            try: answer = urllib.request.urlopen(fields["hub.callback"] + "?" + query).read()
            except Exception: return
            if answer != b"mill": return
            if fields["hub.mode"] == "subscribe": subscribed[fields["hub.callback"]] = fields["hub.secret"]
            else: subscribed.pop(fields["hub.callback"], None)
            note("subscribed", subscribed)
        class Server(http.server.BaseHTTPRequestHandler):
            polls = 0
            def log_message(self, *arguments): pass
            def answer(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_GET(self):
                if self.path != "/feed": return self.answer(404)
                if os.path.exists(here + "/fail"): return self.answer(500)
                Server.polls += 1
                note("polls", Server.polls)
                place = "http://127.0.0.1:%d" % self.server.server_address[1]
                self.answer(200, rss(first).encode(), Link="<%s/hub>; rel=hub, <%s/feed>; rel=self" % (place, place))
            def do_POST(self):
                fields = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                self.answer(202)
                threading.Thread(target=verify, args=(fields,)).start()
        def bring():
            done = 0
            while True:
                time.sleep(0.05)
                try: wanted = int(open(here + "/push").read())
                except Exception: continue
                while done < wanted:
                    item = "<item><guid isPermaLink='false'>n%d</guid><title>Stone number %d</title><description>This is " \\
                        "what is to be told of stone number %d, and of %s.</description></item>" % (
                        done, done, done, hashlib.sha256(b"%d" % done).hexdigest())
                    body = rss(item).encode()
                    for callback, secret in list(subscribed.items()):
                        request = urllib.request.Request(callback, body, {"Content-Type": "application/rss+xml",
                            "X-Hub-Signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()})
                        try: status = urllib.request.urlopen(request, timeout=30).status
                        except Exception: status = 0
                        if status == 200:
                            done += 1
                            note("taken", done)
                        else: time.sleep(0.2)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        note("port", server.server_address[1])
        threading.Thread(target=bring, daemon=True).start()
        server.serve_forever()
        """

    private func number(_ name: String) -> Int { Int(directory.read(name)) ?? 0 }

    /// The hub, once it listens.
    private func startHub() throws -> Process {
        directory.write("hub.py", Self.hub)
        let program = try Process(
            ["/usr/bin/env", "python3", directory.path("hub.py"), directory.path(".")],
            errors: directory.path("hub.log"))
        do { try wait("the hub", seconds: 20) { self.number("port") > 0 } } catch {
            program.end()
            throw error
        }
        return program
    }

    /// The hub's feed.
    private var source: String {
        """
        [source.mill]
        plugin = "http"
        url = "http://127.0.0.1:\(number("port"))/feed"
        allow_private = true
        every = "1d"
        """
    }

    private func configuration(_ port: UInt16, source: String) -> String {
        """
        [websub]
        listen = "127.0.0.1:\(port)"
        callback = "http://127.0.0.1:\(port)/websub/"
        [[sink]]
        name = "archive"
        plugin = "jsonl"
        path = "out.jsonl"
        [source.other]
        plugin = "push"
        \(source)
        """
    }

    @Test(
        "What a hub brings is there once though fetcher and daemon are killed; a removed source ends its subscription")
    func hub() throws {
        let program = try startHub()
        defer { program.end() }
        let source = source
        let port = try freePort()
        let daemon = try RunningDaemon(configuration(port, source: source), in: directory)
        func shown() throws -> JSONValue? {
            try daemon.get("sources", "mill")["report"]?["subscriptions"]?.object?.first?.value
        }
        try wait("the subscription: \(directory.read("daemon.log").suffix(2000))", seconds: 30) {
            try shown()?["state"]?.string == "live"
        }
        #expect(try daemon.get("sources", "mill")["state"]?.string == "watching")
        directory.write("push", "5")
        try wait("five pushes", seconds: 30) { self.number("taken") == 5 }
        try daemon.settle(items: 6)
        #expect(number("polls") == 1 && daemon.lines("out.jsonl").count == 6)
        try wait("the last push to be shown", seconds: 20) { try shown()?["received"]?.integer == 5 }
        #expect(try shown()?["last_push"]?.string != nil)
        // The fetcher dies while a hub brings one after the other, then the daemon.
        directory.write("push", "40")
        for _ in 0..<2 {
            let before = number("taken")
            try wait("some pushes", seconds: 60) { self.number("taken") >= before + 5 }
            if let fetcher = try daemon.children()["fetch-http"] { kill(fetcher, SIGKILL) }
        }
        let before = number("taken")
        try wait("some pushes", seconds: 60) { self.number("taken") >= before + 5 }
        try daemon.killAndRestart()
        try wait("all pushes: \(directory.read("daemon.log").suffix(2000))", seconds: 90) { self.number("taken") == 40 }
        try daemon.settle(items: 1)
        let titles = daemon.lines("out.jsonl").compactMap { $0["title"]?.string }
        #expect(Set(titles).count == 41 && titles.count == 41, "each is there once")
        // A run by hand looks at the feed, without another subscription.
        let polls = number("polls")
        _ = try daemon.post("sources", "mill", "run")
        try wait("another look", seconds: 20) { self.number("polls") == polls + 1 }
        try wait("the wait for more", seconds: 20) { try daemon.get("sources", "mill")["state"]?.string == "watching" }
        #expect((try JSONValue.parse(directory.read("subscribed"))).object?.count == 1)
        // Neither the log nor an answer names the secret or the address.
        let (callback, secret) = try #require(try JSONValue.parse(directory.read("subscribed")).object?.first)
        let token = String(callback.suffix(32))
        for text in [
            directory.read("daemon.log"), try daemon.get("sources", "mill").description,
            try daemon.get("status").description,
        ] {
            #expect(!text.contains(token) && !text.contains(secret.string ?? "?"))
        }
        directory.write("millrace.toml", configuration(port, source: ""))
        _ = try daemon.post("reload")
        try wait("the end of the subscription", seconds: 40) {
            try JSONValue.parse(self.directory.read("subscribed")).object?.isEmpty == true
        }
        #expect(daemon.stop() == 0)
    }

    /// A daemon whose source is subscribed at a hub that asks back so many seconds after the request to end that.
    private func subscribed(_ port: UInt16, delay: String) throws -> RunningDaemon {
        let daemon = try RunningDaemon(configuration(port, source: source), in: directory)
        directory.write("delay", delay)
        try wait("the hub to know it: \(directory.read("daemon.log").suffix(2000))", seconds: 30) {
            subscriptions == 1
        }
        try wait("the wait for news", seconds: 10) { try daemon.get("sources", "mill")["state"]?.string == "watching" }
        return daemon
    }

    /// What the hub has.
    private var subscriptions: Int? { (try? JSONValue.parse(directory.read("subscribed")))?.object?.count }

    /// Seconds until something holds.
    private func seconds(_ what: String, atMost limit: Double, until condition: () throws -> Bool) throws -> Double {
        let start = ContinuousClock.now
        try wait("\(what): \(directory.read("daemon.log").suffix(2000))", seconds: limit, until: condition)
        return (ContinuousClock.now - start) / .seconds(1)
    }

    /// Takes the last http source out of the configuration.
    private func removeSource(_ daemon: RunningDaemon, _ port: UInt16) throws {
        directory.write("millrace.toml", configuration(port, source: ""))
        let start = ContinuousClock.now
        _ = try daemon.post("reload")
        #expect(ContinuousClock.now - start < .seconds(3), "the reload waits for nobody")
        try wait("the hub to be asked", seconds: 10) { access(directory.path("asked"), F_OK) == 0 }
    }

    @Test("The fetcher stays until the hub has asked back though its last source is gone, and where another comes")
    func asksBackLater() throws {
        let program = try startHub()
        defer { program.end() }
        let port = try freePort()
        let daemon = try subscribed(port, delay: "5")
        let fetcher = try daemon.children()["fetch-http"]
        try removeSource(daemon, port)
        let asked = try seconds("the end of the subscription", atMost: 20) { subscriptions == 0 }
        #expect(asked > 3 && asked < 15, "\(asked)")
        let gone = try seconds("the end of the fetcher", atMost: 10) { try daemon.children()["fetch-http"] == nil }
        #expect(gone < 4, "\(gone)")
        directory.write("millrace.toml", configuration(port, source: source))
        _ = try daemon.post("reload")
        try wait("another subscription", seconds: 20) { subscriptions == 1 }
        let next = try daemon.children()["fetch-http"]
        #expect(next != nil && next != fetcher)
        unlink(directory.path("asked"))
        let before = directory.read("subscribed")
        try removeSource(daemon, port)
        directory.write("millrace.toml", configuration(port, source: source))
        _ = try daemon.post("reload")
        // It is subscribed once the hub has asked back about the subscription that ended, which was the fetcher's last.
        try wait("the subscription after that", seconds: 20) {
            subscriptions == 1 && directory.read("subscribed") != before
        }
        #expect(try daemon.children()["fetch-http"] == next)
        #expect(daemon.stop() == 0)
    }

    @Test(
        "A source that is paused and resumed is subscribed again at once, also where the hub has not asked back yet",
        arguments: ["its end", "no end", "a restart"])
    func resumed(after what: String) throws {
        let program = try startHub()
        defer { program.end() }
        let daemon = try subscribed(try freePort(), delay: what == "no end" ? "3" : "0")
        let callback = directory.read("subscribed")
        _ = try daemon.post("sources", "mill", "pause")
        try wait("the hub to be asked", seconds: 10) { access(directory.path("asked"), F_OK) == 0 }
        if what != "no end" {
            try wait("the pause", seconds: 10) {
                try subscriptions == 0 && daemon.get("sources", "mill")["state"]?.string == "paused"
            }
        }
        if what == "a restart" { try daemon.killAndRestart() }
        _ = try daemon.post("sources", "mill", "resume")
        try wait("another subscription: \(directory.read("daemon.log").suffix(2000))", seconds: 15) {
            subscriptions == 1 && directory.read("subscribed") != callback
        }
        #expect(daemon.stop() == 0)
    }

    @Test(
        "A source that gets another plugin ends its subscription and goes on with that",
        arguments: ["push", "directory"])
    func otherPlugin(_ plugin: String) throws {
        let program = try startHub()
        defer { program.end() }
        let port = try freePort()
        let daemon = try subscribed(port, delay: "1")
        directory.makeDirectory("stones")
        directory.write("stones/second.txt", "The second stone was brought by a barge, and the bargeman kept its dust.")
        let source = "[source.mill]\nplugin = \"\(plugin)\"\n"
        directory.write(
            "millrace.toml",
            configuration(port, source: source + (plugin == "push" ? "" : "path = \"\(directory.path("stones"))\"")))
        _ = try daemon.post("reload")
        if plugin == "push" {
            _ = try daemon.ingest(
                "The second stone came by itself, and nobody saw it on its way.", source: "mill", uri: "x:2")
        }
        try wait("the end of the subscription: \(directory.read("daemon.log").suffix(2000))", seconds: 10) {
            subscriptions == 0
        }
        try wait("the end of the fetcher", seconds: 10) { try daemon.children()["fetch-http"] == nil }
        try daemon.settle(items: 2)
        let mill = try daemon.get("sources", "mill")
        #expect(mill["plugin"]?.string == plugin && mill["report"]?["subscriptions"] == nil, "\(mill)")
        #expect(daemon.lines("out.jsonl").count == 2)
        #expect(daemon.stop() == 0)
    }

    @Test(
        "A hub that never asks back has 30 s, which is told, and none where the daemon stops", arguments: [false, true])
    func neverAsksBack(stops: Bool) throws {
        let program = try startHub()
        defer { program.end() }
        let port = try freePort()
        let daemon = try subscribed(port, delay: "100")
        try removeSource(daemon, port)
        let gone = try seconds("the end of the fetcher", atMost: 45) {
            try stops ? daemon.stop() == 0 : daemon.children()["fetch-http"] == nil
        }
        #expect(stops ? gone < 5 : gone > 25 && gone < 40, "\(gone)")
        #expect(directory.read("daemon.log").contains("has not asked back within 30 s") == !stops)
        if !stops { #expect(daemon.stop() == 0) }
    }

    /// The plugin says `ending` when it is told that its source is not wanted any more, and the second time writes that down.
    @Test(
        "A source whose run ends at the moment at which it is paused or removed is told of that once more",
        arguments: ["pause", "remove", "paused"],
        [
            #"{"type": "failed", "job": job, "kind": "transient", "message": "the mill burns"}"#,
            #"{"type": "done", "job": job, "again": True, "report": {"subscriptions": {"x:1": {"state": "live"}}}}"#,
        ])
    func endsMeanwhile(how: String, ending: String) throws {
        directory.write(
            "meanwhile.py",
            """
            import json, sys
            def send(header):
                sys.stdout.write(json.dumps(header) + "\\n")
                sys.stdout.flush()
            told = 0
            for line in sys.stdin:
                frame = json.loads(line)
                job = frame.get("job")
                if frame["type"] == "hello":
                    send({"type": "hello", "protocol": 1, "name": "mill", "version": "1", "roles": ["fetch"], "settings": {}})
                elif frame["type"] == "fetch":
                    send({"type": "watching", "job": job, "report": {"subscriptions": {"x:1": {"state": "live"}}}})
                elif frame["type"] == "cancel" and frame.get("for_good"):
                    told += 1
                    send(\(ending) if told == 1 else {"type": "done", "job": job, "report": {"hosts": {"x": {}}}})
                    open("\(directory.path("told"))", "w").write(str(told))
                elif frame["type"] == "shutdown": break
            """)
        let plugin = """
            [plugin.mill]
            command = ["python3", "\(directory.path("meanwhile.py"))"]
            [source.other]
            plugin = "push"

            """
        let source = "[source.mill]\nplugin = \"mill\"\n"
        let daemon = try RunningDaemon(plugin + source, in: directory)
        try wait("the wait for news", seconds: 10) { try daemon.get("sources", "mill")["state"]?.string == "watching" }
        if how == "pause" {
            _ = try daemon.post("sources", "mill", "pause")
        } else {
            directory.write("millrace.toml", plugin + (how == "paused" ? source + "paused = true" : ""))
            _ = try daemon.post("reload")
        }
        try wait("it to be told again: \(directory.read("daemon.log").suffix(2000))", seconds: 10) {
            number("told") == 2
        }
        if how == "remove" {
            try wait("the end of the plugin", seconds: 10) { try daemon.children()["fetch-mill"] == nil }
        } else {
            try wait("the pause", seconds: 10) { try daemon.get("sources", "mill")["state"]?.string == "paused" }
            // A run by hand comes after whatever it would be told by then.
            _ = try daemon.post("sources", "mill", "run")
            try wait("the run", seconds: 10) { try daemon.get("sources", "mill")["state"]?.string == "watching" }
        }
        #expect(number("told") == 2)
        #expect(daemon.stop() == 0)
    }

    @Test(
        "A source that fails and is paused or removed ends its subscription all the same",
        arguments: ["pause", "remove"])
    func failing(how: String) throws {
        let program = try startHub()
        defer { program.end() }
        let source = source
        let port = try freePort()
        let daemon = try RunningDaemon(configuration(port, source: source), in: directory)
        func mill() throws -> JSONValue { try daemon.get("sources", "mill") }
        func subscribed() -> Int? { (try? JSONValue.parse(self.directory.read("subscribed")))?.object?.count }
        try wait("the subscription: \(directory.read("daemon.log").suffix(2000))", seconds: 30) {
            try mill()["report"]?["subscriptions"]?.object?.first?.value["state"]?.string == "live"
        }
        try wait("the hub to know it", seconds: 10) { subscribed() == 1 }
        directory.write("fail", "")
        _ = try daemon.post("sources", "mill", "run")
        try wait("the failure", seconds: 30) { try mill()["failures"]?.integer ?? 0 > 0 }
        #expect(try mill()["state"]?.string != "watching")
        #expect(subscribed() == 1)
        // A fetcher that was started since knows it by the source's state alone. (What runs met is committed every 3 s.)
        sleep(4)
        try daemon.killAndRestart()
        if how == "pause" {
            _ = try daemon.post("sources", "mill", "pause")
        } else {
            directory.write("millrace.toml", configuration(port, source: ""))
            _ = try daemon.post("reload")
        }
        try wait("the end of the subscription: \(directory.read("daemon.log").suffix(2000))", seconds: 30) {
            subscribed() == 0
        }
        if how == "pause" {
            try wait("the pause", seconds: 10) {
                try mill()["report"]?["subscriptions"]?.object?.isEmpty ?? true && mill()["state"]?.string == "paused"
            }
            // Back again, it subscribes anew.
            unlink(directory.path("fail"))
            _ = try daemon.post("sources", "mill", "resume")
            try wait("another subscription", seconds: 30) { subscribed() == 1 }
        }
        #expect(daemon.stop() == 0)
    }
}
