import Glibc
import JSON
import Testing

/// Files in, documents out, whatever happens to the daemon meanwhile.
@Suite(.serialized, .enabled(if: RunningDaemon.isBuilt, "the programs are not built: swift build"))
struct DirectoryIngestionTests {
    let directory = Workspace()

    private func configuration(_ more: String = "") -> String {
        """
        [[sink]]
        name = "archive"
        plugin = "jsonl"
        path = "out.jsonl"
        [[sink]]
        name = "search"
        plugin = "sqlite"
        path = "out.sqlite3"
        [source.files]
        plugin = "directory"
        path = "in"
        settle = "100ms"
        [source.inbox]
        plugin = "push"
        \(more)
        """
    }

    private func page(_ number: Int, _ word: String = "mill") -> String {
        """
        <!doctype html><html lang="en"><head><title>Page \(number)</title></head><body><article><h1>Page \(number)</h1>
        <p>The \(word) of page \(number) turns all night, and the water that drives it comes from the hills, number \(number).</p>
        <p>Nobody in the village remembers who built it, but everybody knows the sound of wheel \(number).</p></article></body></html>
        """
    }

    @Test func everyFileEndsAndARestartRepeatsNothing() throws {
        directory.makeDirectory("in")
        for number in 1...40 { directory.write("in/\(number).html", page(number)) }
        directory.write("in/empty.html", "")
        let daemon = try RunningDaemon(configuration(), in: directory)
        try daemon.settle(items: 41)
        let counts = try daemon.get("status")["counts"]
        #expect(counts?["new"]?.integer == 40)
        #expect(counts?["dead_letters"]?.integer == 1)
        let letters = try daemon.get("dead-letters")["dead_letters"]?.array
        #expect(letters?.first?["uri"]?.string?.hasSuffix("empty.html") == true)

        // A change is a revision; a touch is nothing.
        directory.write("in/7.html", page(7, "saw"))
        utimes(directory.path("in/8.html"), nil)
        try daemon.settle(items: 42)
        #expect(try daemon.get("status")["counts"]?["revised"]?.integer == 1)

        try daemon.killAndRestart()
        try daemon.settle(items: 42)
        #expect(try daemon.get("status")["counts"]?["items"]?.integer == 42)
        #expect(daemon.lines("out.jsonl").count == 41)
        #expect(daemon.lines("out.jsonl").last?["revision"]?.integer == 2)
        #expect(daemon.lines("out.jsonl").last?["title"]?.string == "Page 7")
        let found = try daemon.get("documents", "search", query: [("q", "saw \"water")])["documents"]?.array
        #expect(found?.count == 1)
        #expect(daemon.stop() == 0)
    }

    @Test func killedInTheMiddleNothingIsLostOrDoubled() throws {
        directory.makeDirectory("in")
        let total = 600
        for number in 1...total { directory.write("in/\(number).html", page(number)) }
        let daemon = try RunningDaemon(configuration(), in: directory)
        var acknowledged: [String] = []
        for round in 1...6 {
            usleep(UInt32(40_000 * round))
            let word = "pushed\(round)"
            if let answer = try? daemon.ingest("A note that says \(word) and no more.", source: "inbox", uri: word),
                answer["new"]?.integer == 1
            {
                acknowledged.append(word)
            }
            try daemon.killAndRestart()
        }
        try daemon.settle(items: Int64(total + acknowledged.count))
        let lines = daemon.lines("out.jsonl")
        let ids = lines.compactMap { $0["id"]?.string }
        #expect(ids.count == total + acknowledged.count)
        #expect(Set(ids).count == ids.count)
        for word in acknowledged { #expect(lines.contains { $0["text"]?.string?.contains(word) == true }) }
        let positions = lines.compactMap { $0["position"]?.integer }
        #expect(positions == positions.sorted())
        #expect(acknowledged.count == 6)
        let counts = try daemon.get("status")["counts"]
        #expect(counts?["new"]?.integer == Int64(total + acknowledged.count))
    }

    @Test func anyChildMayBeKilledAtAnyTime() throws {
        directory.makeDirectory("in")
        for number in 1...200 { directory.write("in/\(number).html", page(number)) }
        let daemon = try RunningDaemon(configuration(), in: directory)
        for name in ["normalise-1", "fetch-directory", "deliver-archive", "deliver-search"] {
            var child: Int32?
            try wait("\(name) to be there", seconds: 30) {
                child = try daemon.children()[name]
                return child != nil
            }
            if let child { kill(child, SIGKILL) }
            usleep(100_000)
        }
        for number in 201...220 { directory.write("in/\(number).html", page(number)) }
        try daemon.settle(items: 220)
        let ids = daemon.lines("out.jsonl").compactMap { $0["id"]?.string }
        #expect(Set(ids).count == 220)
        #expect(ids.count == 220)
        try wait("all children to be back", seconds: 30) { try daemon.children().count >= 5 }
        let restarts = try daemon.get("status")["processes"]?.array?.compactMap { $0["restarts"]?.integer }.reduce(0, +)
        #expect(restarts ?? 0 >= 3)
        #expect(
            try daemon.get("status")["processes"]?.array?.contains {
                $0["last_exit"]?.string?.contains("signal 9") == true
            } == true)
    }

