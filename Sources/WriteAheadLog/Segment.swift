/// A segment file as the log knows it.
struct Segment {
    let path: String
    let firstPosition: UInt64
    let file: any LogFile
    /// The byte behind the last batch.
    var end: Int
    /// Some places where batches begin, ascending, so that a look-up need not start at the file's beginning.
    var marks: [(position: UInt64, offset: Int)] = []

    private static let markSpacing = 128 << 10

    mutating func mark(_ position: UInt64, at offset: Int) {
        if let last = marks.last, offset - last.offset < Self.markSpacing { return }
        marks.append((position, offset))
    }

    /// The nearest known batch at or before `position`.
    func offset(before position: UInt64) -> Int {
        var low = 0
        var high = marks.count
        while low < high {
            let middle = (low + high) / 2
            if marks[middle].position <= position { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? SegmentFormat.headerLength : marks[low - 1].offset
    }
}
