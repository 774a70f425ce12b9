import Glibc
import JSON
import Testing

/// millracectl as it was built, against a running daemon: what it prints, and its exit codes.
@Suite(.serialized, .enabled(if: RunningDaemon.isBuilt, "the programs are not built: swift build"))
struct ControlProgramTests {
    let directory = Workspace()

    /// Runs millracectl; returns its exit code and what it printed.
    @discardableResult
    private func control(_ arguments: String..., input: String? = nil) throws -> (code: Int32, output: String) {
        try control(arguments, input: input)
    }

    @discardableResult
    private func control(_ arguments: [String], input: String? = nil) throws -> (code: Int32, output: String) {
        var ends: [Int32] = [-1, -1]
        if let input {
            #expect(pipe(&ends) == 0)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            write(ends[1], input, input.utf8.count)
            close(ends[1])
        }
        defer { if input != nil { close(ends[0]) } }
        let process = try Process(
            ["\(RunningDaemon.programs)/millracectl", "--socket", directory.path("s")] + arguments,
            errors: directory.path("err"), input: input == nil ? nil : ends[0], output: directory.path("out"))
        let code = process.waitForEnd()
        return (code, directory.read("out"))
    }

    private func startDaemon(_ more: String = "") throws -> RunningDaemon {
        directory.makeDirectory("in")
        directory.makeDirectory("sources.d")
        directory.write("in/weir.txt", "The weir was opened.\n\nWater went down the valley for three whole days.")
        directory.write(
            "sources.d/files.toml", "[source.files]\nplugin = \"directory\"\npath = \"../in\"\nsettle = \"100ms\"\n")
        let daemon = try RunningDaemon(
            """
            \(more)
            [[sink]]
            name = "search"
            plugin = "sqlite"
            path = "out.sqlite3"
            [source.inbox]
            plugin = "push"
            """, in: directory)
        try daemon.settle(items: 1)
        return daemon
    }

    @Test func eachCommandAnswers() throws {
        let daemon = try startDaemon()
        #expect(try control("status").output.contains("1 new"))
        let status = try JSONValue.parse(try control("--json", "status").output)
        #expect(status["counts"]?["new"]?.integer == 1)
        #expect(try control("sources", "list").output.contains("files"))
        #expect(try control("sources", "show", "files").output.contains("watching"))
        #expect(try control("sources", "show", "flies").code == 1)
        #expect(directory.read("err").contains("did you mean 'files'?"))
        #expect(try control("sources", "pause", "files").code == 0)
        #expect(try daemon.get("sources", "files")["paused"]?.bool == true)
        #expect(try control("sources", "resume", "files").code == 0)
        #expect(try control("sources", "run", "files").code == 0)

        let list = try JSONValue.parse(try control("documents", "list", "--json").output)
        let id = list["documents"]?[0]?["id"]?.string ?? ""
        #expect(try control("documents", "show", id).output.contains("three whole days"))
        #expect(try control("documents", "show", String(repeating: "0", count: 32)).code == 1)
        #expect(try control("documents", "search", "valley").output.contains(id))
        #expect(try control("documents", "tail", "--last", "1").output.contains(id))
        #expect(try control("dead-letters", "list").code == 0)
        #expect(try control("reload").code == 0)
        #expect(daemon.stop() == 0)
        #expect(try control("log", "verify", directory.path("state")).code == 0)
    }

    /// A database that was lost is filled again from the log, and the daemon goes on with it.
    @Test func statusNamesSourcesThatTakeAnyCertificate() throws {
        let http = "plugin = \"http\"\nurl = \"https://127.0.0.1:1/\"\nevery = \"1h\"\npaused = true\n"
        let daemon = try startDaemon(
            "[source.lab]\n\(http)insecure = true\n[source.mill]\n\(http)user_agent = '\"insecure\":true'\n[source.weir]\n\(http)"
        )
        #expect(try control("status").output.contains("certificates are not verified for lab\n"))
        let status = try JSONValue.parse(try control("--json", "status").output)
        #expect(status["sources"]?["insecure"] == ["lab"])
        #expect(daemon.stop() == 0)
    }

