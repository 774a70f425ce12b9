import CChecksum
import Glibc

/// Walks through the batches of one segment and finds its way behind damage.
struct SegmentScanner {
    /// What stands next in the file.
    enum Step {
        /// A whole batch; its records, as they stand in the file, are valid until the next step.
        case batch(BatchHeader, offset: Int, records: UnsafeRawBufferPointer)
        /// Bytes that are no batch, up to the next one that is.
        case fault(Damage, next: BatchHeader)
        /// No batch follows.
        case end(Damage)
    }

    /// Bytes that are no batch.
    struct Damage: Equatable {
        /// The first of them.
        var offset: Int
        /// The byte behind them: where the next batch begins, or where there are only zeros up to the end.
        var end: Int
        /// Why the bytes at `offset` are no batch; nil where there are only zeros or no bytes.
        var what: String?
        /// Whether a write that was cut short leaves just this: sectors that were never written, and are zeros.
        var isTorn: Bool

        /// For a fault's words.
        var description: String { "\(what ?? "zeros where a batch is expected"), \(end - offset) bytes" }
    }

    private let file: any LogFile
    private let salt: UInt32
    private var limit: Int
    private var buffer: [UInt8] = []
    /// Bytes of the buffer that are the file's.
    private var filled = 0
    /// Where the buffer's first byte stands in the file.
    private var bufferStart = 0
    private(set) var offset: Int
    private var provenAhead: UInt64?
    /// Whether the file is shorter than what was set aside for it. It is cut only after everything in it was synced, so what is
    /// not whole in it was whole once.
    let isCut: Bool

    private static let chunk = 1 << 20

    /// Walks from the batch at `offset`, by default the first one, to the byte `limit`.
    init(_ file: any LogFile, _ header: SegmentHeader, from offset: Int? = nil, limit: Int) {
        self.file = file
        salt = header.salt
        self.offset = offset ?? header.length
        self.limit = limit
        // Where the size is not known, nothing passes for torn.
        isCut = limit < header.allocated || (header.allocated == 0 && header.version > 1)
    }

    /// Walks on to the byte `limit` of a file that has grown since.
    mutating func extend(to limit: Int) { self.limit = limit }

    mutating func next() throws(LogError) -> Step {
        let start = offset
        switch try batch(at: start) {
        case .whole(let header):
            offset = min(start + header.stride, limit)
            return .batch(header, offset: start, records: records(of: header, at: start))
        case .broken(let what, let length):
            var place = start + SegmentFormat.alignment
            while let candidate = try nextMagic(from: place) {
                if case .whole(let header) = try batch(at: candidate) {
                    offset = candidate
                    let damage = Damage(
                        offset: start, end: candidate, what: what,
                        isTorn: try isTorn(start, length: length, end: candidate))
                    return .fault(damage, next: header)
                }
                place = candidate + SegmentFormat.alignment
            }
            offset = limit
            let end = try endOfContent(from: start)
            let isEmpty = end == start
            return .end(
                Damage(
                    offset: start, end: end, what: isEmpty ? nil : what ?? "zeros where a batch is expected",
                    isTorn: isEmpty ? true : try isTorn(start, length: length, end: limit)))
        }
    }

    // MARK: Torn or damaged

    /// Up to which position the batches from here on prove that the log was durable when they were written.
    mutating func provenDurable() throws(LogError) -> UInt64 {
        // It never falls from one batch to the next, so what the last one says holds for every fault before it.
        if let known = provenAhead { return known }
        var ahead = self
        var proven: UInt64 = 0
        while true {
            switch try ahead.next() {
            case .batch(let header, _, _), .fault(_, let header): proven = max(proven, header.durable)
            case .end:
                provenAhead = proven
                return proven
            }
        }
    }

    /// Whether a piece of the batch at `start` that lies in one sector holds nothing but zeros.
    ///
    /// A disk writes a sector whole or not at all, and where nothing was written are zeros. A batch that was written in
    /// full and damaged later has no such piece. Without a header that can be believed, `length` is nil, and only the
    /// header's own pieces tell.
    private mutating func isTorn(_ start: Int, length: Int?, end: Int) throws(LogError) -> Bool {
        let whole = start + (length ?? SegmentFormat.batchHeaderLength)
        if whole > limit { return true }
        var place = start
        while place < min(whole, end) {
            let piece = min((place / SegmentFormat.sector + 1) * SegmentFormat.sector, min(whole, end))
            guard try fill(place, piece - place) else { return true }
            if isZero(place..<piece) { return true }
            place = piece
        }
        return false
    }

    /// The byte behind the last one that is not zero, up to the next multiple of `alignment`.
    mutating func endOfContent(from start: Int) throws(LogError) -> Int {
        var end = start
        var place = start
        while place < limit {
            let count = min(Self.chunk, limit - place)
            guard try fill(place, count) else { break }
            if let last = lastContent(in: place..<place + count) { end = SegmentFormat.aligned(last + 1) }
            place += count
        }
        return min(end, limit)
    }

    private func isZero(_ range: Range<Int>) -> Bool { lastContent(in: range) == nil }

