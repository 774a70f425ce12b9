import Glibc
import JSON
import Testing

/// Standard input, commands and the control socket as ways in.
@Suite(.serialized, .enabled(if: RunningDaemon.isBuilt, "the programs are not built: swift build"))
struct PipeTests {
    let directory = Workspace()

    @Test func standardInputByLinesUpToAHalfOne() throws {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let daemon = try RunningDaemon(
            """
            [[sink]]
            name = "archive"
            plugin = "jsonl"
            path = "out.jsonl"
            [source.pipe]
            plugin = "stdin"
            records = "json"
            fields = { title = "headline", text = "content" }
            """, in: directory, input: ends[0])
        close(ends[0])
        for number in 1...50 {
            let line =
                "{\"headline\":\"Number \(number)\",\"content\":\"What there is to say about number \(number).\"}\n"
            write(ends[1], line, line.utf8.count)
        }
        let bad = "{\"headline\":\n"
        write(ends[1], bad, bad.utf8.count)
        let half = "{\"headline\":\"Half\",\"content\":\"The last record has no end.\"}"
        write(ends[1], half, half.utf8.count)
        close(ends[1])
        try wait("52 records", seconds: 30) {
            try daemon.get("status")["counts"]?["dead_letters"]?.integer == 1 && daemon.lines("out.jsonl").count == 51
        }
        #expect(daemon.lines("out.jsonl").first?["title"]?.string == "Number 1")
        #expect(daemon.lines("out.jsonl").last?["title"]?.string == "Half")
        #expect(daemon.directory.read("daemon.log").contains("in the middle of a record"))
        #expect(daemon.stop() == 0)
    }

    @Test func ingestIsDurableWhenItReturns() throws {
        let daemon = try RunningDaemon("[source.inbox]\nplugin = \"push\"\n", in: directory)
        for number in 1...20 {
            let answer = try daemon.ingest(
                "Note number \(number), as short as it is.", source: "inbox", uri: "note:\(number)")
            #expect(answer["new"]?.integer == 1)
            if number % 10 == 0 { try daemon.killAndRestart() }
        }
        #expect(try daemon.get("status")["counts"]?["new"]?.integer == 20)
        #expect(
            try daemon.ingest("Note number 3, as short as it is.", source: "inbox", uri: "note:3")["unchanged"]?.integer
                == 1)
        let unknown = try daemon.ingest("x", source: "inbix", uri: "x")
        #expect(unknown["error"]?["remedy"]?.string?.contains("inbox") == true)
    }

    @Test func aCommandThatFailsIsTold() throws {
        let daemon = try RunningDaemon(
            """
            [source.fails]
            plugin = "exec"
            command = ["sh", "-c", "echo not today >&2; exit 3"]
            """, in: directory)
        try wait("the failure", seconds: 20) { try daemon.get("sources", "fails")["failures"]?.integer ?? 0 > 0 }
        let what = try daemon.get("sources", "fails")["last_error"]?["what"]?.string ?? ""
        #expect(what.contains("status 3") && what.contains("not today"))
    }
}
