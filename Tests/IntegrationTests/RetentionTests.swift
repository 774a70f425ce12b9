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
