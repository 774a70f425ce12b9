/// Letting go of old segments.
extension WriteAheadLog {
    /// Removes the oldest segments whose records all stand below `position` and are in the snapshot; never the newest one. After
    /// the directory could not be synced nothing more is removed until the log is opened again.
    ///
    /// A reader that has such a file open reads it to its end. Each removal is durable before the next one begins, so
    /// that no power loss leaves a gap.
    ///
    /// - Returns: the bytes that were given back.
    @discardableResult
    public func trim(below position: UInt64) throws(LogError) -> Int {
        trimming.lock()
        defer { trimming.unlock() }
        if let trimmingFailure { throw trimmingFailure }
        var freed = 0
        defer { if freed > 0 { tellOfRoom() } }
        while let segment = takeOldest(below: position) {
            do throws(LogError) {
                try fileSystem.remove(segment.path)
            } catch {
                putBack(segment)
                throw error
            }
            freed += segment.allocated
            try syncDirectoryForTrimming()
        }
        return freed
    }

    /// Takes the oldest segment out of what readers find.
    private func takeOldest(below position: UInt64) -> Segment? {
        lock.lock()
        defer { lock.unlock() }
        let limit = min(position, durablePosition + 1, snapshot.position + 1)
        guard segments.count > 1, segments[1].firstPosition <= limit else { return nil }
        return segments.removeFirst()
    }

    private func putBack(_ segment: Segment) {
        lock.lock()
        segments.insert(segment, at: 0)
        lock.unlock()
    }

    /// Segments from the oldest on: where each begins and its bytes.
    public var segmentList: [(first: UInt64, bytes: Int)] {
        lock.lock()
        defer { lock.unlock() }
        return segments.map { ($0.firstPosition, $0.end) }
    }

    /// When the segment that begins at `first` was begun, milliseconds since 1970; nil where that can't be read.
    public func begun(segment first: UInt64) -> Int64? {
        let path = "\(directory)/\(SegmentFormat.fileName(firstPosition: first))"
        guard let file = try? fileSystem.open(path, writable: false),
            let header = try? SegmentHeader.read(file, firstBatch: first)
        else { return nil }
        switch header {
        case .whole(let header, _), .rebuilt(let header): return header.milliseconds
        case .broken, .unknownVersion: return nil
        }
    }
}
