import Testing

/// Configurations with problems, told by the built daemon.
@Suite(.serialized, .enabled(if: RunningDaemon.isBuilt, "the programs are not built"))
struct ConfigurationProblemsTests {
    private static let good = "[[sink]]\nname = \"archive\"\nplugin = \"jsonl\"\npath = \"out.jsonl\"\n"

    /// A directory of source files of which each has 60 unknown plugins.
    private func directory(_ files: [String]) -> Workspace {
        let directory = Workspace()
        directory.write("millrace.toml", Self.good)
        directory.makeDirectory("sources.d")
        for file in files {
            let sources = (0..<60).map { "[source.s\(file.utf8.count)-\($0)]\nplugin = \"no-such-plugin\"\n" }
            directory.write("sources.d/\(file)", sources.joined())
        }
        return directory
    }

    private func check(_ directory: Workspace) throws -> (status: Int32, output: String) {
        let process = try Process(
            ["\(RunningDaemon.programs)/millraced", "--check", "--config", directory.path("millrace.toml")],
            errors: directory.path("check.err"), output: directory.path("check.out"))
        return (process.waitForEnd(), directory.read("check.out"))
    }

    @Test func theNameOfAFileCanNotCommandATerminal() throws {
        let directory = directory(["a\u{1B}]0;owned\u{7}\u{9B}31m\u{202E}.toml"])
        let (status, output) = try check(directory)
        #expect(status == 1)
        #expect(output.contains(#"a\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}.toml:2: "#), "\(output.prefix(300))")
        let commands: Set<Unicode.Scalar> = ["\u{1B}", "\u{7}", "\u{9B}", "\u{202E}"]
        #expect(!output.unicodeScalars.contains { commands.contains($0) })
        let daemon = try RunningDaemon(directory.read("millrace.toml"), in: directory)
        let log = daemon.directory.read("daemon.log")
        #expect(log.contains(#"\u{9b}31m\u{202e}.toml:2: "#), "\(log.prefix(300))")
        #expect(!log.unicodeScalars.contains { commands.contains($0) })
    }

    @Test func manyProblemsDoNotFloodTheLog() throws {
        let directory = directory(["one.toml", "three.toml"])
        #expect(try check(directory).output.split(separator: "\n").count == 120)
        let daemon = try RunningDaemon(directory.read("millrace.toml"), in: directory)
        func told() -> [Substring] {
            daemon.directory.read("daemon.log").split(separator: "\n").filter { $0.contains("no-such-plugin") }
        }
        #expect(told().count == 50)
        #expect(daemon.directory.read("daemon.log").contains("and 70 more problems"))
        let answer = try daemon.post("reload")
        #expect(answer["problems"]?.array?.count == 120)
        #expect(told().count == 100)
        #expect(daemon.stop() == 0)
    }
}
