import TestSupport
import Testing

@testable import LogSimulation
@testable import WriteAheadLog

/// Segments that have lost both copies of their header.
@Suite struct SegmentHeaderDamageTests {
    let directory = TemporaryDirectory()

    private func loseBothCopies() throws {
        try directory.flipBit(at: 40)
        try directory.flipBit(at: SegmentFormat.secondCopyOffset + 59)
    }

    @Test func theFirstBatchShowsWhatTheHeaderSaid() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        for number in 1...30 { try await log.append(batch(number, 100 + number)) }
        log.close()
        let salt = try directory.salt
        try loseBothCopies()
        let again = try WriteAheadLog(directory: directory.path)
        #expect(again.recovery.faults.map(\.what) == [SegmentHeader.damage])
        #expect(again.statistics.last == 60)
        #expect(try contents(of: again).count == 60)
        #expect(again.begun(segment: 1) != nil)
        // The log goes on in another segment, whose header is whole.
        try await again.append(batch(31))
        #expect(try directory.salt != salt && again.statistics.segments == 2)
        again.close()
        let repair = try LogRepair(directory: directory.path)
        #expect(repair.segments.map(\.kept) == [60] && repair.segments.map(\.lost) == [0])
        #expect(try LogVerification(directory: directory.path).faults == [])
        let repaired = try WriteAheadLog(directory: directory.path)
        #expect(try contents(of: repaired).count == 61)
        repaired.close()
    }

    /// The header of a batch whose records are damaged is enough when the next one agrees.
    @Test func damagedRecordsOfTheFirstBatchTakeNoOther() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        for number in 1...10 { try await log.append(batch(number)) }
        log.close()
        try loseBothCopies()
        try directory.flipBit(at: SegmentFormat.headerLength + SegmentFormat.batchHeaderLength + 6)
        let again = try WriteAheadLog(directory: directory.path)
        #expect(try contents(of: again) == (2...10).map { "record \($0)" })
        #expect(again.recovery.faults.map(\.offset) == [0, SegmentFormat.headerLength])
        again.close()
    }

    /// A batch that somebody got into a record has a salt of its own; it does not make the log's.
    @Test func aForgedBatchIsNotBelieved() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        var forged = batch(1000).finished()
        forged.header.firstPosition = 1
        forged.seal(durable: 0, salt: 77)
        var outer = LogBatch()
        // Three bytes bring what follows to a multiple of 8.
        outer.append(kind: 1, [1, 2, 3] + forged.bytes)
        try await log.append(outer)
        try await log.append(batch(2))
        log.close()
        try loseBothCopies()
        // The first batch's header is gone, too.
        try directory.flipBit(at: SegmentFormat.headerLength + 9)
        let again = try WriteAheadLog(directory: directory.path)
        #expect(try contents(of: again) == [])
        #expect(again.recovery.faults.map(\.what) == [SegmentHeader.damage])
        again.close()
    }

    /// What an opening makes of a segment that it can't read holds at the next one, also when power is lost between them and bytes
    /// go that no sync had reached. Found by `log-histories 1 102014`.
    @Test(arguments: [true, false])
    func twoOpeningsLeaveOutTheSamePositions(firstBatchIsWhole: Bool) throws {
        var options = LogOptions()
        options.segmentSize = 20_000
        for seed: UInt64 in 1...40 {
            let system = SimulatedFileSystem(seed: seed)
            func open() throws -> WriteAheadLog {
                try WriteAheadLog(stepped: "log", options: options, fileSystem: system) { 7 }
            }
            let log = try open()
            _ = try log.enqueue(batch(1))
            #expect(log.step() == .done)
            for number in 2...200 { _ = try log.enqueue(batch(number)) }
            // The process ends between its write and its sync.
            system.callsUntilCrash = 1
            _ = log.step()
            #expect(system.hasCrashed)
            system.restart(losingPower: false)
            var places = [40, SegmentFormat.secondCopyOffset + 59]
            if !firstBatchIsWhole { places.append(SegmentFormat.headerLength + 9) }
            for place in places {
                system.disk.flipBit(of: SegmentFormat.fileName(firstPosition: 1), at: place, bit: 3)
            }
            let last = try open().statistics.last
            #expect(last >= 200)
            system.restart(losingPower: true)
            #expect(try open().statistics.last == last, "seed \(seed)")
        }
    }

    /// A batch that was whole at one opening is damage when it has rotted at the next one, also where it looks like a torn end.
    /// Found by `log-histories 1 8021287`.
    @Test func damageThatWasProvenStaysDamage() throws {
        var options = LogOptions()
        options.segmentSize = 20_000
        let system = SimulatedFileSystem(seed: 1)
        func open() throws -> WriteAheadLog {
            try WriteAheadLog(stepped: "log", options: options, fileSystem: system) { 7 }
        }
        let log = try open()
        // A sector of zeros is what a disk leaves that did not come to it.
        var zeros = LogBatch()
        zeros.append(kind: 1, [UInt8](repeating: 0, count: 4000))
        _ = try log.enqueue(zeros)
        #expect(log.step() == .done)
        var second = LogBatch()
        second.append(kind: 1, [UInt8](repeating: 0, count: 4000))
        let last = try log.enqueue(second).upperBound
        #expect(log.step() == .done)
        let name = SegmentFormat.fileName(firstPosition: 1)
        system.restart(losingPower: false)
        system.disk.flipBit(of: name, at: SegmentFormat.headerLength + 2000, bit: 3)
        #expect(try open().statistics.last == last)
        system.restart(losingPower: true)
        system.disk.flipBit(of: name, at: SegmentFormat.headerLength + 6000, bit: 3)
        let again = try open()
        #expect(again.statistics.last >= last)
        #expect(again.recovery.tornBytes == 0 && !again.recovery.faults.isEmpty)
    }
}
