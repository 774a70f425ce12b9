import Glibc

/// Puts batches into segments: the one place that writes to the newest file and syncs it.
///
/// It is owned by the log's thread, or by a test that steps it, and decides nothing by time or chance.
///
/// Every batch is kept until it is on stable storage. After a failed call the file is given up: it is never synced again,
/// because Linux may have marked the lost pages clean, and what was not durable is written again to a fresh segment.
struct SegmentWriter {
    let directory: String
    let fileSystem: any LogFileSystem
    let segmentSize: Int
    /// Gives each segment's salt.
    private let salt: @Sendable () -> UInt32
    /// Everything up to here is on stable storage.
    private(set) var synced: UInt64
    /// What is not known to be on stable storage, oldest first; the first `written` of them are in the newest segment.
    private(set) var unsynced: [FinishedBatch] = []
    private var written = 0
    private var active: ActiveSegment?
    /// Segments whose state has changed since `takeChanges`.
    private var changed: [Segment] = []
    private(set) var syncs = 0
    private var generation = 0
    /// Small batches are gathered here, so that a group is one call to the system.
    private var gathered: [UInt8] = []

    /// Batches of this size are written as they stand.
    private static let largeBatch = 64 << 10
    private static let gatheredBytes = 1 << 20

    struct ActiveSegment {
        var segment: Segment
        let file: any LogFile
        let salt: UInt32
        /// Bytes set aside.
        let allocated: Int
    }

    init(
        directory: String, fileSystem: any LogFileSystem, segmentSize: Int, synced: UInt64, active: ActiveSegment?,
        salt: @escaping @Sendable () -> UInt32
    ) {
        self.salt = salt
        self.directory = directory
        self.fileSystem = fileSystem
        self.segmentSize = segmentSize
        self.synced = synced
        self.active = active
    }

    /// Bytes that are not known to be on stable storage.
    var unsyncedBytes: Int { unsynced.reduce(0) { $0 + $1.bytes.count } }
    var unwrittenBytes: Int { unsynced[written...].reduce(0) { $0 + $1.footprint(segmentSize: segmentSize) } }
    /// Whether something waits to be written.
    var hasUnwritten: Bool { written < unsynced.count }
    /// The last position that is written, synced or not.
    var lastWritten: UInt64 { written == 0 ? synced : unsynced[written - 1].header.lastPosition }
    mutating func add(_ batches: [FinishedBatch]) { unsynced.append(contentsOf: batches) }

    /// Writes all that waits and, with `sync`, makes it durable.
    ///
    /// When it throws, ``abandon()`` must follow.
    mutating func flush(sync: Bool) throws(LogError) {
        while written < unsynced.count {
            let next = unsynced[written].bytes.count
            if active != nil, !fits(next) { try seal() }
            if active == nil { try startSegment(for: next) }
            try writeRun()
        }
        if sync { try syncActive() }
    }

    /// Gives the newest file up, without another sync.
    mutating func abandon() {
        if var segment = active?.segment {
            // Its readers end where it was durable.
            segment.marks.removeAll { $0.position > synced }
            changed.append(segment)
        }
        active = nil
        written = 0
    }

    /// Syncs and cuts the newest segment.
    mutating func close() throws(LogError) {
        guard let last = active else { return }
        try seal()
        try? last.file.sync()
    }

    /// The segments that are new or have grown.
    mutating func takeChanges() -> [Segment] {
        if let active { changed.append(active.segment) }
        defer { changed = [] }
        return changed
    }

    // MARK: The newest segment

    private func size(for batch: Int) -> Int {
        // One step more than its content: a file that is cut is always shorter than what was set aside.
        max(segmentSize, SegmentFormat.headerLength + batch + SegmentFormat.alignment)
    }

    private func fits(_ batch: Int) -> Bool {
        guard let active else { return false }
        return active.segment.end + batch < active.allocated
    }

    /// Writes as many batches as fit, in few calls.
    private mutating func writeRun() throws(LogError) {
        guard var current = active else { return }
        var start = current.segment.end
        gathered.removeAll(keepingCapacity: true)
        while written < unsynced.count, current.segment.end + unsynced[written].bytes.count < current.allocated {
            unsynced[written].seal(durable: synced, salt: current.salt)
            let batch = unsynced[written]
            if batch.bytes.count >= Self.largeBatch || gathered.count + batch.bytes.count > Self.gatheredBytes {
                if !gathered.isEmpty { try current.file.write(gathered, at: start) }
                gathered.removeAll(keepingCapacity: true)
                start = current.segment.end
            }
            if batch.bytes.count >= Self.largeBatch {
                try current.file.write(batch.bytes, at: start)
                start += batch.bytes.count
            } else {
                gathered.append(contentsOf: batch.bytes)
            }
            current.segment.mark(batch.header.firstPosition, at: current.segment.end)
            current.segment.end += batch.bytes.count
            written += 1
        }
        if !gathered.isEmpty { try current.file.write(gathered, at: start) }
        active = current
    }

    private mutating func syncActive() throws(LogError) {
        guard let active, written > 0 else { return }
        try active.file.sync()
        syncs += 1
        synced = lastWritten
        unsynced.removeFirst(written)
        written = 0
    }

    /// Ends a full segment: what is in it becomes durable before the next one has its first byte.
    private mutating func seal() throws(LogError) {
        guard var last = active else { return }
        try syncActive()
        // The space behind it is given back; if that fails, or power loss undoes it, nothing but space is lost.
        if (try? last.file.truncate(to: last.segment.end)) != nil { last.segment.allocated = last.segment.end }
        changed.append(last.segment)
        active = nil
    }

    private mutating func startSegment(for batch: Int) throws(LogError) {
        // All before this batch is durable, and in older segments. A file of this name was given up, or its header was
        // never synced: nothing in it was acknowledged.
        let first = unsynced[written].header.firstPosition
        let path = "\(directory)/\(SegmentFormat.fileName(firstPosition: first))"
        do throws(LogError) { try fileSystem.remove(path) } catch {
            // Why it can't be removed is why the log stops; that it is in the way would say nothing.
            guard error.code == .system(ENOENT) else { throw error }
        }
        let size = size(for: batch)
        let file = try fileSystem.create(path, size: size)
        let header = SegmentHeader(
            firstPosition: first, milliseconds: WallClock.milliseconds, salt: salt(), allocated: size)
        try file.write(header.encoded, at: 0)
        try file.sync()
        try fileSystem.syncDirectory(directory)
        generation += 1
        active = ActiveSegment(
            segment: Segment(
                path: path, firstPosition: first, generation: generation, end: header.length, allocated: size),
            file: file, salt: header.salt, allocated: size)
    }
}
