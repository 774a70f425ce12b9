import TestSupport
import Testing

@testable import WriteAheadLog

/// Compressed batches: that they give back what was appended, beside others that are not, and that nothing a hostile one
/// claims is believed.
@Suite struct CompressionTests {
    let directory = TemporaryDirectory()

    private var compressing: LogOptions {
        var options = LogOptions()
        options.compression = .zstd
        options.segmentSize = 20_000
        return options
    }

    private func text(_ number: Int) -> [UInt8] {
        Array(String(repeating: "The keeper writes down level \(number) of the day. ", count: 20).utf8)
    }

    private func rubbish(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255) } }

    private func batch(of records: [[UInt8]]) -> LogBatch {
        var batch = LogBatch()
        for record in records { batch.append(kind: 3, record) }
        return batch
    }

    private func read(_ log: WriteAheadLog) throws -> (records: [[UInt8]], faults: [RecoveryReport.Fault]) {
        var reader = LogReader(log, from: 1)
        var records: [[UInt8]] = []
        while try reader.nextBatch({ records.append(Array($0.bytes)) }) {}
        return (records, reader.faults)
    }

    @Test func whatWasAppendedIsReadInAnyMixture() async throws {
        var expected: [[UInt8]] = []
        for turn in 0..<6 {
            // Whoever opens the log may compress or not, and small, dense and empty records come as they come.
            let log = try WriteAheadLog(
                directory: directory.path, options: turn % 2 == 0 ? compressing : LogOptions())
            for number in 0..<40 {
                let records = [text(number), rubbish(number * 7), [], [UInt8](repeating: 0, count: number)]
                try await log.append(batch(of: records))
                expected += records
            }
            #expect(try read(log).records == expected)
            log.close()
        }
        let verification = try LogVerification(directory: directory.path)
        #expect(verification.faults.isEmpty && verification.records == expected.count)
        #expect(verification.bytes < expected.reduce(0) { $0 + $1.count } * 3 / 4)
        let log = try WriteAheadLog(directory: directory.path)
        #expect(log.recovery == RecoveryReport())
        #expect(try log.record(at: 1) { Array($0.bytes) } == text(0))
        log.close()
    }

    @Test func whatDoesNotGetShorterStandsAsItIs() {
        let compressor = BatchCompressor()
        for records in [[rubbish(5000)], [[1, 2, 3]], [[]]] {
            let finished = batch(of: records).finished(compressor)
            #expect(finished.header.plainLength == 0)
            #expect(finished.bytes.count == finished.header.stride)
        }
        // So short that the header would claim more records than its bytes could have been: recovery would give positions twice.
        let dense = batch(of: Array(repeating: [], count: 50_000)).finished(compressor)
        #expect(dense.header.plainLength == 0)
        let finished = batch(of: [text(1)]).finished(compressor)
        #expect(finished.header.plainLength == text(1).count + 5 && finished.header.length < 200)
        #expect(finished.bytes.count == finished.header.stride)
    }

    @Test func manyThreadsCompressAtOnce() async throws {
        let log = try WriteAheadLog(directory: directory.path, options: compressing)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<16 {
                group.addTask {
                    for number in 0..<20 { try await log.append(batch(of: [text(writer * 100 + number)])) }
                }
            }
            try await group.waitForAll()
        }
        let expected = (0..<16).flatMap { writer in (0..<20).map { text(writer * 100 + $0) } }
        #expect(try Set(read(log).records) == Set(expected))
        log.close()
    }

    // MARK: Hostile batches

    /// The records of a batch with those stored bytes and that claimed length.
    private func decode(_ stored: [UInt8], claiming plainLength: Int, count: Int = 1) -> [UInt8]? {
        var decoder = BatchDecoder()
        var header = batch(of: [[1]]).finished().header
        (header.length, header.plainLength, header.count) = (stored.count, plainLength, count)
        return stored.withUnsafeBytes { bytes in decoder.records(bytes, of: header).map { Array($0) } }
    }

    private func compressed(_ record: [UInt8]) -> (stored: [UInt8], plainLength: Int) {
        let finished = batch(of: [record]).finished(BatchCompressor())
        let start = SegmentFormat.batchHeaderLength
        return (Array(finished.bytes[start..<start + finished.header.length]), finished.header.plainLength)
    }

    @Test func claimsThatAreNotTrueAreRefused() throws {
        let (stored, length) = compressed(text(7))
        #expect(try #require(decode(stored, claiming: length)).suffix(text(7).count) == text(7)[...])
        for wrong in [1, length - 1, length + 1, BatchDecoder.longestPlain, Int(UInt32.max)] {
            #expect(decode(stored, claiming: wrong) == nil)
        }
        for cut in 0..<stored.count { #expect(decode(Array(stored[..<cut]), claiming: length) == nil) }
        #expect(decode(stored + [0], claiming: length) == nil)
        #expect(decode(stored + stored, claiming: length * 2) == nil)
        #expect(decode([], claiming: length) == nil)
        #expect(decode(rubbish(4000), claiming: 4000) == nil)
    }

    @Test func aFrameThatGrowsWithoutEndTakesNoRoom() {
        // 64 KiB of zstd for 1 GiB and more of zeros: blocks of one repeated byte (RFC 8878, 3.1.1.2.3), 128 KiB each.
        for claimed in [UInt64(1) << 30, 1 << 62, .max, UInt64(BatchDecoder.longestPlain)] {
            // Magic; a content size of 8 bytes and a window of 128 KiB.
            var stored: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xC0, 0x38]
            withUnsafeBytes(of: claimed.littleEndian) { stored += $0 }
            for _ in 0..<10_000 {
                let block = UInt32(128 << 10) << 3 | 1 << 1
                stored += [
                    UInt8(truncatingIfNeeded: block), UInt8(truncatingIfNeeded: block >> 8), UInt8(block >> 16), 0,
                ]
            }
            stored += [1, 0, 0]
            #expect(decode(stored, claiming: BatchDecoder.longestPlain) == nil)
        }
    }

    /// Whatever is flipped in a frame, with its checksum made right again: no trap, no byte beyond what was claimed.
    @Test func rubbishInAFrameIsNoHarm() {
        let (stored, length) = compressed(text(1) + rubbish(300) + text(2))
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var changed = stored
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                changed[Int.random(in: 0..<changed.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if let records = decode(changed, claiming: length) { #expect(records.count == length) }
        }
    }

    @Test func aBatchThatCanNotBeDecompressedIsNamedAndPassedOver() async throws {
        var log = try WriteAheadLog(directory: directory.path, options: compressing)
        for number in 0..<3 { try await log.append(batch(of: [text(number)])) }
        log.close()
        // The second batch says one byte more than its frame has, with all checksums right.
        let place = 4160 + batch(of: [text(0)]).finished(BatchCompressor()).bytes.count
        var forged = batch(of: [text(1)]).finished(BatchCompressor())
        forged.header.plainLength += 1
        forged.header.firstPosition = 2
        forged.seal(durable: 1, salt: try directory.salt)
        try directory.write(forged.bytes, at: place)
        log = try WriteAheadLog(directory: directory.path)
        let (records, faults) = try read(log)
        #expect(records == [text(0), text(2)])
        #expect(faults.map(\.what) == ["records that can't be decompressed"] && faults[0].offset == place)
        log.close()
        #expect(try LogVerification(directory: directory.path).faults.count == 1)
    }
}
