import Glibc
import JSON
import Testing

/// An index that can't be trusted is made anew from the log, and nothing is taken twice.
@Suite(.serialized, .enabled(if: RunningDaemon.isBuilt, "the programs are not built: swift build"))
struct IndexDamageTests {
    let directory = Workspace()
    private let configuration = """
        [[sink]]
        name = "archive"
        plugin = "jsonl"
        path = "out.jsonl"
        [source.inbox]
        plugin = "push"
        """

    private var index: String { directory.path("state/index/index.sqlite3") }

    private func push(_ daemon: RunningDaemon, _ count: Int) throws -> (new: Int, unchanged: Int) {
        var totals = (new: 0, unchanged: 0)
        for number in 1...count {
            let answer = try daemon.ingest(
                "Note \(number) on the state of the weir, long enough to be kept.", source: "inbox",
                uri: "note:\(number)")
            totals.new += Int(answer["new"]?.integer ?? 0)
            totals.unchanged += Int(answer["unchanged"]?.integer ?? 0)
        }
        return totals
    }

    private func overwrite(at offsets: some Sequence<Int>, with byte: UInt8) {
        let descriptor = open(index, O_RDWR)
        for offset in offsets {
            var byte = byte
            _ = pwrite(descriptor, &byte, 1, off_t(offset))
        }
        close(descriptor)
    }

    private func size() -> Int {
        var information = stat()
        return stat(index, &information) == 0 ? Int(information.st_size) : 0
    }

    @Test(arguments: ["deleted", "truncated", "zeros", "rubbish", "header", "pages"])
    func aDamagedIndexIsMadeAnew(_ damage: String) throws {
        var daemon: RunningDaemon? = try RunningDaemon(configuration, in: directory)
        if let daemon {
            #expect(try push(daemon, 200).new == 200)
            try daemon.settle(items: 200)
            #expect(daemon.stop() == 0)
        }
        daemon = nil
        let bytes = size()
        #expect(bytes > 8 * 4096)
        switch damage {
        case "deleted": unlink(index)
        case "truncated": truncate(index, off_t(bytes / 2))
        case "zeros":
            truncate(index, 0)
            truncate(index, off_t(bytes))
        case "rubbish": overwrite(at: 0..<bytes, with: 0x6D)
        case "header": overwrite(at: [18, 20, 24, 60], with: 0x99)
        // All but the first pages, which are read at the start: the rest shows while the daemon runs.
        default: overwrite(at: stride(from: 3 * 4096 + 2000, to: bytes, by: 4096), with: 0xA5)
        }
        let again = try RunningDaemon(configuration, in: directory)
        #expect(try push(again, 200).unchanged == 200)
        try again.settle(items: 200)
        #expect(directory.read("out.jsonl").split(separator: "\n").count == 200)
        let log = directory.read("daemon.log")
        #expect(damage == "deleted" || log.contains("set aside as"), "\(log.suffix(2000))")
        #expect(log.contains("records of the log, those behind position 0, into the index"))
        #expect(try again.get("status")["index"]?["state"]?.string == "good")
        #expect(again.stop() == 0)
    }

    /// What a sector does that the disk can't read any more: the kernel answers with a signal, as behind the end of a file.
    @Test func keysThatCanNotBeReadAreMadeAnewWhileTheDaemonRuns() throws {
        directory.write(
            "notes.jsonl",
            (1...3000).map {
                #"{"id":"note \#($0)","text":"Note \#($0) on the state of the weir, long enough to be kept."}"#
            }
            .joined(separator: "\n"))
        func ingest() throws {
            let process = try Process(
                [
                    "\(RunningDaemon.programs)/millracectl", "--socket", directory.path("s"), "ingest", "--source",
                    "inbox",
                    "--records", "json", directory.path("notes.jsonl"),
                ], errors: directory.path("err"))
            #expect(process.waitForEnd() == 0, "\(directory.read("err"))")
        }
        var daemon: RunningDaemon? = try RunningDaemon(configuration, in: directory)
        try ingest()
        // At a clean end the keys of so many documents become a run.
        #expect(daemon?.stop() == 0)
        daemon = nil
        let again = try RunningDaemon(configuration, in: directory)
        // The first run has the number 1.
        #expect(truncate("\(index)-keys-1", 4096) == 0)
        try ingest()
        let counts = try again.get("status")["counts"]
        #expect(counts?["new"]?.integer == 3000 && counts?["unchanged"]?.integer == 3000, "\(counts as Any)")
        let log = directory.read("daemon.log")
        #expect(log.contains("can't be read at") && log.contains("set aside as"), "\(log.suffix(2000))")
        #expect(try again.get("status")["index"]?["state"]?.string == "good")
        #expect(again.stop() == 0)
    }

    @Test func aStartAfterACrashReplaysOnlyWhatFollows() throws {
        let daemon = try RunningDaemon(configuration, in: directory)
        _ = try push(daemon, 100)
        try daemon.settle(items: 100)
        // The index's transaction ends every few seconds.
        try wait("the index to be written", seconds: 20) {
            let status = try daemon.get("status")
            return status["index"]?["position"]?.integer == status["log"]?["last"]?.integer
        }
        let position = try #require(try daemon.get("status")["index"]?["position"]?.integer)
        #expect(try daemon.ingest("One more note about the weir.", source: "inbox", uri: "more")["new"]?.integer == 1)
        try daemon.killAndRestart()
        let status = try daemon.get("status")
        let replayed = try #require(status["index"]?["replayed"]?.integer)
        // A document, its receipt and at most a cursor or two; not the hundreds before.
        #expect((2...5).contains(replayed), "\(replayed)")
        #expect(directory.read("daemon.log").contains("those behind position \(position), into the index"))
        #expect(daemon.stop() == 0)
    }
}
