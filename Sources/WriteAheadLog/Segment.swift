/// A segment file as the log and its readers know it.
struct Segment {
    let path: String
    let firstPosition: UInt64
    /// Tells a file from the one that it replaced under the same name.
    let generation: Int
    /// The byte behind the last batch, as far as that is known; else the file's length.
    var end: Int
    /// Bytes that the file takes on the disk.
    var allocated: Int
    /// Some places where batches begin, ascending, so that a look-up need not start at the file's beginning.
    var marks: [(position: UInt64, offset: Int)] = []

    private static let markSpacing = 128 << 10

    init(path: String, firstPosition: UInt64, generation: Int = 0, end: Int, allocated: Int) {
        self.path = path
        self.firstPosition = firstPosition
        self.generation = generation
        self.end = end
        self.allocated = allocated
    }

    mutating func mark(_ position: UInt64, at offset: Int) {
        if let last = marks.last, offset - last.offset < Self.markSpacing { return }
        marks.append((position, offset))
    }

    /// The nearest known batch at or before `position`; nil where only the file itself knows.
    func offset(before position: UInt64) -> Int? {
        var low = 0
        var high = marks.count
        while low < high {
            let middle = (low + high) / 2
            if marks[middle].position <= position { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : marks[low - 1].offset
    }
}
