import CChecksum
import TestSupport
import Testing

@testable import WriteAheadLog

/// A log of version 1 of the format is read, and goes on in segments of today's version.
@Suite struct FormatVersionTests {
    let directory = TemporaryDirectory()

    /// A segment of version 1: one copy of a header without salt and size, then three batches.
    private var segment: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64)
        bytes.withUnsafeMutableBytes { header in
            header.copyBytes(from: "MILLRACE".utf8)
            (header[8], header[12], header[16], header[24]) = (1, 64, 1, 77)
            let checksum = millrace_crc32c(0, header.baseAddress, 60)
            header.storeBytes(of: checksum.littleEndian, toByteOffset: 60, as: UInt32.self)
        }
        for number in 1...3 {
            var finished = batch(number).finished()
            finished.header.firstPosition = UInt64(number)
            finished.seal(durable: UInt64(number - 1), salt: 0)
            bytes += finished.bytes
        }
        return bytes
    }

    @Test func itIsReadAndGoesOn() async throws {
        let torn = [UInt8](repeating: 0, count: 1 << 16)
        try directory.create(SegmentFormat.fileName(firstPosition: 1), segment + torn)
        #expect(try LogVerification(directory: directory.path).records == 3)
        let log = try WriteAheadLog(directory: directory.path)
        #expect(log.recovery == RecoveryReport())
        #expect(try contents(of: log) == ["record 1", "record 2", "record 3"])
        #expect(try await log.append(batch(4)) == 4...4)
        #expect(log.statistics.segments == 2)
        log.close()
        let again = try WriteAheadLog(directory: directory.path)
        #expect(try contents(of: again) == (1...4).map { "record \($0)" })
        again.close()
        #expect(try LogVerification(directory: directory.path).faults == [])
    }

    @Test func itIsRepaired() async throws {
        var bytes = segment
        bytes[64 + 64 + 50] ^= 1
        try directory.create(SegmentFormat.fileName(firstPosition: 1), bytes)
        let repair = try LogRepair(directory: directory.path)
        #expect(repair.segments.map(\.kept) == [2] && repair.segments.map(\.lost) == [1])
        let log = try WriteAheadLog(directory: directory.path)
        #expect(log.recovery == RecoveryReport())
        #expect(try contents(of: log) == ["record 1", "", "record 3"])
        log.close()
    }

    @Test func aLaterVersionIsRefused() throws {
        var header = SegmentHeader(firstPosition: 1, milliseconds: 0, salt: 1, allocated: 1 << 20)
        header.version = 3
        try directory.create(SegmentFormat.fileName(firstPosition: 1), header.encoded)
        #expect { try WriteAheadLog(directory: directory.path) } throws: { error in
            (error as? LogError)?.code == .unknownFormat && (error as? LogError)?.remedy != nil
        }
    }
}
