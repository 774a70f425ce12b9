import ArgumentParser
import Glibc
import JSON

/// What a daemon with ten sources takes when there is nothing to do.
struct IdleBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle", abstract: "Processor time and memory of a daemon with ten sources and nothing to do.")

    @Option(help: "Seconds to watch.")
    var seconds = 30

    func run() throws {
        let scratch = try ScratchDirectory(in: "/tmp")
        var configuration = """
            [[sink]]
            name = "archive"
            plugin = "jsonl"
            path = "out.jsonl"
            [[sink]]
            name = "search"
            plugin = "sqlite"
            path = "out.sqlite3"
            [source.piped]
            plugin = "stdin"
            [source.pushed]
            plugin = "push"
            [source.command]
            plugin = "exec"
            command = ["echo", "A command with a word to say."]
            every = "1h"

            """
        for number in 1...4 {
            try MeasuredDaemon.write("\(scratch.path)/page-\(number).txt", "A file of directory \(number), read once.")
            mkdir("\(scratch.path)/in-\(number)", 0o755)
            rename("\(scratch.path)/page-\(number).txt", "\(scratch.path)/in-\(number)/page.txt")
            configuration += "[source.directory-\(number)]\nplugin = \"directory\"\npath = \"in-\(number)\"\n"
        }
        for number in 1...3 {
            // Nobody listens on port 9: the source fails and waits for a while.
            configuration +=
                "[source.web-\(number)]\nplugin = \"http\"\nurl = \"http://127.0.0.1:9/\(number)\"\nallow_private = true\nevery = \"1h\"\n"
        }
        var input: [Int32] = [0, 0]
        guard pipe(&input) == 0 else { throw BenchmarkError("can't make a pipe") }
        let daemon = try MeasuredDaemon(configuration, in: scratch.path, input: input[0])
        // Until what is there has been read, and what fails has failed often enough to be left alone for a minute.
        sleep(15)
        let before = try daemon.figures()
        sleep(UInt32(max(seconds, 1)))
        let after = try daemon.figures()
        let status = try daemon.status()
        var total = 0.0
        var processes: [String: JSONValue] = [:]
        for (name, figures) in after {
            let used = figures.processor - (before[name]?.processor ?? 0)
            total += used
            processes[name] = [
                "processor_seconds": used.rounded2,
                "resident_mebibytes": (Double(figures.resident) / 1_048_576).rounded2,
            ]
        }
        close(input[0])
        close(input[1])
        printResult([
            "benchmark": "idle", "seconds": .integer(Int64(seconds)), "sources": status["sources"]?["total"] ?? 0,
            "processor_seconds": total.rounded2, "processor_percent": (100 * total / Double(max(seconds, 1))).rounded2,
            "resident_mebibytes": (Double(after.values.reduce(0) { $0 + $1.resident }) / 1_048_576).rounded2,
            "processes": .object(processes),
        ])
    }
}