    @Test func linksAreNotFollowedAndTheRootMayVanish() throws {
        directory.makeDirectory("in")
        directory.write("secret.txt", "This must never be read by anybody, it is outside of the root.")
        symlink(directory.path("secret.txt"), directory.path("in/link.txt"))
        symlink(directory.path(""), directory.path("in/up"))
        directory.write("in/a.txt", "A file inside of the root, which is read as it should be.")
        let daemon = try RunningDaemon(configuration(), in: directory)
        try daemon.settle(items: 1)
        #expect(daemon.lines("out.jsonl").count == 1)
        rename(directory.path("in"), directory.path("away"))
        try wait("the source to fail", seconds: 20) {
            try daemon.get("sources", "files")["last_error"]?["what"]?.string?.contains("gone") == true
        }
        directory.write("away/b.txt", "Another file, that came while the root was away from its place.")
        rename(directory.path("away"), directory.path("in"))
        try daemon.settle(items: 2, seconds: 30)
        #expect(daemon.lines("out.jsonl").count == 2)
    }

    @Test func aBadReloadLeavesWhatRuns() throws {
        directory.makeDirectory("in")
        directory.makeDirectory("sources.d")
        let daemon = try RunningDaemon(configuration(), in: directory)
        directory.write("sources.d/x.toml", "[source.x]\nplugin = \"directory\"\npth = \"in\"\n")
        let refused = try daemon.post("reload")
        let problems = refused["problems"]?.array?.compactMap(\.string) ?? []
        #expect(problems.contains { $0.contains("sources.d/x.toml:3:") && $0.contains("did you mean 'path'?") })
        #expect(try daemon.get("sources")["sources"]?.array?.count == 2)
        directory.write(
            "sources.d/x.toml",
            "[source.x]\nplugin = \"exec\"\ncommand = [\"echo\", \"A command has something to say today.\"]\n")
        let accepted = try daemon.post("reload")
        #expect(accepted["changed"]?["added"]?.array == ["x"])
        try daemon.settle(items: 1)
        #expect(daemon.lines("out.jsonl").count == 1)
        #expect(try daemon.get("sources", "files")["failures"]?.integer == 0)
    }

    @Test func aSecondDaemonIsRefused() throws {
        directory.makeDirectory("in")
        let daemon = try RunningDaemon(configuration(), in: directory)
        let second = try Process(
            [
                "\(RunningDaemon.programs)/millraced", "--config", directory.path("millrace.toml"), "--state-directory",
                directory.path("state"), "--control-socket", directory.path("other"),
            ], errors: directory.path("second.log"))
        #expect(second.waitForEnd() == 1)
        #expect(directory.read("second.log").contains("in use by another process"))
        let third = try Process(
            [
                "\(RunningDaemon.programs)/millraced", "--config", directory.path("millrace.toml"), "--state-directory",
                directory.path("state2"), "--control-socket", directory.path("s"),
            ], errors: directory.path("third.log"))
        #expect(third.waitForEnd() == 1)
        #expect(directory.read("third.log").contains("another daemon answers"))
        #expect(try daemon.get("status")["state"]?.string == "running")
    }
}
