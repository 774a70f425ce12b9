import Glibc
import TestSupport
import Testing

@testable import WriteAheadLog

@Suite struct WriteAheadLogTests {
    let directory = TemporaryDirectory()

    @Test func whatWasAppendedIsReadInOrderAndAfterReopening() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        for number in 1...200 { try await log.append(batch(number * 2 - 1, number * 2)) }
        #expect(try contents(of: log) == (1...400).map { "record \($0)" })
        #expect(log.statistics.durable == 400)
        log.close()
        let again = try WriteAheadLog(directory: directory.path + "")
        #expect(again.recovery == RecoveryReport())
        try await again.append(batch(401))
        #expect(try contents(of: again) == (1...401).map { "record \($0)" })
        #expect(try contents(of: again, from: 399) == ["record 399", "record 400", "record 401"])
        #expect(try again.record(at: 7) { String(decoding: $0.bytes, as: UTF8.self) } == "record 7")
        again.close()
        #expect(try LogVerification(directory: directory.path).faults == [])
    }

    @Test func segmentsFollowOneAnother() async throws {
        var options = LogOptions()
        options.segmentSize = 5000
        let log = try WriteAheadLog(directory: directory.path, options: options)
        for number in 1...300 { try await log.append(batch(number)) }
        // A batch larger than a segment has one of its own.
        var large = LogBatch()
        large.append(kind: 9, [UInt8](repeating: 7, count: 20_000))
        try await log.append(large)
        try await log.append(batch(302))
        #expect(log.statistics.segments > 4)
        #expect(try contents(of: log).count == 302)
        #expect(try contents(of: log, from: 250).first == "record 250")
        log.close()
        let verification = try LogVerification(directory: directory.path)
        #expect(verification.records == 302)
        #expect(verification.faults.isEmpty)
        let again = try WriteAheadLog(directory: directory.path, options: options)
        #expect(again.statistics.last == 302)
        again.close()
    }

    @Test func writersShareSyncs() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<32 {
                group.addTask {
                    for number in 0..<20 { try await log.append(batch(writer * 1000 + number)) }
                }
            }
            try await group.waitForAll()
        }
        #expect(try Set(contents(of: log)).count == 640)
        #expect(log.statistics.syncs < 640)
        log.close()
    }

    @Test func aTornTailIsCutOffAndOnlyThat() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        for number in 1...10 { try await log.append(batch(number)) }
        let end = log.statistics.bytes
        log.close()
        // A half-written batch behind the last whole one, as power loss leaves it.
        var large = LogBatch()
        large.append(kind: 1, [UInt8](repeating: 1, count: 2000))
        var torn = large.finished()
        torn.header.firstPosition = 11
        torn.seal(durable: 10, salt: try directory.salt)
        try directory.write(Array(torn.bytes.dropLast(1000)) + [UInt8](repeating: 0, count: 5000), at: end)
        try directory.allocate(64 << 20)
        let again = try WriteAheadLog(directory: directory.path)
        #expect(again.recovery.tornBytes > 0)
        #expect(again.recovery.faults.isEmpty)
        #expect(again.statistics.last == 10)
        try await again.append(batch(11))
        #expect(try contents(of: again) == (1...11).map { "record \($0)" })
        again.close()
        let third = try WriteAheadLog(directory: directory.path)
        #expect(third.recovery == RecoveryReport())
        third.close()
    }

    @Test func aFlippedBitIsNamedAndWhatIsWholeAroundItStays() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        for number in 1...10 { try await log.append(batch(number)) }
        log.close()
        try directory.flipBit(at: SegmentFormat.headerLength + 64 * 4 + 50)
        #expect(try LogVerification(directory: directory.path).faults.count == 1)
        let again = try WriteAheadLog(directory: directory.path)
        #expect(again.recovery.faults.count == 1)
        #expect(again.recovery.tornBytes == 0)
        var reader = LogReader(again, from: 1)
        var seen: [UInt64] = []
        while try reader.nextBatch({ seen.append($0.position) }) {}
        #expect(seen == [1, 2, 3, 4, 6, 7, 8, 9, 10])
        #expect(reader.faults.count == 1)
        again.close()
    }

    @Test func theLastBatchOfACleanlyClosedLogIsMissedWhenItRots() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        for number in 1...3 { try await log.append(batch(number)) }
        log.close()
        try directory.flipBit(at: SegmentFormat.headerLength + 64 * 2 + 50)
        let again = try WriteAheadLog(directory: directory.path)
        #expect(again.recovery.faults.count == 1)
        // Nothing is cut, and the position of what was lost is not given again.
        let position = try await again.append(batch(4)).lowerBound
        #expect(position > 3)
        #expect(try contents(of: again) == ["record 1", "record 2", "record 4"])
        again.close()
    }

    @Test func aDamagedHeaderHasACopy() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        for number in 1...3 { try await log.append(batch(number)) }
        log.close()
        try directory.flipBit(at: 20)
        let again = try WriteAheadLog(directory: directory.path)
        #expect(again.recovery.faults.map(\.offset) == [0])
        #expect(try contents(of: again).count == 3)
        again.close()
    }

    @Test func bytesOfARecordNeverPassAsABatch() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        var forged = batch(1000).finished()
        forged.header.firstPosition = 1000
        forged.seal(durable: 0, salt: 0)
        var outer = LogBatch()
        // Three bytes bring what follows to a multiple of 8.
        outer.append(kind: 1, [1, 2, 3] + forged.bytes)
        try await log.append(outer)
        try await log.append(batch(2))
        log.close()
        try directory.flipBit(at: SegmentFormat.headerLength + SegmentFormat.batchHeaderLength + 6)
        let again = try WriteAheadLog(directory: directory.path)
        #expect(again.recovery.faults.count == 1)
        #expect(try contents(of: again) == ["record 2"])
        again.close()
    }

    @Test func oldSegmentsAreTrimmedAndAReaderKeepsItsFile() async throws {
        var options = LogOptions()
        options.segmentSize = 5000
        let log = try WriteAheadLog(directory: directory.path, options: options)
        for number in 1...200 { try await log.append(batch(number)) }
        var reader = LogReader(log, from: 1)
        _ = try reader.nextBatch { _ in }
        let before = log.statistics
        #expect(try log.trim(below: 100) == 0, "nothing goes without a snapshot")
        try log.writeSnapshot(at: 150) { try $0.append(kind: 1) { $0 += "all up to 150".utf8 } }
        #expect(try log.trim(below: 100) > 0)
        #expect(log.first > 1)
        #expect(log.first <= 100)
        #expect(log.statistics.segments < before.segments)
        var seen = 1
        while try reader.nextBatch({ _ in seen += 1 }) {}
        #expect(seen > 100)
        #expect(reader.faults.isEmpty)
        #expect(try log.record(at: 1) { _ in true } == nil)
        log.close()
        #expect(try LogVerification(directory: directory.path).faults == [])
    }

    @Test func aSecondProcessIsRefused() throws {
        let log = try WriteAheadLog(directory: directory.path)
        #expect { try WriteAheadLog(directory: directory.path) } throws: { ($0 as? LogError)?.code == .inUse }
        log.close()
    }

    @Test func aHeaderThatWasNeverSyncedIsNoDamage() async throws {
        var options = LogOptions()
        options.segmentSize = 5000
        let log = try WriteAheadLog(directory: directory.path, options: options)
        for number in 1...5 { try await log.append(batch(number)) }
        log.close()
        try directory.create(SegmentFormat.fileName(firstPosition: 6), [UInt8](repeating: 0, count: 5000))
        let again = try WriteAheadLog(directory: directory.path, options: options)
        #expect(again.recovery.faults.isEmpty)
        try await again.append(batch(6))
        #expect(try contents(of: again).count == 6)
        again.close()
    }
}

