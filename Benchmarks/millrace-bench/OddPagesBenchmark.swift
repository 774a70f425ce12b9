import ArgumentParser
import JSON

/// Processor time and memory of a worker for each of the pages of ``OddPage``.
struct OddPagesBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "odd-pages",
        abstract: "What pages that are made to be slow cost a worker; fails where one costs more than the limits.")

    @Option(help: "Seconds of processor time for a page; the median counts.")
    var seconds = 1.0
    @Option(help: "MiB of memory of the worker, beside three times the page.")
    var memory = 512.0
    @Option(name: .customLong("repeat"), help: "Rounds.")
    var rounds = 1

    func run() throws {
        var results: [JSONValue] = []
        var beyond: [String] = []
        for page in OddPage.all {
            Progress.show("odd-pages: \(page.name)")
            let file = Files.Input(name: "odd.html", mediaType: "text/html", bytes: page.make())
            var times: [Double] = []
            var peak = 0.0
            for _ in 0..<max(rounds, 1) {
                // A process for each, so that nothing is hidden by what came before.
                let worker = try MeasuredNormaliser()
                let begin = worker.figures.processor
                _ = try worker.normalise(file)
                times.append(worker.figures.processor - begin)
                peak = max(peak, Double(worker.figures.peak) / 1_048_576)
            }
            let time = times.sorted()[times.count / 2]
            let megabytes = Double(file.bytes.count) / 1e6
            if time > seconds || peak > memory + 3 * megabytes { beyond.append(page.name) }
            results.append([
                "page": .string(page.name), "megabytes": megabytes.rounded2, "processor_seconds": time.rounded2,
                "peak_mebibytes": peak.rounded2,
            ])
        }
        Progress.clear()
        printResult([
            "benchmark": "odd-pages", "pages": .array(results), "beyond_limits": .array(beyond.map { .string($0) }),
        ])
        if !beyond.isEmpty { throw ExitCode.failure }
    }
}
