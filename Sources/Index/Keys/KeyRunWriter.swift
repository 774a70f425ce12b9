import CChecksum
import Glibc
import SQLite

/// Writes a run, entry by entry in their order.
final class KeyRunWriter {
    private let path: String
    private let number: UInt64
    private let descriptor: Int32
    private let buckets: Int
    private var isFinished = false
    private var count = 0
    /// The bucket that the newest entry belongs to.
    private var bucket = KeyBucket(number: 0, first: 0)
    private var bucketNumber = 0
    /// Where its entries that are not in its checksum yet begin in the buffer.
    private var bucketStart = 0
    private var entries: FileRegion<KeyEntry>
    private var directory: FileRegion<KeyBucket>
    private var unsynced = 0

    private static let bufferedEntries = 1 << 16
    private static let bufferedBuckets = bufferedEntries / KeyBucket.usualCount
    /// Bytes after which what was written goes to the disk, so that the log's own syncs never wait for all of it.
    private static let syncedBytes = 16 << 20

    /// - Parameter capacity: how many entries come at most.
    init(path: String, number: UInt64, capacity: Int) throws(SQLiteError) {
        self.path = path
        self.number = number
        descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw KeyRun.failure("make", path) }
        buckets = KeyBucket.buckets(for: capacity)
        directory = FileRegion(from: KeyRun.offset(ofBucket: 0), capacity: min(buckets, Self.bufferedBuckets))
        entries = FileRegion(
            from: KeyRun.entriesOffset(buckets: buckets), capacity: min(max(capacity, 1), Self.bufferedEntries))
    }

    deinit {
        close(descriptor)
        if !isFinished { unlink(path) }
    }

    func append(_ entry: KeyEntry) throws(SQLiteError) {
        try endBuckets(before: KeyBucket.number(of: entry.key, among: buckets))
        if entries.isFull { try flushEntries() }
        entries.append(entry)
        bucket.add(entry.key)
        bucket.count += 1
        count += 1
    }

    /// Writes the lines of all buckets before `next`, which begins here.
    private func endBuckets(before next: Int) throws(SQLiteError) {
        while bucketNumber < next {
            takeChecksum()
            bucket.seal(number: bucketNumber)
            if directory.isFull { try flush(&directory) }
            directory.append(bucket)
            bucketNumber += 1
            bucket = KeyBucket(number: bucketNumber, first: count)
        }
    }

    private func takeChecksum() {
        let new = entries.buffer[bucketStart...]
        bucket.entriesChecksum = new.withUnsafeBytes {
            millrace_crc32c(bucket.entriesChecksum, $0.baseAddress, $0.count)
        }
        bucketStart = entries.buffer.count
    }

    private func flushEntries() throws(SQLiteError) {
        takeChecksum()
        unsynced += entries.buffer.count * MemoryLayout<KeyEntry>.stride
        try flush(&entries)
        bucketStart = 0
        guard unsynced >= Self.syncedBytes else { return }
        unsynced = 0
        guard fdatasync(descriptor) == 0 else { throw KeyRun.failure("sync", path) }
    }

    private func flush<Element>(_ region: inout FileRegion<Element>) throws(SQLiteError) {
        guard region.flush(to: descriptor) else { throw KeyRun.failure("write", path) }
    }

    /// Makes the run durable, name and all.
    func finish() throws(SQLiteError) {
        try endBuckets(before: buckets)
        try flushEntries()
        try flush(&directory)
        var header = KeyRun.Header(number: number, count: UInt64(count), buckets: UInt32(buckets))
        header.checksum = header.rightChecksum
        var start = FileRegion<KeyRun.Header>(from: 0, capacity: 1)
        start.append(header)
        try flush(&start)
        guard fdatasync(descriptor) == 0 else { throw KeyRun.failure("sync", path) }
        try Self.syncDirectory(of: path)
        isFinished = true
    }

    private static func syncDirectory(of path: String) throws(SQLiteError) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw KeyRun.failure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw KeyRun.failure("sync", directory) }
    }
}

/// A part of a file that is written from its beginning on, some elements at once.
private struct FileRegion<Element: BitwiseCopyable> {
    private(set) var buffer: [Element] = []
    private let capacity: Int
    private var offset: Int

    init(from offset: Int, capacity: Int) {
        (self.offset, self.capacity) = (offset, capacity)
        buffer.reserveCapacity(capacity)
    }

    var isFull: Bool { buffer.count == capacity }

    mutating func append(_ element: Element) { buffer.append(element) }

    /// False where the disk did not take all, with the reason in `errno`.
    mutating func flush(to descriptor: Int32) -> Bool {
        let size = buffer.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
                let written = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { break }
                done += written
            }
            return done
        }
        guard size == buffer.count * MemoryLayout<Element>.stride else { return false }
        offset += size
        buffer.removeAll(keepingCapacity: true)
        return true
    }
}