    private func lastContent(in range: Range<Int>) -> Int? {
        guard !range.isEmpty else { return nil }
        return buffer.withUnsafeBytes { bytes -> Int? in
            let shifted = (range.lowerBound - bufferStart)..<(range.upperBound - bufferStart)
            let piece = UnsafeRawBufferPointer(rebasing: bytes[shifted])
            guard let start = piece.baseAddress else { return nil }
            // All bytes are zero when the first is, and each is what the next one is. The C library compares many at a time.
            if piece[0] == 0, memcmp(start, start + 1, piece.count - 1) == 0 { return nil }
            return piece.lastIndex { $0 != 0 }.map { $0 + range.lowerBound }
        }
    }

    // MARK: Batches

    /// The header of a batch at `place`; its records may be damaged.
    mutating func header(at place: Int) throws(LogError) -> BatchHeader? {
        guard try fill(place, SegmentFormat.batchHeaderLength) else { return nil }
        let salt = salt
        return buffer.withUnsafeBytes { bytes in
            let start = place - bufferStart
            return BatchHeader(
                UnsafeRawBufferPointer(rebasing: bytes[start..<start + SegmentFormat.batchHeaderLength]), salt: salt)
        }
    }

    private enum Found {
        case whole(BatchHeader)
        /// `length` is what the header says of header and records, where the header is whole.
        case broken(String?, length: Int?)
    }

    private mutating func batch(at place: Int) throws(LogError) -> Found {
        guard limit - place >= SegmentFormat.batchHeaderLength else { return .broken(nil, length: nil) }
        guard try fill(place, SegmentFormat.batchHeaderLength) else {
            return .broken("the file ends inside a batch", length: nil)
        }
        let salt = salt
        let (parsed, isZero) = buffer.withUnsafeBytes { bytes -> (BatchHeader?, Bool) in
            let header = UnsafeRawBufferPointer(
                rebasing: bytes[(place - bufferStart)..<(place - bufferStart + SegmentFormat.batchHeaderLength)])
            return (BatchHeader(header, salt: salt), header.allSatisfy { $0 == 0 })
        }
        guard let header = parsed else {
            return .broken(isZero ? nil : "a batch header with a wrong checksum", length: nil)
        }
        let length = SegmentFormat.batchHeaderLength + header.length
        guard try fill(place, length) else { return .broken("the file ends inside a batch", length: length) }
        let body = records(of: header, at: place)
        guard millrace_crc32c(0, body.baseAddress, body.count) == header.bodyChecksum else {
            return .broken("records with a wrong checksum", length: length)
        }
        return .whole(header)
    }

    /// The records of a batch that `fill` has brought into the buffer; valid until the buffer changes.
    private func records(of header: BatchHeader, at place: Int) -> UnsafeRawBufferPointer {
        buffer.withUnsafeBytes { bytes in
            let start = place - bufferStart + SegmentFormat.batchHeaderLength
            return UnsafeRawBufferPointer(rebasing: bytes[start..<start + header.length])
        }
    }

    /// Brings `count` bytes from `place` on into the buffer; false where the file has fewer.
    private mutating func fill(_ place: Int, _ count: Int) throws(LogError) -> Bool {
        guard place + count <= limit else { return false }
        if place >= bufferStart, place + count <= bufferStart + filled { return true }
        let wanted = min(max(count, Self.chunk), limit - place)
        // Fresh memory has to be made zero by the kernel, page by page, which costs as much as the reading.
        if buffer.count < wanted || buffer.count > max(wanted, Self.chunk) * 4 {
            let size = max(wanted, Self.chunk)
            buffer = [UInt8](unsafeUninitializedCapacity: size) { $1 = size }
        }
        (filled, bufferStart) = (0, place)
        let file = file
        filled = try buffer.withUnsafeMutableBufferPointer { target throws(LogError) in
            try file.read(
                into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: target[..<wanted])), at: place)
        }
        return filled >= count
    }

    /// The next aligned place from `place` on where a batch's magic stands.
    private mutating func nextMagic(from place: Int) throws(LogError) -> Int? {
        var place = place
        while place + SegmentFormat.batchHeaderLength <= limit {
            guard try fill(place, SegmentFormat.batchHeaderLength) else { return nil }
            let end = bufferStart + filled - SegmentFormat.batchHeaderLength
            let found = buffer.withUnsafeBytes { bytes -> Int? in
                while place <= end {
                    // The C library looks at many bytes at a time for the magic's first one.
                    guard let start = bytes.baseAddress?.advanced(by: place - bufferStart),
                        let next = memchr(start, Int32(SegmentFormat.batchMagic & 0xFF), end - place + 1)
                    else { break }
                    place += start.distance(to: UnsafeRawPointer(next))
                    if place % SegmentFormat.alignment == 0, bytes.half(place - bufferStart) == SegmentFormat.batchMagic
                    {
                        return place
                    }
                    place += 1
                }
                place = max(place, end + 1)
                return nil
            }
            if let found { return found }
        }
        return nil
    }
}
