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
    @Option(help: "Seconds to watch each.")
    var seconds = 20

    /// Sources of one file.
    private static let perFile = 1000

    func validate() throws {
        guard counts.allSatisfy({ (1...1_000_000).contains($0) }) else {
            throw ValidationError("--counts are 1 to 1000000")
        }
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds is 1 to 3600") }
    }

    func run() throws {
        var results: [JSONValue] = []
        for count in counts { results.append(try measure(count)) }
        Progress.clear()
        printResult(["benchmark": "sources", "seconds": .integer(Int64(seconds)), "measurements": .array(results)])
    }

    private func measure(_ count: Int) throws -> JSONValue {
        let scratch = try ScratchDirectory(in: "/tmp")
        guard mkdir(scratch.path + "/sources.d", 0o755) == 0 else { throw BenchmarkError("can't make sources.d") }
        for first in stride(from: 1, through: count, by: Self.perFile) {
            var text = ""
            for number in first..<min(first + Self.perFile, count + 1) {
                // A year away.
                text += """
                    [source.number-\(number)]
                    plugin = "http"
                    url = "http://host-\(number % 5000).example/feeds/\(number).xml"
                    cron = "0 0 1 1 *"

                    """
            }
            try Files.write("\(scratch.path)/sources.d/\(first).toml", text)
        }
        Progress.show("sources: starting with \(count)")
        let clock = ContinuousClock()
        let begin = clock.now
        let daemon = try MeasuredDaemon("", in: scratch.path, patience: 300)
        let start = (clock.now - begin).seconds
        for second in 0..<5 {
            Progress.show("sources: \(count), \(5 - second) s until it has settled")
            sleep(1)
        }
        let before = try daemon.figures()
        for second in 0..<seconds {
            Progress.show("sources: \(count), measuring, \(seconds - second) s left")
            sleep(1)
        }
        let after = try daemon.figures()
        guard try daemon.status()["sources"]?["total"]?.integer == Int64(count) else {
            throw BenchmarkError("the daemon does not have all sources")
        }
        try daemon.stop()
        let names = ["millraced", "fetch-http"]
        let resident = names.reduce(0) { $0 + (after[$1]?.resident ?? 0) }
        let processor = names.reduce(0.0) { $0 + (after[$1]?.processor ?? 0) - (before[$1]?.processor ?? 0) }
        return [
            "sources": .integer(Int64(count)), "start_seconds": start.rounded2,
            "resident_mebibytes": (Double(resident) / 1_048_576).rounded2,
            "processor_seconds": processor.rounded2,
        ]
    }
}
