import ArgumentParser
import Document
import Glibc
import Index
import JSON

/// What a document costs the index, and what it takes on the disk and in memory, as the index grows.
struct SamenessIndexBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sameness-index", abstract: "Time, memory and disk per document as the index grows.",
        discussion: """
            Documents are fingerprints at random; every tenth repeats an earlier one, and a quarter of all keys are phrases \
            that hundreds of documents share. Each is looked up by id, by content and by what is nearly the same, then \
            applied, in transactions of 20000, as the daemon does. "cpu" is the processor time of the whole process, what \
            merges in the background included, and counts everything since the milestone before, as "slowest" does: the \
            longest that a thousand documents had to wait, with the end of a transaction in it.
            """)

    @Option(help: "Documents in the end.")
    var documents = 1_000_000
    @Option(help: "Where the index is put while measuring.")
    var stateDirectory = "."

    func validate() throws {
        guard documents >= 1000, documents <= 1 << 30 else {
            throw ValidationError("--documents is 1000 to 1073741824")
        }
    }

    func run() throws {
        let scratch = try ScratchDirectory(in: stateDirectory)
        let directory = "\(scratch.path)/index"
        let index = try Index.open(directory: directory, lastPosition: 0).index
        var steps: [JSONValue] = []
        var done = 0
        for end in Self.milestones(documents) {
            // The last tenth before a milestone is what is timed.
            let timed = max(done, end - max(1000, end / 10))
            let begin = ProcessFigures.own().processor
            let before = try fill(index, done..<timed)
            let cost = try fill(index, timed..<end)
            let processor = ProcessFigures.own().processor - begin
            let bytes = try Files.size(ofDirectory: directory)
            let scale = 1e6 / Double(end - timed)
            let repeated = Double((end - timed) / 10)
            steps.append([
                "documents": .integer(Int64(end)), "lookup_microseconds": (cost.lookup * scale).rounded2,
                "apply_microseconds": (cost.apply * scale).rounded2,
                "cpu_microseconds": (processor * 1e6 / Double(end - done)).rounded2,
                "slowest_milliseconds": (max(before.slowest, cost.slowest) * 1000).rounded2,
                "found": (Double(cost.found) / max(1, repeated)).rounded2,
                "memory_megabytes": (Double(ProcessFigures.own().anonymous) / 1e6).rounded2,
                "index_bytes_per_document": (Double(bytes) / Double(end)).rounded2,
            ])
            done = end
        }
        Progress.clear()
        printResult(["benchmark": "sameness-index", "steps": .array(steps)])
    }

    private struct Cost {
        var lookup = 0.0
        var apply = 0.0
        var slowest = 0.0
        var found = 0
    }

    private func fill(_ index: Index, _ range: Range<Int>) throws -> Cost {
        let clock = ContinuousClock()
        var cost = Cost()
        // In rounds, so that the clock is not read for each step.
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 1000) {
            Progress.show("sameness-index: \(start) documents")
            let numbers = start..<min(start + 1000, range.upperBound)
            let prints = numbers.map(SyntheticDocument.fingerprint)
            let ids = numbers.map(SyntheticDocument.id)
            let hashes = ids.map(SyntheticDocument.hash)
            let begin = clock.now
            for place in ids.indices {
                index.expect(ids[place], hashes[place], prints[place])
                guard try index.document(ids[place]) == nil, try index.firstDocument(with: hashes[place]) == nil else {
                    throw BenchmarkError("the index knows a document that is new")
                }
                if try index.nearestDocument(to: prints[place], besides: ids[place]) != nil { cost.found += 1 }
            }
            let looked = clock.now
            for place in ids.indices {
                try index.apply(
                    document: ids[place], source: "bench", revision: 1, hash: hashes[place],
                    fingerprint: prints[place], position: UInt64(numbers.lowerBound + place + 1))
            }
            index.advance(to: UInt64(numbers.upperBound))
            if start % 20_000 == 0 { try index.commit() }
            let applied = clock.now
            cost.lookup += (looked - begin).seconds
            cost.apply += (applied - looked).seconds
            cost.slowest = max(cost.slowest, (applied - begin).seconds)
        }
        try index.commit()
        return cost
    }

    private static func milestones(_ last: Int) -> [Int] {
        [10_000, 100_000, 1_000_000, 10_000_000, 100_000_000].filter { $0 < last } + [last]
    }
}
