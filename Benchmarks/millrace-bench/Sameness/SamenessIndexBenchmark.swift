import ArgumentParser
import Document
import Glibc
import Index
import JSON

/// What a look-up and an insertion of near duplicates cost, and what they take on the disk, as the index grows.
struct SamenessIndexBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sameness-index", abstract: "Time and disk per document as the index of near duplicates grows.",
        discussion: """
            Documents are fingerprints at random; every tenth repeats an earlier one, and a quarter of all keys are phrases \
            that hundreds of documents share. Each is looked up, then noted and applied, as the daemon does.
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
            _ = try fill(index, done..<timed)
            let cost = try fill(index, timed..<end)
            done = end
            let expected = Double((end - timed) / 10)
            steps.append([
                "documents": .integer(Int64(end)), "lookup_microseconds": cost.lookup.rounded2,
                "note_microseconds": cost.note.rounded2, "apply_microseconds": cost.apply.rounded2,
                "found": (Double(cost.found) / max(1, expected)).rounded2,
                "keys_bytes_per_document": (size("\(directory)/index.sqlite3-keys") / Double(end)).rounded2,
                "index_bytes_per_document": (size("\(directory)/index.sqlite3") / Double(end)).rounded2,
            ])
        }
        Progress.clear()
        printResult(["benchmark": "sameness-index", "steps": .array(steps)])
    }

    private struct Cost {
        var lookup = 0.0
        var note = 0.0
        var apply = 0.0
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
            let begin = clock.now
            for (print, id) in zip(prints, ids) where try index.nearestDocument(to: print, besides: id) != nil {
                cost.found += 1
            }
            let looked = clock.now
            for (print, id) in zip(prints, ids) { try index.note(print, of: id) }
            let noted = clock.now
            for (offset, (print, id)) in zip(prints, ids).enumerated() {
                try index.apply(
                    document: id, source: "bench", revision: 1, hash: SyntheticDocument.hash(id), fingerprint: print,
                    position: UInt64(numbers.lowerBound + offset + 1))
            }
            if start % 20_000 == 0 { try index.commit() }
            let applied = clock.now
            cost.lookup += (looked - begin).seconds
            cost.note += (noted - looked).seconds
            cost.apply += (applied - noted).seconds
        }
        try index.commit()
        let scale = 1e6 / Double(max(1, range.count))
        cost.lookup *= scale
        cost.note *= scale
        cost.apply *= scale
        return cost
    }

    private static func milestones(_ last: Int) -> [Int] {
        [10_000, 100_000, 1_000_000, 10_000_000, 100_000_000].filter { $0 < last } + [last]
    }

    private func size(_ path: String) -> Double {
        var information = stat()
        return stat(path, &information) == 0 ? Double(information.st_size) : 0
    }
}
