import ArgumentParser
import CSpawn
import Glibc
import JSON

/// What a daemon takes when its sources have nothing to bring.
struct IdleBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle", abstract: "Processor time and memory of a daemon whose sources have nothing to bring.")

    @Option(help: "Sources: standard input, push and exec, then directories and web addresses by turns.")
    var sources = 10
    @Option(help: "Seconds to watch.")
    var seconds = 60

    func validate() throws {
        guard sources > 0, sources <= 1000 else { throw ValidationError("--sources is 1 to 1000") }
        guard seconds > 0, seconds <= 86_400 else { throw ValidationError("--seconds is 1 to 86400") }
    }

    func run() throws {
        let scratch = try ScratchDirectory(in: "/tmp")
        var input: [Int32] = [-1, -1]
        guard millrace_pipe(&input) == 0 else { throw BenchmarkError("can't make a pipe") }
        defer { for end in input { close(end) } }
        let daemon = try MeasuredDaemon(try configuration(in: scratch.path), in: scratch.path, input: input[0])
        // Until what is there has been read, and what fails has failed often enough to be left alone for a while.
        wait(15, "until everything has been read once")
        let before = try daemon.figures()
        wait(seconds, "measuring")
        let after = try daemon.figures()
        let status = try daemon.status()
        try daemon.stop()
        Progress.clear()
        var total = 0.0
        var processes: [String: JSONValue] = [:]
        for (name, figures) in after {
            let used = figures.processor - (before[name]?.processor ?? 0)
            total += used
            processes[name] = [
                "processor_seconds": used.rounded2,
                "resident_mebibytes": (Double(figures.resident) / 1_048_576).rounded2,
                "peak_mebibytes": (Double(figures.peak) / 1_048_576).rounded2,
            ]
        }
        printResult([
            "benchmark": "idle", "seconds": .integer(Int64(seconds)), "sources": status["sources"]?["total"] ?? 0,
            "processor_seconds": total.rounded2, "processor_percent": (100 * total / Double(seconds)).rounded2,
            "resident_mebibytes": (Double(after.values.reduce(0) { $0 + $1.resident }) / 1_048_576).rounded2,
            "processes": .object(processes),
        ])
    }

    private func configuration(in directory: String) throws -> String {
        var text = """
            [[sink]]
            name = "archive"
            plugin = "jsonl"
            path = "out.jsonl"
            [[sink]]
            name = "search"
            plugin = "sqlite"
            path = "out.sqlite3"

            """
        for number in 1...sources {
            text += "[source.number-\(number)]\n"
            switch number {
            case 1: text += "plugin = \"stdin\"\n"
            case 2: text += "plugin = \"push\"\n"
            case 3:
                text += "plugin = \"exec\"\ncommand = [\"echo\", \"A command with a word to say.\"]\nevery = \"1h\"\n"
            case _ where number % 2 == 0:
                let folder = "in-\(number)"
                guard mkdir("\(directory)/\(folder)", 0o755) == 0 else { throw BenchmarkError("can't make \(folder)") }
                try Files.write("\(directory)/\(folder)/page.txt", "A file of directory \(number), read once.")
                text += "plugin = \"directory\"\npath = \"\(folder)\"\n"
            default:
                // Nobody listens on port 9.
                text +=
                    "plugin = \"http\"\nurl = \"http://127.0.0.1:9/\(number)\"\nallow_private = true\nevery = \"1h\"\n"
            }
        }
        return text
    }

    private func wait(_ seconds: Int, _ what: String) {
        for second in 0..<seconds {
            Progress.show("idle: \(what), \(seconds - second) s left")
            sleep(1)
        }
    }
}
