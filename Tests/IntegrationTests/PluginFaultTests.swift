import Glibc
import JSON
import Testing

/// Plugins that do what they must not: each is contained, and the rest goes on.
@Suite(.serialized, .enabled(if: RunningDaemon.isBuilt, "the programs are not built: swift build"))
struct PluginFaultTests {
    let directory = Workspace()

    /// A fetcher in Python that does `action` when it is asked to fetch.
    private func fetcher(_ action: String) -> String {
        """
        import json, sys, time, os
        def send(header, body=b""):
            if body: header["body"] = len(body)
            sys.stdout.buffer.write(json.dumps(header).encode() + b"\\n" + body)
            sys.stdout.buffer.flush()
        for line in sys.stdin.buffer:
            frame = json.loads(line)
            if frame["type"] == "hello":
                send({"type": "hello", "protocol": 1, "name": "bad", "version": "1", "roles": ["fetch"], "settings": {}})
            elif frame["type"] == "fetch":
                job = frame["job"]
        \(action.split(separator: "\n").map { "        " + $0 }.joined(separator: "\n"))
        """
    }

    private func configuration(timeout: String = "5m") -> String {
        """
        [plugin.bad]
        command = ["python3", "\(directory.path("bad.py"))"]
        [[sink]]
        name = "archive"
        plugin = "jsonl"
        path = "out.jsonl"
        [source.bad]
        plugin = "bad"
        timeout = "\(timeout)"
        [source.inbox]
        plugin = "push"
        """
    }

    private func expectContained(_ action: String, says: String, timeout: String = "5m") throws {
        directory.write("bad.py", fetcher(action))
        let daemon = try RunningDaemon(configuration(timeout: timeout), in: directory)
        try wait("'\(says)' in \((try? daemon.get("status"))?.description ?? "")", seconds: 30) {
            let processes = try daemon.get("status")["processes"]?.array ?? []
            return processes.contains {
                $0["name"]?.string == "fetch-bad" && ($0["last_exit"]?.string ?? "").contains(says)
            }
        }
        // Others are not touched.
        #expect(
            try daemon.ingest("The rest of the daemon goes on as ever.", source: "inbox", uri: "note")["new"]?.integer
                == 1)
        try wait("the source to fail", seconds: 10) {
            (try daemon.get("sources", "bad")["last_error"]?["what"]?.string ?? "").contains("the plugin 'bad'")
        }
        #expect(daemon.stop() == 0)
    }

    /// A frame that is on its way when the daemon gives a job up is nobody's fault, and who is asked to end has the time.
    @Test func atACleanStopAPluginEndsByItself() throws {
        let action = """
            open('\(directory.path("opened"))', 'w').close()
            try:
                for line in sys.stdin.buffer:
                    frame = json.loads(line)
                    if frame['type'] == 'cancel':
                        for n in range(1, 1000): send({'type': 'item', 'job': job, 'item': n, 'uri': 'late'}, b'late')
                        send({'type': 'done', 'job': job})
            except BrokenPipeError: pass
            time.sleep(0.5)
            open('\(directory.path("ended"))', 'w').close()
            os._exit(0)
            """
        directory.write("bad.py", fetcher(action))
        let daemon = try RunningDaemon(configuration(), in: directory)
        try wait("the job to be opened", seconds: 30) { access(directory.path("opened"), F_OK) == 0 }
        #expect(daemon.stop() == 0)
        #expect(access(directory.path("ended"), F_OK) == 0, "the plugin was killed")
    }

    @Test func nonsense() throws {
        try expectContained("sys.stdout.write('hello there\\n'); sys.stdout.flush(); time.sleep(60)", says: "no JSON")
    }

    @Test func aFlood() throws {
        try expectContained(
            "for n in range(1, 10**6): send({'type': 'item', 'job': job, 'item': n, 'uri': 'x:%d' % n}, b'x' * 1000000)",
            says: "window")
    }

    @Test func anEndlessHeader() throws {
        try expectContained("while True: sys.stdout.write('x' * 1000000)", says: "header line of more than")
    }

    @Test func silence() throws { try expectContained("time.sleep(600)", says: "sent nothing", timeout: "1s") }

    @Test func whoSaysThatItWorksHasTheTime() throws {
        directory.write(
            "bad.py",
            fetcher(
                """
                for n in range(15):
                    send({"type": "log", "level": "debug", "message": "at it", "job": job})
                    time.sleep(0.3)
                send({"type": "item", "job": job, "item": 1, "uri": "x:1", "media_type": "text/plain"}, b"A text of the mill.")
                send({"type": "done", "job": job})
                """))
        let daemon = try RunningDaemon(configuration(timeout: "1s"), in: directory)
        try daemon.settle(items: 1, seconds: 20)
        #expect(try daemon.get("sources", "bad")["failures"]?.integer == 0)
        #expect(daemon.stop() == 0)
    }

    @Test func aDeathInTheMiddle() throws {
        try expectContained("sys.stdout.write('{\"type\":'); sys.stdout.flush(); os._exit(7)", says: "status 7")
    }

    /// Before and behind what the plugin does: it does not go when it should, or what it has started does not.
    @Test(arguments: [
        ("", "\ntime.sleep(600)"),
        ("import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)\n    os._exit(0)\n", ""),
    ])
    func whoStaysHoldsUpNothing(before: String, behind: String) throws {
        let brings = """
            send({"type": "item", "job": job, "item": 1, "uri": "x:1", "media_type": "text/plain"}, b"A text of the mill.")
            send({"type": "done", "job": job})
            """
        directory.write("bad.py", before + fetcher(brings) + behind)
        let clock = ContinuousClock()
        let start = clock.now
        // It is started once to be asked for its settings, and must be gone before anything begins.
        let daemon = try RunningDaemon(configuration(), in: directory)
        try daemon.settle(items: 1)
        #expect(clock.now - start < .seconds(30))
        #expect(try daemon.get("status")["counts"]?["new"]?.integer == 1)
        #expect(daemon.stop() == 0)
    }

    @Test func anItemThatTheNormaliserCanNotTake() throws {
        directory.write(
            "bad.py",
            fetcher(
                """
                send({"type": "item", "job": job, "item": 1, "uri": "x:1", "media_type": "application/rss+xml"}, b"this is no feed")
                send({"type": "item", "job": job, "item": 2, "uri": "x:2", "media_type": "application/octet-stream"}, bytes(range(256)) * 9)
                send({"type": "item", "job": job, "item": 3, "uri": "x:3", "media_type": "text/plain"}, b"A proper text comes behind them.")
                send({"type": "done", "job": job})
                """))
        let daemon = try RunningDaemon(configuration(), in: directory)
        try daemon.settle(items: 3)
        let counts = try daemon.get("status")["counts"]
        #expect(counts?["new"]?.integer == 1)
        #expect(counts?["dead_letters"]?.integer == 2)
        let letters = try daemon.get("dead-letters")["dead_letters"]?.array ?? []
        #expect(Set(letters.compactMap { $0["uri"]?.string }) == ["x:1", "x:2"])
        #expect(letters.allSatisfy { $0["reason"]?.string?.isEmpty == false })
    }
}