func batch(_ numbers: Int...) -> LogBatch {
    var batch = LogBatch()
    for number in numbers { batch.append(kind: 1, "record \(number)".utf8) }
    return batch
}

func contents(of log: WriteAheadLog, from position: UInt64 = 1) throws -> [String] {
    var reader = LogReader(log, from: position)
    var all: [String] = []
    while try reader.nextBatch({ all.append(String(decoding: $0.bytes, as: UTF8.self)) }) {}
    return all
}

extension TemporaryDirectory {
    private var newestSegment: String {
        get throws {
            let names = try SystemFileSystem().list(path).filter { $0.hasSuffix(".segment") }.sorted()
            return "\(path)/\(try #require(names.last))"
        }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws {
        let file = try SystemFileSystem().open(try newestSegment, writable: true)
        try bytes.withUnsafeBytes { try file.write($0, at: offset) }
    }

    func flipBit(at offset: Int) throws {
        let file = try SystemFileSystem().open(try newestSegment, writable: true)
        var byte: [UInt8] = [0]
        _ = try byte.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
        byte[0] ^= 4
        try byte.withUnsafeBytes { try file.write($0, at: offset) }
    }

    func allocate(_ size: Int) throws {
        try SystemFileSystem().open(try newestSegment, writable: true).allocate(size)
    }

    var salt: UInt32 {
        get throws {
            guard
                case .whole(let header, _) = try SegmentHeader.read(
                    SystemFileSystem().open(try newestSegment, writable: false), firstBatch: 1)
            else { return 0 }
            return header.salt
        }
    }

    func create(_ name: String, _ bytes: [UInt8]) throws {
        let file = try SystemFileSystem().create("\(path)/\(name)", size: bytes.count)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
    }
}
