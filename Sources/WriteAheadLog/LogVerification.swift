/// What a directory of segments holds, and every fault in it; reads all of it and changes nothing.
public struct LogVerification: Sendable, Equatable {
    /// Files that were read.
    public var segments = 0
    /// Whole batches.
    public var batches = 0
    /// Records in whole batches.
    public var records = 0
    /// Bytes of all files.
    public var bytes = 0
    /// The first and last position of whole batches.
    public var first: UInt64?
    /// The highest position found; nil in an empty log.
    public var last: UInt64?
    /// Bytes behind the last whole batch of the newest segment that were never acknowledged.
    public var tornBytes = 0
    /// Where the log is damaged.
    public var faults: [RecoveryReport.Fault] = []

    /// Reads the log in `directory`, which no daemon needs to have open.
    ///
    /// - Parameter progress: called for each batch with the bytes that are behind and those that there are.
    public init(
        directory: String, fileSystem: any LogFileSystem = SystemFileSystem(),
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws(LogError) {
        let recovered = try RecoveredLog(directory: directory, fileSystem: fileSystem, repair: false)
        tornBytes = recovered.report.tornBytes
        faults = recovered.report.faults
        let total = recovered.segments.reduce(0) { $0 + $1.end }
        var expected: UInt64?
        for (index, segment) in recovered.segments.enumerated() {
            segments += 1
            let next = index + 1 < recovered.segments.count ? recovered.segments[index + 1].firstPosition : nil
            if let expected, segment.firstPosition != expected {
                faults.append(
                    .init(
                        file: segment.path, offset: 0,
                        what: "begins at position \(segment.firstPosition), \(expected) is expected"))
            }
            expected = try check(segment, before: next) { progress($0, total) }
        }
    }

    private mutating func check(
        _ segment: Segment, before next: UInt64?, progress: (Int) -> Void
    ) throws(LogError) -> UInt64 {
        var scanner = SegmentScanner(segment.file, limit: segment.end)
        var expected = segment.firstPosition
        while true {
            switch try scanner.next() {
            case .batch(let header, let offset, _):
                // Behind the next segment's first position stands only what was written again there.
                if let next, header.firstPosition >= next { return next }
                if header.firstPosition != expected {
                    faults.append(
                        .init(
                            file: segment.path, offset: offset,
                            what: "a batch at position \(header.firstPosition), \(expected) is expected"))
                }
                expected = header.lastPosition + 1
                batches += 1
                records += header.count
                bytes += header.stride
                progress(bytes)
                if first == nil { first = header.firstPosition }
                last = header.lastPosition
            case .fault(let offset, let end, let what, let header):
                // The newest segment's faults are known from recovery.
                if next != nil {
                    faults.append(.init(file: segment.path, offset: offset, what: "\(what), \(end - offset) bytes"))
                }
                expected = header.firstPosition
            case .end(let offset, let what):
                if let next, expected < next {
                    faults.append(.init(file: segment.path, offset: offset, what: what ?? "batches are missing"))
                    return next
                }
                return expected
            }
        }
    }
}
