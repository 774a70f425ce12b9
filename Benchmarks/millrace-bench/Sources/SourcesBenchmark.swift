import ArgumentParser
import Glibc
import JSON

/// What many sources cost while none of them is due.
struct SourcesBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sources",
        abstract: "Start, memory and processor time of the daemon with many http sources of which none is due.")

    @Option(parsing: .upToNextOption, help: "How many sources, one measurement for each number.")
    var counts = [1000, 10_000, 100_000]
    @Option(parsing: .upToNextOption, help: "Sources of one file; all is measured for each number.")
    var perFile = [1000, 1]
    @Option(help: "Seconds to watch each.")
    var seconds = 20

    /// What the daemon and the fetcher take together.
    private struct Figures {
        var start = 0.0
        var startProcessor = 0.0
        var resident = 0
        var idleProcessor = 0.0
    }

    func validate() throws {
        guard counts.allSatisfy({ (1...1_000_000).contains($0) }) else {
            throw ValidationError("--counts are 1 to 1000000")
        }
        guard perFile.allSatisfy({ (1...5000).contains($0) }) else { throw ValidationError("--per-file is 1 to 5000") }
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds is 1 to 3600") }
    }

    func run() throws {
        // What a daemon and a fetcher take anyway is no cost of a source.
        let one = try measure(1, perFile: 1, seconds: 1)
        var results: [JSONValue] = []
        for perFile in perFile {
            for count in counts {
                let figures = try measure(count, perFile: perFile, seconds: seconds)
                let more = Double(max(count - 1, 1))
                results.append([
                    "sources": .integer(Int64(count)), "per_file": .integer(Int64(perFile)),
                    "start_seconds": figures.start.rounded2,
                    "start_processor_seconds": figures.startProcessor.rounded2,
                    "resident_mebibytes": (Double(figures.resident) / 1_048_576).rounded2,
                    "processor_seconds": figures.idleProcessor.rounded2,
                    "microseconds_a_source": ((figures.startProcessor - one.startProcessor) / more * 1e6).rounded2,
                    "bytes_a_source": (Double(figures.resident - one.resident) / more).rounded2,
                ])
            }
        }
        Progress.clear()
        printResult(["benchmark": "sources", "seconds": .integer(Int64(seconds)), "measurements": .array(results)])
    }

    private func measure(_ count: Int, perFile: Int, seconds: Int) throws -> Figures {
        let scratch = try ScratchDirectory(in: "/tmp")
        // Due in a year.
        try SourceFiles.write(count, perFile: perFile, below: scratch.path) { number in
            """
            plugin = "http"
            url = "http://host-\(number % 5000).example/feeds/\(number).xml"
            cron = "0 0 1 1 *"
            """
        }
        Progress.show("sources: starting with \(count)")
        let clock = ContinuousClock()
        let begin = clock.now
        let daemon = try MeasuredDaemon("", in: scratch.path, patience: 300)
        var figures = Figures()
        figures.start = (clock.now - begin).seconds
        // Asked for once: an answer costs the more the more sources there are.
        let processes = try daemon.processes()
        figures.startProcessor = total(processes).processor
        for second in 0..<min(5, seconds) {
            Progress.show("sources: \(count), \(5 - second) s until it has settled")
            sleep(1)
        }
        let before = total(processes).processor
        for second in 0..<seconds {
            Progress.show("sources: \(count), measuring, \(seconds - second) s left")
            sleep(1)
        }
        let after = total(processes)
        guard try daemon.status()["sources"]?["total"]?.integer == Int64(count) else {
            throw BenchmarkError("the daemon does not have all sources")
        }
        try daemon.stop()
        figures.resident = after.resident
        figures.idleProcessor = after.processor - before
        return figures
    }

    private func total(_ processes: [String: Int32]) -> (resident: Int, processor: Double) {
        ["millraced", "fetch-http"].compactMap { processes[$0] }.reduce(into: (0, 0.0)) {
            let figures = ProcessFigures(of: $1)
            $0.0 += figures.resident
            $0.1 += figures.processor
        }
    }
}
