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
    /// Its snapshot, where it has one.
    public var snapshot: SnapshotVerification?
    /// Where the log is damaged, its snapshot as well.
    public var faults: [RecoveryReport.Fault] = []

    /// Reads the log in `directory`, which no daemon needs to have open.
    ///
    /// - Parameters:
    ///   - besideWriter: a daemon has it open; see ``LogWalk``.
    ///   - progress: called for each batch with the bytes that are behind and those that there are.
    public init(
        directory: String, besideWriter: Bool = false, fileSystem: any LogFileSystem = SystemFileSystem(),
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws {
        var walk = try LogWalk(directory: directory, besideWriter: besideWriter, fileSystem: fileSystem)
        segments = walk.segments.count
        while true {
            switch try walk.next() {
            case .batch(let batch):
                batches += 1
                records += batch.count
                bytes += batch.stride
                if first == nil { first = batch.firstPosition }
                last = batch.lastPosition
                progress(walk.bytesRead + batch.offset, walk.bytesTotal)
            case .fault(let fault, _): faults.append(fault)
            case .end(let torn):
                tornBytes = torn
                // Later than the segments: a daemon that trims meanwhile has written it before.
                snapshot = try SnapshotVerification(directory: directory, fileSystem: fileSystem)
                faults += snapshot?.faults ?? []
                if let first = walk.segments.first?.firstPosition,
                    let gap = SnapshotVerification.gap(before: first, snapshot, in: directory)
                {
                    faults.append(gap)
                }
                return
            }
        }
    }
}
