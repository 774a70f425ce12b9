import Configuration

/// Which of the log's segments may go.
struct RetentionPlan: Equatable {
    /// Segments whose records all stand below this position may go.
    var below: UInt64 = 0
    /// - Parameters:
    ///   - segments: from the oldest on; the newest never goes.
    ///   - begun: when the segment at that place was begun, milliseconds since 1970.
    ///   - excess: bytes that must go because of the maximum size; 0 or less where none must.
    ///   - delivered: up to here all sinks have all.
    ///   - now: milliseconds since 1970.
    init(
        segments: [(first: UInt64, bytes: Int)], begun: (Int) -> Int64?, excess: Int, delivered: UInt64,
        settings: LogSettings, now: Int64
    ) {
        guard segments.count > 1 else { return }
        // By age: all of a segment was written before the next one was begun.
        if let keepFor = settings.keepFor {
            let limit = now - Int64(keepFor * 1000)
            for place in 1..<segments.count {
                guard let time = begun(place), time < limit else { break }
                below = segments[place].first
            }
        }
        if let keepSize = settings.keepSize { below = max(below, Self.cut(segments, toBytes: Int(keepSize))) }
        below = min(below, delivered + 1)
        guard excess > 0 else { return }
        let bytes = segments.reduce(0) { $0 + $1.bytes }
        let needed = Self.cut(segments, toBytes: bytes - excess)
        below = max(below, settings.whenFull == .dropOldest ? needed : min(needed, delivered + 1))
    }

    /// Where the newest segments that have no more than so many bytes together begin.
    private static func cut(_ segments: [(first: UInt64, bytes: Int)], toBytes limit: Int) -> UInt64 {
        var bytes = 0
        var first = segments[segments.count - 1].first
        for segment in segments.reversed() {
            bytes += segment.bytes
            if bytes > limit { break }
            first = segment.first
        }
        return first
    }
}
