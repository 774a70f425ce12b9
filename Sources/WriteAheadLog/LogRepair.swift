import Glibc

/// Makes a damaged log whole again: keeps every whole batch at its position, and puts an empty record of the kind
/// ``lostKind`` where a position's record can't be read any more.
///
/// Nothing is destroyed: a segment that is written anew stays as it was in a directory beside. Each step leaves a log that
/// can be opened, also when the machine stops in the middle of it.
public struct LogRepair: Sendable {
    /// The kind of a record that stands for a lost one; it has no bytes, and readers pass over it.
    public static let lostKind: UInt8 = 0

    /// A segment that was written anew.
    public struct Segment: Sendable {
        /// Its path.
        public let path: String
        /// Where it is as it was before.
        public let setAside: String
        /// Why it was not whole.
        public internal(set) var faults: [RecoveryReport.Fault]
        /// Records that were kept.
        public internal(set) var kept = 0
        /// Positions whose records are lost; at the end of a log the most that the damaged bytes can have held.
        public internal(set) var lost = 0
    }

    /// What was written anew; empty for a log without faults.
    public private(set) var segments: [Segment] = []
    /// The directory with what was there before; nil for a log without faults.
    public private(set) var setAside: String?

    private let directory: String
    private let fileSystem = SystemFileSystem()

    /// Repairs the log in `directory`.
    ///
    /// - Parameter progress: called now and then with the bytes that are behind and those that there are.
    /// - Throws: ``LogError`` with code `inUse` while a daemon has the log open; the log is then as it was.
    public init(directory: String, progress: (Int, Int) -> Void = { _, _ in }) throws(LogError) {
        self.directory = directory
        let lock = try fileSystem.lock("\(directory)/lock")
        defer { withExtendedLifetime(lock) {} }
        for name in try fileSystem.list(directory) where name.hasSuffix(Self.unfinished) {
            try fileSystem.remove("\(directory)/\(name)")
        }
        var walk = try LogWalk(directory: directory)
        var faults = walk.segments.map { _ in [RecoveryReport.Fault]() }
        walking: while true {
            switch try walk.next() {
            case .batch: progress(walk.bytesRead, walk.bytesTotal)
            case .fault(let fault, let segment): faults[segment].append(fault)
            case .end: break walking
            }
        }
        for (place, segment) in walk.segments.enumerated() where !faults[place].isEmpty {
            try rewrite(segment, before: walk.firstPosition(after: place), faults[place])
        }
    }

    private static let unfinished = ".repairing"

    private mutating func rewrite(
        _ old: LogWalk.SegmentFile, before next: UInt64, _ faults: [RecoveryReport.Fault]
    ) throws(LogError) {
        let kept = try placeForOld()
        let name = SegmentFormat.fileName(firstPosition: old.firstPosition)
        var report = Segment(path: old.path, setAside: "\(kept)/\(name)", faults: faults)
        let path = old.path + Self.unfinished
        var copy = SegmentCopy(
            target: try fileSystem.create(path, size: 0), firstPosition: old.firstPosition,
            milliseconds: old.begun ?? 0)
        if let header = old.header {
            let source = try fileSystem.open(old.path, writable: false)
            try keep(SegmentScanner(source, header, limit: old.end), before: next, in: &copy)
        }
        try copy.fill(upTo: next)
        try copy.finish(allocated: old.header?.allocated ?? 0)
        (report.kept, report.lost) = (copy.kept, copy.lost)
        // The old file gets its second name before it loses its first.
        guard link(old.path, report.setAside) == 0 else {
            throw .system(errno, "can't keep \(old.path) as \(report.setAside)")
        }
        try fileSystem.syncDirectory(kept)
        try fileSystem.rename(path, to: old.path)
        try fileSystem.syncDirectory(directory)
        segments.append(report)
    }

    private func keep(
        _ scanner: consuming SegmentScanner, before next: UInt64, in copy: inout SegmentCopy
    ) throws(LogError) {
        var decoder = BatchDecoder()
        while true {
            switch try scanner.next() {
            case .batch(let header, _, let stored):
                if header.firstPosition >= next { return }
                // A position that is given already is not given twice.
                guard header.firstPosition >= copy.expected, decoder.records(stored, of: header) != nil else {
                    continue
                }
                try copy.fill(upTo: header.firstPosition)
                try copy.append(header, stored)
            case .fault: continue
            case .end: return
            }
        }
    }

    private mutating func placeForOld() throws(LogError) -> String {
        if let setAside { return setAside }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let path = "\(directory)/set-aside-\(time.tv_sec)-\(time.tv_nsec / 1_000_000)"
        try fileSystem.makeDirectory(path)
        setAside = path
        return path
    }
}
