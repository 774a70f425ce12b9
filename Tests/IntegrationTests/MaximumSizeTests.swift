import Glibc
import JSON
import Testing

/// A log with a maximum size, and what becomes of it when a sink does not go on.
@Suite(.serialized, .enabled(if: RunningDaemon.isBuilt, "the programs are not built: swift build"))
struct MaximumSizeTests {
    let directory = Workspace()
    private static let maximum = 512 << 10
    private static let files = 240

    private func configuration(_ whenFull: String, sinkIsPaused: Bool) -> String {
        """
        [log]
        segment_size = "64 KiB"
        max_size = "512 KiB"
        when_full = "\(whenFull)"
        [[sink]]
        name = "archive"
        plugin = "jsonl"
        path = "\(directory.path("out.jsonl"))"
        paused = \(sinkIsPaused)
        [source.drop]
        plugin = "directory"
        path = "\(directory.path("drop"))"
        """
    }

    private func drop() {
        directory.makeDirectory("drop")
        for number in 1...Self.files {
            let text = (1...200).map { "Gauge \(number * 997 + $0) of the weir." }.joined(separator: " ")
            directory.write("drop/\(number).txt", text)
        }
    }

    /// Bytes that the log's files take.
    private var bytes: Int {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(directory.path("state/log/*.s*"), 0, nil, &found) == 0 else { return 0 }
        return (0..<Int(found.gl_pathc)).reduce(0) { sum, place in
            var information = stat()
            guard let path = found.gl_pathv[place], stat(path, &information) == 0 else { return sum }
            return sum + Int(information.st_size)
        }
    }

    private func waitUntilFull(_ daemon: RunningDaemon) throws {
        try wait("the log to be full", seconds: 60) { try daemon.get("status")["state"]?.string == "full" }
        // Until the reason names the sink.
        try wait("the reason", seconds: 10) {
            try daemon.get("status")["log"]?["reason"]?.string?.contains("sink archive has only") == true
        }
        try wait("a word in the daemon's log", seconds: 10) {
            directory.read("daemon.log").contains("the log is full, nothing more is taken")
        }
        #expect(bytes <= Self.maximum)
    }

    @Test func itBlocksUntilTheSinkHasCaughtUp() throws {
        drop()
        var daemon = try RunningDaemon(configuration("block", sinkIsPaused: true), in: directory)
        try waitUntilFull(daemon)
        let status = try daemon.get("status")
        #expect(status["log"]?["reason"]?.string?.contains("raise max_size") == true)
        #expect(status["log"]?["dropped"]?.integer == 0 && status["log"]?["first"]?.integer == 1)
        // It ends at once when it is asked to, and is full again after that and after a crash.
        #expect(daemon.stop() == 0)
        daemon = try RunningDaemon(configuration("block", sinkIsPaused: true), in: directory)
        try waitUntilFull(daemon)
        try daemon.killAndRestart()
        try waitUntilFull(daemon)
        directory.write("millrace.toml", configuration("block", sinkIsPaused: false))
        #expect(try daemon.post("reload")["problems"]?.array?.isEmpty == true)
        try wait("all documents in the sink", seconds: 60) { daemon.lines("out.jsonl").count >= Self.files }
        try wait("an end of it", seconds: 20) { try daemon.get("status")["state"]?.string == "running" }
        #expect(Set(daemon.lines("out.jsonl").compactMap { $0["uri"]?.string }).count == Self.files)
        #expect(daemon.lines("out.jsonl").count == Self.files)
        let end = try daemon.get("status")
        #expect(end["log"]?["dropped"]?.integer == 0 && end["log"]?["first"]?.integer ?? 0 > 1)
        #expect(bytes <= Self.maximum)
        #expect(directory.read("daemon.log").contains("the log has room again"))
        #expect(daemon.stop() == 0)
    }

    @Test func aHigherMaximumLetsItGoOn() throws {
        drop()
        let daemon = try RunningDaemon(configuration("block", sinkIsPaused: true), in: directory)
        try waitUntilFull(daemon)
        let higher = configuration("block", sinkIsPaused: true).replacing("512 KiB", with: "64 MiB")
        directory.write("millrace.toml", higher)
        #expect(try daemon.post("reload")["needs_restart"]?.array?.isEmpty == true)
        try wait("all files", seconds: 60) { try daemon.get("status")["counts"]?["new"]?.integer == Int64(Self.files) }
        #expect(try daemon.get("status")["state"]?.string == "running")
        #expect(daemon.stop() == 0)
    }

    @Test func theOldestIsDroppedInWriting() throws {
        drop()
        let daemon = try RunningDaemon(configuration("drop_oldest", sinkIsPaused: true), in: directory)
        try wait("all files", seconds: 90) { try daemon.get("status")["counts"]?["new"]?.integer == Int64(Self.files) }
        let log = try daemon.get("status")["log"]
        let first = log?["first"]?.integer ?? 0
        #expect(first > 1 && log?["dropped"]?.integer == first - 1)
        #expect(bytes <= Self.maximum)
        let written = directory.read("daemon.log")
        #expect(written.contains("positions 1 to ") && written.contains("are dropped, sink archive never had them"))
        directory.write("millrace.toml", configuration("drop_oldest", sinkIsPaused: false))
        _ = try daemon.post("reload")
        try daemon.settle(items: Int64(Self.files))
        // What is left reaches the sink once and in order, and what was dropped is known all the same.
        let positions = daemon.lines("out.jsonl").compactMap { $0["position"]?.integer }
        #expect(!positions.isEmpty && positions.count < Self.files)
        // How many are left depends on how many were written at once; the sink gets each of them.
        let left = try daemon.get("documents", query: [("limit", "\(Self.files)")])["documents"]?.array
        #expect(positions.count == left?.count)
        #expect(positions == positions.sorted() && Set(positions).count == positions.count)
        #expect(positions.first ?? 0 >= first)
        #expect(daemon.stop() == 0)
    }
}
