import CChecksum

/// Walks through the batches of one segment and finds its way behind damage.
struct SegmentScanner {
    /// What stands next in the file.
    enum Step {
        /// A whole batch; the records are valid until the next step.
        case batch(BatchHeader, offset: Int, records: UnsafeRawBufferPointer)
        /// Bytes that are no batch, up to the next one that is.
        case fault(offset: Int, end: Int, what: String, next: BatchHeader)
        /// No batch follows. `what` says why the bytes here are none, nil where there are only zeros or no bytes.
        case end(offset: Int, what: String?)
    }

    private let file: any LogFile
    private let limit: Int
    private var buffer: [UInt8] = []
    /// Where the buffer's first byte stands in the file.
    private var bufferStart = 0
    private(set) var offset: Int
    private var provenAhead: UInt64?

    private static let chunk = 1 << 20

    /// Walks from the batch at `offset` to the byte `limit`.
    init(_ file: any LogFile, from offset: Int = SegmentFormat.headerLength, limit: Int) {
        self.file = file
        self.offset = offset
        self.limit = limit
    }

    mutating func next() throws(LogError) -> Step {
        let start = offset
        switch try batch(at: start) {
        case .whole(let header):
            offset = min(start + header.stride, limit)
            return .batch(header, offset: start, records: records(of: header, at: start))
        case .broken(let what):
            var place = start + SegmentFormat.alignment
            while let candidate = try nextMagic(from: place) {
                if case .whole(let header) = try batch(at: candidate) {
                    offset = candidate
                    return .fault(
                        offset: start, end: candidate, what: what ?? "zeros where a batch is expected", next: header)
                }
                place = candidate + SegmentFormat.alignment
            }
            offset = limit
            return .end(offset: start, what: what)
        }
    }

    /// Up to which position the batches from here on prove that the log was durable when they were written.
    ///
    /// Those right behind damage may be of the same sync and prove nothing; a later one does.
    mutating func provenDurable() throws(LogError) -> UInt64 {
        // It never falls from one batch to the next, so what the last one says holds for every fault before it.
        if let known = provenAhead { return known }
        var ahead = self
        var proven: UInt64 = 0
        while true {
            switch try ahead.next() {
            case .batch(let header, _, _), .fault(_, _, _, let header): proven = max(proven, header.durable)
            case .end:
                provenAhead = proven
                return proven
            }
        }
    }

    private enum Found {
        case whole(BatchHeader)
        case broken(String?)
    }

    private mutating func batch(at place: Int) throws(LogError) -> Found {
        guard limit - place >= SegmentFormat.batchHeaderLength else { return .broken(nil) }
        guard try fill(place, SegmentFormat.batchHeaderLength) else { return .broken("the file ends inside a batch") }
        let parsed = buffer.withUnsafeBytes { bytes -> (BatchHeader?, Bool) in
            let header = UnsafeRawBufferPointer(
                rebasing: bytes[(place - bufferStart)..<(place - bufferStart + SegmentFormat.batchHeaderLength)])
            return (BatchHeader(header), header.allSatisfy { $0 == 0 })
        }
        guard let header = parsed.0 else { return .broken(parsed.1 ? nil : "a batch header with a wrong checksum") }
        guard try fill(place, SegmentFormat.batchHeaderLength + header.length) else {
            return .broken("the file ends inside a batch")
        }
        let body = records(of: header, at: place)
        guard millrace_crc32c(0, body.baseAddress, body.count) == header.bodyChecksum else {
            return .broken("records with a wrong checksum")
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
        if place >= bufferStart, place + count <= bufferStart + buffer.count { return true }
        let wanted = min(max(count, Self.chunk), limit - place)
        let file = file
        var failure: LogError?
        buffer = [UInt8](unsafeUninitializedCapacity: wanted) { target, initialized in
            let bytes = UnsafeMutableRawBufferPointer(target)
            do throws(LogError) {
                initialized = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]), at: place)
            } catch {
                failure = error
            }
        }
        bufferStart = place
        if let failure { throw failure }
        return buffer.count >= count
    }

    /// The next aligned place from `place` on where a batch's magic stands.
    private mutating func nextMagic(from place: Int) throws(LogError) -> Int? {
        var place = place
        while place + SegmentFormat.batchHeaderLength <= limit {
            guard try fill(place, SegmentFormat.batchHeaderLength) else { return nil }
            let end = bufferStart + buffer.count - SegmentFormat.batchHeaderLength
            let found = buffer.withUnsafeBytes { bytes -> Int? in
                var candidate = place
                while candidate <= end {
                    if bytes.half(candidate - bufferStart) == SegmentFormat.batchMagic { return candidate }
                    candidate += SegmentFormat.alignment
                }
                place = candidate
                return nil
            }
            if let found { return found }
        }
        return nil
    }
}
