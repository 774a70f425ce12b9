/// What a directory of segments holds.
struct RecoveredLog {
    var segments: [Segment] = []
    var nextPosition: UInt64 = 1
    var report = RecoveryReport()

    /// Reads the directory, and the newest segment in full.
    ///
    /// - Parameter repair: cut the torn tail off and make what is left durable; otherwise nothing is written.
    init(directory: String, fileSystem: any LogFileSystem, repair: Bool) throws(LogError) {
        let names = try fileSystem.list(directory).filter { SegmentFormat.firstPosition(ofFile: $0) != nil }.sorted()
        for (index, name) in names.enumerated() {
            let isNewest = index == names.count - 1
            let path = "\(directory)/\(name)"
            let file = try fileSystem.open(path, writable: repair)
            let size = try file.size()
            var header = [UInt8](repeating: 0, count: SegmentFormat.headerLength)
            var count = 0
            var failure: LogError?
            header.withUnsafeMutableBytes { buffer in
                do throws(LogError) { count = try file.read(into: buffer, at: 0) } catch { failure = error }
            }
            if let failure { throw failure }
            let first = count == header.count ? header.withUnsafeBytes { SegmentFormat.readHeader($0) } : nil
            guard let first, first == SegmentFormat.firstPosition(ofFile: name) else {
                try damagedHeader(path, isNewest: isNewest, size: size, fileSystem: fileSystem, repair: repair)
                continue
            }
            nextPosition = max(nextPosition, first)
            segments.append(Segment(path: path, firstPosition: first, file: file, end: size))
        }
        if var newest = segments.popLast() {
            try recoverNewest(&newest, size: newest.end, repair: repair)
            segments.append(newest)
        }
    }

    private mutating func damagedHeader(
        _ path: String, isNewest: Bool, size: Int, fileSystem: any LogFileSystem, repair: Bool
    ) throws(LogError) {
        if isNewest {
            // Its first sync had not ended when power was lost: no batch in it was acknowledged.
            var scanner = SegmentScanner(try fileSystem.open(path, writable: false), limit: size)
            if case .end = try scanner.next() {
                report.tornBytes += size
                if repair {
                    try fileSystem.remove(path)
                    try fileSystem.syncDirectory(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
                }
                return
            }
        }
        report.faults.append(.init(file: path, offset: 0, what: "a segment header with a wrong checksum"))
        if repair { try fileSystem.rename(path, to: path + ".damaged") }
    }

    private mutating func recoverNewest(_ segment: inout Segment, size: Int, repair: Bool) throws(LogError) {
        var scanner = SegmentScanner(segment.file, limit: size)
        var end = SegmentFormat.headerLength
        scan: while true {
            switch try scanner.next() {
            case .batch(let header, let offset, _):
                segment.mark(header.firstPosition, at: offset)
                nextPosition = header.lastPosition + 1
                end = min(offset + header.stride, size)
            case .fault(let offset, let faultEnd, let what, _):
                // A batch that was written after the bad bytes had been synced proves that they were whole once.
                guard try scanner.provenDurable() >= nextPosition else {
                    report.tornBytes += size - offset
                    break scan
                }
                report.faults.append(
                    .init(file: segment.path, offset: offset, what: "\(what), \(faultEnd - offset) bytes"))
            case .end(let offset, let what):
                if what != nil { report.tornBytes += size - offset }
                break scan
            }
        }
        segment.end = end
        guard repair else { return }
        // What is whole here may still be in the page cache only, and readers are about to see it.
        if report.tornBytes > 0 { try segment.file.truncate(to: end) }
        try segment.file.sync()
    }
}
