import LogSimulation
import TestSupport
import Testing

@testable import WriteAheadLog

/// A snapshot stands in for what is trimmed, whenever the machine stops.
@Suite struct SnapshotTests {
    let directory = TemporaryDirectory()

    /// Stops the machine before each call in turn that a snapshot and a trim make, and looks at what is left.
    @Test(arguments: [false, true])
    func noMomentIsWithoutWhatIsTrimmed(losingPower: Bool) throws {
        var options = LogOptions()
        options.segmentSize = 5000
        let salt: @Sendable () -> UInt32 = { 7 }
        var wasTrimmed = 0
        for calls in 0..<60 {
            let system = SimulatedFileSystem(seed: UInt64(calls))
            var log = try WriteAheadLog(stepped: "log", options: options, fileSystem: system, salt: salt)
            for number in 1...60 {
                _ = try log.enqueue(batch(number))
                if number == 20 {
                    #expect(log.step() == .done)
                    try log.writeSnapshot(at: 20) { try $0.append(kind: 1) { $0 += "20".utf8 } }
                }
            }
            #expect(log.step() == .done)
            system.callsUntilCrash = calls
            do {
                try log.writeSnapshot(at: 60) { try $0.append(kind: 1) { $0 += "60".utf8 } }
                try log.trim(below: 61)
            } catch { #expect(system.hasCrashed, "\(error)") }
            system.restart(losingPower: losingPower)
            log = try WriteAheadLog(stepped: "log", options: options, fileSystem: system, salt: salt)
            let first = log.first
            #expect(first <= log.snapshotPosition + 1)
            if first > 1 { wasTrimmed += 1 }
            var texts: [String] = []
            #expect(try log.readSnapshot { texts.append(String(decoding: $0.bytes, as: UTF8.self)) } == [])
            #expect(texts == ["\(log.snapshotPosition)"])
            #expect(log.statistics.last == 60)
            #expect(try contents(of: log).count == 60 - Int(first) + 1)
            #expect(try LogVerification(directory: "log", fileSystem: system).faults == [])
            // A half-written one is no obstacle.
            try log.writeSnapshot(at: 60) { try $0.append(kind: 1) { $0 += "60".utf8 } }
            try log.trim(below: 61)
            #expect(log.snapshotPosition == 60)
        }
        #expect(wasTrimmed > 0 && wasTrimmed < 60)
    }

    /// Otherwise a power loss would leave a snapshot that knows more than the log.
    @Test func aSnapshotWaitsForNoInterval() async throws {
        var options = LogOptions()
        options.sync = .interval(.seconds(3600))
        let log = try WriteAheadLog(directory: directory.path, options: options)
        let last = try await log.append(batch(1, 2, 3)).upperBound
        #expect(log.syncedPosition == 0)
        try log.writeSnapshot(at: last) { try $0.append(kind: 1) { $0 += "3".utf8 } }
        #expect(log.syncedPosition == 3 && log.snapshotPosition == 3)
        log.close()
    }

    /// When all that stood behind the snapshot is gone, it still says which positions were given.
    @Test func positionsOfASnapshotAreNotGivenAgain() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        try await log.append(batch(1, 2, 3))
        try log.writeSnapshot(at: 3) { try $0.append(kind: 1) { $0 += "3".utf8 } }
        log.close()
        try SystemFileSystem().remove("\(directory.path)/\(SegmentFormat.fileName(firstPosition: 1))")
        let again = try WriteAheadLog(directory: directory.path)
        #expect(try await again.append(batch(4)) == 4...4)
        again.close()
    }

    @Test func verificationReadsTheSnapshot() async throws {
        var options = LogOptions()
        options.segmentSize = 5000
        let log = try WriteAheadLog(directory: directory.path, options: options)
        for number in 1...60 { try await log.append(batch(number)) }
        try log.writeSnapshot(at: 60) { writer in
            for kind: UInt8 in [1, 1, 4] { try writer.append(kind: kind) { $0 += "record".utf8 } }
        }
        try log.trim(below: 60)
        let first = log.first
        log.close()
        let found = try LogVerification(directory: directory.path)
        #expect(found.faults == [] && found.first == first && first > 1)
        #expect(found.snapshot?.position == 60 && found.snapshot?.records == [1: 2, 4: 1])
        let path = LogSnapshot.path(60, in: directory.path)
        try SystemFileSystem().open(path, writable: true).write([0xFF], at: SegmentFormat.headerLength + 60)
        let damaged = try LogVerification(directory: directory.path).faults
        #expect(damaged.map(\.file) == [path] && damaged.map(\.offset) == [SegmentFormat.headerLength])
        // Without it nothing says what the trimmed positions held.
        try SystemFileSystem().remove(path)
        #expect(
            try LogVerification(directory: directory.path).faults.map(\.what) == [
                "positions 1 to \(first - 1) are in no segment"
            ])
    }

    @Test func damageOfASnapshotIsNamed() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        try await log.append(batch(1))
        try log.writeSnapshot(at: 1) { writer in
            for number in 0..<60_000 { try writer.append(kind: 1) { $0 += "record \(number) of the snapshot".utf8 } }
        }
        var count = 0
        #expect(try log.readSnapshot { _ in count += 1 } == [] && count == 60_000)
        let path = LogSnapshot.path(1, in: directory.path)
        try SystemFileSystem().open(path, writable: true).write([0xFF], at: 10_000)
        count = 0
        let faults = try log.readSnapshot { _ in count += 1 }
        #expect(faults.count == 1 && faults.first?.offset == SegmentFormat.headerLength)
        #expect(count > 0 && count < 60_000)
        log.close()
    }
}
