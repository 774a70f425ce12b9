import ControlClient
import Glibc
import JSON
import Testing

/// The log's old segments go, and what they said of documents stays known.
@Suite(.serialized, .enabled(if: RunningDaemon.isBuilt, "the programs are not built: swift build"))
struct RetentionTests {
    let directory = Workspace()

    private func configuration(_ log: String, sink: String = "plugin = \"jsonl\"\npath = \"out.jsonl\"") -> String {
        """
        [log]
        segment_size = "64 KiB"
        \(log)
        [[sink]]
        name = "archive"
        \(sink)
        [source.inbox]
        plugin = "push"
        """
    }

    private func push(_ daemon: RunningDaemon, _ numbers: ClosedRange<Int>) throws -> (new: Int, unchanged: Int) {
        var totals = (new: 0, unchanged: 0)
        for number in numbers {
            let text = (1...60).map { "Gauge \(number * 97 + $0) of the weir." }.joined(separator: " ")
            let answer = try daemon.ingest(text, source: "inbox", uri: "note:\(number)")
            totals.new += Int(answer["new"]?.integer ?? 0)
            totals.unchanged += Int(answer["unchanged"]?.integer ?? 0)
        }
        return totals
    }

    @Test func whatIsOldGoesWhenAllSinksHaveIt() throws {
        let paused = "plugin = \"jsonl\"\npath = \"\(directory.path("out.jsonl"))\"\npaused = true"
        let daemon = try RunningDaemon(configuration("keep_for = \"1h\"", sink: paused), in: directory)
        #expect(try push(daemon, 1...150).new == 150)
        let keepLess = "keep_for = \"1s\""
        directory.write("millrace.toml", configuration(keepLess, sink: paused))
        #expect(try daemon.post("reload")["needs_restart"]?.array?.isEmpty == true)
        // The paused sink holds it back.
        sleep(7)
        #expect(try daemon.get("status")["log"]?["first"]?.integer == 1)
        directory.write(
            "millrace.toml", configuration("keep_for = \"1h\"", sink: paused.replacing("true", with: "false")))
        _ = try daemon.post("reload")
        try daemon.settle(items: 150)
        // It is not old yet.
        sleep(6)
        #expect(try daemon.get("status")["log"]?["first"]?.integer == 1)
        directory.write("millrace.toml", configuration(keepLess, sink: paused.replacing("true", with: "false")))
        _ = try daemon.post("reload")
        try wait("old segments to go", seconds: 30) { try daemon.get("status")["log"]?["segments"]?.integer == 1 }
        #expect(directory.read("out.jsonl").split(separator: "\n").count == 150)
        #expect(daemon.stop() == 0)
    }

    @Test func aDeadLetterThatIsTrimmedIsNamedAndStillKnown() throws {
        let daemon = try RunningDaemon(configuration("keep_size = \"100 KiB\""), in: directory)
        var request = ControlRequest("POST", "ingest")
        request.add("source", "inbox")
        request.add("uri", "note:broken")
        request.add("records", "json")
        request.body = Array("{\"id\": ".utf8)
        _ = try ControlConnection(socket: directory.path("s")).exchange(request)
        let letter = try #require(try daemon.get("dead-letters")["dead_letters"]?.array?.first)
        let position = try #require(letter["position"]?.integer)
        #expect(try daemon.get("dead-letters", "\(position)")["reason"] == letter["reason"])
        #expect(try push(daemon, 1...150).new == 150)
        try wait("old segments to go", seconds: 60) {
            try daemon.get("status")["log"]?["first"]?.integer ?? 0 > position
        }
        #expect(
            directory.read("daemon.log").contains(
                "1 dead letters, at positions \(position) to \(position), are trimmed"))
        let kept = try daemon.get("dead-letters", "\(position)")
        #expect(kept["trimmed"]?.bool == true && kept["reason"] == letter["reason"] && kept["uri"] == letter["uri"])
        #expect(daemon.stop() == 0)
    }

    @Test func whatIsTrimmedIsStillKnownWhenTheIndexIsGone() throws {
        let daemon = try RunningDaemon(configuration("keep_size = \"100 KiB\""), in: directory)
        #expect(try push(daemon, 1...150).new == 150)
        try daemon.settle(items: 150)
        try wait("old segments to go", seconds: 60) {
            try daemon.get("status")["log"]?["first"]?.integer ?? 0 > 100
        }
        let first = try #require(try daemon.get("status")["log"]?["first"]?.integer)
        #expect(try daemon.get("status")["log"]?["dropped"]?.integer == 0)
        #expect(daemon.stop() == 0)
        for suffix in ["", "-wal", "-shm"] { unlink(directory.path("state/index/index.sqlite3\(suffix)")) }
        let again = try RunningDaemon(configuration("keep_size = \"100 KiB\""), in: directory)
        #expect(directory.read("daemon.log").contains("the index begins with the log's snapshot"))
        #expect(try again.get("status")["log"]?["first"]?.integer ?? 0 >= first)
        #expect(try again.get("status")["counts"]?["new"]?.integer == 150)
        #expect(try push(again, 1...150).unchanged == 150)
        try again.settle(items: 300)
        #expect(directory.read("out.jsonl").split(separator: "\n").count == 150)
        #expect(again.stop() == 0)
    }
}
