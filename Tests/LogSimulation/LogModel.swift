/// What a log must hold: every batch that was handed over, and how far it was acknowledged and seen.
struct LogModel {
    struct Batch: Equatable {
        var first: UInt64
        var records: [[UInt8]]
        var last: UInt64 { first + UInt64(records.count) - 1 }
    }

    /// In the order of their positions.
    private(set) var batches: [Batch] = []
    /// Up to here the log said: durable.
    private(set) var acknowledged: UInt64 = 0
    /// Up to here somebody has read.
    private(set) var seen: UInt64 = 0
    /// Where somebody flipped a bit.
    var flips: [(file: String, offset: Int)] = []
    /// Where somebody flipped a bit of a snapshot.
    var snapshotFlips: [(file: String, offset: Int)] = []
    /// Batches that were lost to one.
    private(set) var excused: Set<UInt64> = []

    mutating func add(_ batch: Batch, lastBefore: UInt64) throws(Violation) {
        guard batch.first == lastBefore + 1 else {
            throw Violation("position \(batch.first) was given where \(lastBefore + 1) is next")
        }
        guard batch.first > acknowledged, batch.first > seen else {
            throw Violation("position \(batch.first) was given again; acknowledged \(acknowledged), seen \(seen)")
        }
        batches.append(batch)
    }

    mutating func acknowledge(_ position: UInt64) { acknowledged = max(acknowledged, position) }

    /// Power was lost: what was called durable without a sync may be gone.
    mutating func loseUnsynced(_ synced: UInt64) {
        acknowledged = min(acknowledged, synced)
        seen = min(seen, synced)
    }

    /// Checks a batch that a reader was given.
    mutating func see(_ batch: Batch) throws(Violation) {
        guard let known = find(batch.first) else {
            throw Violation("a batch at \(batch.first) was read that nobody has appended there")
        }
        guard known == batch else {
            throw Violation("the batch at \(batch.first) was read with other records than it was appended with")
        }
        seen = max(seen, batch.last)
    }

    private func find(_ first: UInt64) -> Batch? {
        var low = 0
        var high = batches.count
        while low < high {
            let middle = (low + high) / 2
            if batches[middle].first < first { low = middle + 1 } else { high = middle }
        }
        return low < batches.count && batches[low].first == first ? batches[low] : nil
    }

    /// The log was opened again and ends at `last`.
    ///
    /// - Parameter promised: what must be there.
    mutating func recover(last: UInt64, promised: UInt64) throws(Violation) {
        guard last >= promised else { throw Violation("the log ends at \(last), \(promised) had been promised") }
        acknowledged = min(acknowledged, last)
        seen = min(seen, last)
        // Behind damage the log may end within the positions of one that is not there.
        batches.removeAll { $0.last > last }
    }

    /// Compares all that can be read, from `first` on, with what must be there up to `durable`.
    ///
    /// - Parameters:
    ///   - promised: up to here a batch that is missing is a loss.
    ///   - unreadable: positions of segments that flipped bits took as a whole.
    mutating func compare(
        _ found: Set<UInt64>, first: UInt64, durable: UInt64, promised: UInt64, faults: [(file: String, offset: Int)],
        unreadable: [Range<UInt64>]
    ) throws(Violation) {
        if flips.isEmpty, let fault = faults.first {
            throw Violation("a fault in \(fault.file) at byte \(fault.offset) is named where nothing was damaged")
        }
        var gone: Set<UInt64> = []
        for batch in batches
        where batch.first >= first && batch.last <= durable && !found.contains(batch.first)
            && !excused.contains(batch.first)
        {
            guard !flips.isEmpty else {
                throw Violation(
                    "the batch at \(batch.first) to \(batch.last) is missing, the log is durable to \(durable)")
            }
            // Only what was acknowledged, or seen before, counts.
            if batch.first <= promised { excused.insert(batch.first) }
            gone.insert(batch.first)
        }
        batches.removeAll { gone.contains($0.first) && !excused.contains($0.first) }
        let single = excused.count { batch in !unreadable.contains { $0.contains(batch) } }
        guard single <= flips.count else {
            throw Violation("batches \(excused.sorted()) are gone after \(flips.count) flipped bits")
        }
        if !gone.isEmpty, excused.isSuperset(of: gone) {
            for flip in flips where faults.contains(where: { $0.file == flip.file && $0.offset <= flip.offset }) {
                return
            }
            throw Violation("batches \(gone.sorted()) are gone, and no fault names the flipped bits at \(flips)")
        }
    }

    /// Compares what a snapshot says with what was written to it, a record in each batch.
    ///
    /// - Parameters:
    ///   - flips: offsets of flipped bits.
    ///   - faults: offsets that are named as damaged.
    func compareSnapshot(
        _ found: [[UInt8]], with wanted: [[UInt8]], flips: [Int], faults: [Int]
    ) throws(Violation) {
        guard !flips.isEmpty || faults.isEmpty else {
            throw Violation("faults of the snapshot at \(faults) are named where nothing was damaged")
        }
        var rest = found[...]
        for record in wanted where rest.first == record { rest.removeFirst() }
        guard rest.isEmpty else {
            throw Violation("the snapshot says what was never written to it, or in another order")
        }
        let copies = [0..<64, 4096..<4160]
        for flip in flips where copies.contains(where: { $0.contains(flip) }) && !faults.contains(where: { $0 <= flip })
        {
            throw Violation("the flipped bit in the snapshot's header at \(flip) is not named")
        }
        let lost = wanted.count - found.count
        guard lost > 0 else { return }
        // Nothing can be read without both copies of the header and the first batch.
        let isHeadless = (copies + [4160..<Int.max]).allSatisfy { part in flips.contains(where: part.contains) }
        guard lost <= flips.count || isHeadless else {
            throw Violation("\(lost) records of the snapshot are gone after \(flips.count) flipped bits")
        }
        guard flips.contains(where: { flip in faults.contains { $0 <= flip } }) else {
            throw Violation("\(lost) records of the snapshot are gone, and no fault names the flipped bits at \(flips)")
        }
    }
}

/// A promise that was not kept.
public struct Violation: Error, CustomStringConvertible {
    /// Which one, and how.
    public var description: String

    init(_ description: String) { self.description = description }
}
