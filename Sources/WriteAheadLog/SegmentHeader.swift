import CChecksum

/// The header of a segment.
struct SegmentHeader: Equatable {
    var version = SegmentFormat.version
    /// Where batches begin.
    var length = SegmentFormat.headerLength
    var firstPosition: UInt64
    /// Milliseconds since 1970 when the segment was begun.
    var milliseconds: Int64
    /// Mixed into the checksums of batch headers, so that bytes that somebody got into a record never pass as a batch.
    var salt: UInt32
    /// Bytes set aside for the file. It is shorter only when it was cut after everything in it had been synced. 0 where that is
    /// not known.
    var allocated: Int

    /// What a header that was read is.
    enum Reading: Equatable {
        /// `damagedCopy` is where a copy stands that does not agree, if one does.
        case whole(SegmentHeader, damagedCopy: Int?)
        /// Neither copy is whole; made again from the first batch, and its size is not known.
        case rebuilt(SegmentHeader)
        case unknownVersion(UInt32)
        case broken
    }

    /// Both copies and zeros between them, as they stand at the beginning of a file.
    var encoded: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: SegmentFormat.headerLength)
        bytes.withUnsafeMutableBytes { buffer in
            let copy = UnsafeMutableRawBufferPointer(rebasing: buffer[..<SegmentFormat.headerCopyLength])
            copy.storeBytes(of: SegmentFormat.magic.littleEndian, toByteOffset: 0, as: UInt64.self)
            copy.storeBytes(of: version.littleEndian, toByteOffset: 8, as: UInt32.self)
            copy.storeBytes(of: UInt32(length).littleEndian, toByteOffset: 12, as: UInt32.self)
            copy.storeBytes(of: firstPosition.littleEndian, toByteOffset: 16, as: UInt64.self)
            copy.storeBytes(of: milliseconds.littleEndian, toByteOffset: 24, as: Int64.self)
            copy.storeBytes(of: UInt64(allocated).littleEndian, toByteOffset: 32, as: UInt64.self)
            copy.storeBytes(of: salt.littleEndian, toByteOffset: 40, as: UInt32.self)
            let checksum = millrace_crc32c(0, copy.baseAddress, 60)
            copy.storeBytes(of: checksum.littleEndian, toByteOffset: 60, as: UInt32.self)
            UnsafeMutableRawBufferPointer(rebasing: buffer[SegmentFormat.secondCopyOffset...]).copyMemory(
                from: UnsafeRawBufferPointer(copy))
        }
        return bytes
    }

    /// Reads the header of a file.
    ///
    /// - Parameter position: of its first batch, if there is one.
    static func read(_ file: any LogFile, firstBatch position: UInt64) throws(LogError) -> Reading {
        var bytes = [UInt8](repeating: 0, count: SegmentFormat.headerLength)
        let count = try file.fill(&bytes, at: 0)
        let (first, second) = bytes.withUnsafeBytes { buffer in
            let whole = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            return (
                parse(whole.prefix(SegmentFormat.headerCopyLength)),
                parse(whole.dropFirst(SegmentFormat.secondCopyOffset))
            )
        }
        switch (first, second) {
        case (.whole(let header, _), _) where header.version == 1: return first
        case (.whole(let header, _), .whole(let other, _)) where header == other: return first
        case (.whole(let header, _), _): return .whole(header, damagedCopy: SegmentFormat.secondCopyOffset)
        case (.unknownVersion, _): return first
        case (_, .whole(let header, _)): return .whole(header, damagedCopy: 0)
        case (_, .unknownVersion): return second
        default: return try rebuilt(file, firstBatch: position).map { .rebuilt($0) } ?? .broken
        }
    }

    private static func parse(_ slice: Slice<UnsafeRawBufferPointer>) -> Reading {
        let bytes = UnsafeRawBufferPointer(rebasing: slice)
        guard bytes.count >= SegmentFormat.headerCopyLength, bytes.word(0) == SegmentFormat.magic,
            bytes.half(60) == millrace_crc32c(0, bytes.baseAddress, 60)
        else { return .broken }
        let version = bytes.half(8)
        guard version == SegmentFormat.version || version == 1 else { return .unknownVersion(version) }
        // Version 1 had one copy and neither salt nor size: those fields are zero.
        return .whole(
            SegmentHeader(
                version: version, length: version == 1 ? SegmentFormat.headerCopyLength : SegmentFormat.headerLength,
                firstPosition: bytes.word(16), milliseconds: Int64(bitPattern: bytes.word(24)), salt: bytes.half(40),
                allocated: Int(clamping: bytes.word(32))),
            damagedCopy: nil)
    }
}

extension SegmentHeader {
    static let damage = "a segment header with wrong checksums"
    static let damageOfCopy = "a copy of the segment header with a wrong checksum"

    /// What both copies said, as far as the first batch shows it: a batch header's checksum goes on from the salt, so the salt is
    /// what the checksum leads back to. What stands where batches begin was written by the log itself; of no place behind it
    /// can that be said.
    private static func rebuilt(_ file: any LogFile, firstBatch position: UInt64) throws(LogError) -> SegmentHeader? {
        let old = SegmentHeader(
            version: 1, length: SegmentFormat.headerCopyLength, firstPosition: position, milliseconds: 0, salt: 0,
            allocated: 0)
        if let header = try old.confirmed(by: file) { return header }
        var bytes = [UInt8](repeating: 0, count: SegmentFormat.batchHeaderLength)
        guard try file.fill(&bytes, at: SegmentFormat.headerLength) == bytes.count else { return nil }
        let salt = bytes.withUnsafeBytes { millrace_crc32c_seed($0.half(44), $0.baseAddress, 44) }
        return try SegmentHeader(firstPosition: position, milliseconds: 0, salt: salt, allocated: 0).confirmed(by: file)
    }

    /// This header, with the first batch's time, where a second batch has the same salt; or where all is right that can be seen
    /// of the first one: at the beginning of a segment everything before is durable.
    private func confirmed(by file: any LogFile) throws(LogError) -> SegmentHeader? {
        var scanner = SegmentScanner(file, self, limit: try file.size())
        guard let first = try scanner.header(at: length), first.firstPosition == firstPosition else { return nil }
        var header = self
        header.milliseconds = first.milliseconds
        if try scanner.header(at: length + first.stride) != nil { return header }
        var decoder = BatchDecoder()
        guard first.durable == firstPosition - 1, case .batch(_, length, let stored) = try scanner.next(),
            let records = decoder.records(stored, of: first)
        else { return nil }
        var count = 0
        LogRecord.forEach(in: records, of: first) { _ in count += 1 }
        return count == first.count ? header : nil
    }

    static func unknown(_ version: UInt32, _ path: String) -> LogError {
        LogError(
            .unknownFormat,
            "\(path) has version \(version) of the log's format, up to \(SegmentFormat.version) is known",
            remedy: "use the version of Millrace that wrote it, or a newer one")
    }
}