    @Test(arguments: ["none", "zstd"]) func aSinkGetsARangeAgain(compression: String) throws {
        let daemon = try startDaemon("[log]\ncompression = \"\(compression)\"")
        _ = try daemon.ingest("The mill stood still until the autumn rains.", source: "inbox", uri: "note:1")
        try wait("both to be delivered", seconds: 30) {
            try daemon.get("status")["sinks"]?[0]?["lag"]?.integer == 0
        }
        let replay = [
            "log", "replay", "--config", directory.path("millrace.toml"), "--sink", "search", directory.path("state"),
        ]
        #expect(try control(replay).code == 1)
        #expect(directory.read("err").contains("in use"))
        #expect(daemon.stop() == 0)
        // The first bytes of a frame (RFC 8878, 3.1.1), two of which are no UTF-8.
        let segment = directory.read("state/log/00000000000000000001.segment")
        #expect(segment.contains("(\u{FFFD}/\u{FFFD}") == (compression == "zstd"))
        let exported = try control("log", "export", directory.path("state")).output.split(separator: "\n")
        #expect(exported.count == 2 && exported[0].contains("three whole days") && exported[1].contains("autumn rains"))
        #expect(try control("log", "verify", directory.path("state")).output.contains("sound\n1 segment, "))
        for suffix in ["", "-wal", "-shm"] { unlink(directory.path("out.sqlite3" + suffix)) }
        #expect(try control(replay + ["--source", "inbox"]).output.hasPrefix("1 document sent to 'search' again"))
        let answer = try control(replay + ["--json"])
        #expect(answer.code == 0)
        #expect(try JSONValue.parse(answer.output)["documents"]?.integer == 2)
        #expect(try control(replay.map { $0 == "search" ? "serach" : $0 }).code == 1)
        #expect(directory.read("err").contains("its sinks are search"))
        let again = try RunningDaemon(directory.read("millrace.toml"), in: directory)
        #expect(try control("documents", "search", "autumn").output.contains("note:1"))
        #expect(try control("documents", "search", "valley").output.contains("weir"))
        #expect(again.stop() == 0)
    }

    @Test func ingestSaysWhatBecameOfIt() throws {
        let daemon = try startDaemon()
        let records = """
            {"id":"a","title":"First","text":"The first of two records that are pushed."}
            {"id":"b","title":"Second","text":"The second of two records that are pushed."}

            """
        let first = try control("ingest", "--source", "inbox", "--records", "json", input: records)
        #expect(first.code == 0)
        #expect(first.output == "records 2: 2 new\n")
        let again = try control("--json", "ingest", "--source", "inbox", "--records", "json", input: records)
        #expect(try JSONValue.parse(again.output)["unchanged"]?.integer == 2)
        directory.write("bad.jsonl", "{\"title\":\n")
        #expect(try control("ingest", "--source", "inbox", "--records", "json", directory.path("bad.jsonl")).code == 1)
        #expect(try control("dead-letters", "list").output.contains("bad.jsonl"))
        #expect(try control("ingest", "--source", "nowhere", input: "x").code == 1)
        #expect(try daemon.get("status")["counts"]?["new"]?.integer == 3)
    }

    @Test func wrongUseAndNoDaemonHaveCodesOfTheirOwn() throws {
        #expect(try control("status").code == 3)
        #expect(try control("sources", "shwo", "x").code == 2)
        #expect(try control("documents", "list", "--limit", "many").code == 2)
        #expect(try control("log", "verify", directory.path("nothing")).code == 1)
    }

    @Test func previewNeedsNoDaemon() throws {
        directory.write(
            "page.html",
            """
            <html lang="en"><head><title>The ferry</title></head><body><main><h1>The ferry</h1>
            <p>The ferry crosses the river twelve times a day, and nobody has ever paid for it.</p></main></body></html>
            """)
        let page = try control("preview", "--json", "--url", "http://river.test/ferry", directory.path("page.html"))
        #expect(page.code == 0)
        let document = try JSONValue.parse(page.output)
        #expect(document["input"]?.string == directory.path("page.html"))
        #expect(document["title"]?.string == "The ferry")
        #expect(try control("preview", directory.path("page.html"), directory.path("missing.html")).code == 1)
    }

    @Test func reloadAppliesTheDifferenceAndNothingElse() throws {
        let daemon = try startDaemon()
        let before = try daemon.children()
        directory.write("sources.d/more.toml", "[source.more]\nplugin = \"push\"\n")
        daemon.process.signal(SIGHUP)
        try wait("the new source", seconds: 10) { try daemon.get("sources", "more")["name"]?.string == "more" }
        directory.write("sources.d/more.toml", "[source.more]\nplugin = \"pusch\"\n")
        let refused = try control("reload")
        #expect(refused.code == 1)
        #expect((refused.output + directory.read("err")).contains("sources.d/more.toml:2: "))
        #expect(try daemon.get("sources", "more")["name"]?.string == "more")
        #expect(try control("status").output.contains("more.toml:2"))
        #expect(try daemon.children() == before)
    }
}
