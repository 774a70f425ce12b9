import CChecksum
import Glibc
import SQLite

/// Writes a run, entry by entry in their order.
final class KeyRunWriter {
    private let path: String
    private let number: UInt64
    private let descriptor: Int32
    private let bucketBits: Int
    private var isFinished = false
    private var count = 0
    private var directory: [KeyRun.Bucket] = []
    private var buffer: [KeyEntry] = []
    /// Where the newest bucket's entries that are not in its checksum yet begin in the buffer.
    private var bucketStart = 0
    private var checksum: UInt32 = 0
    private var unsynced = 0

    private static let bufferedEntries = 1 << 16
    /// Bytes after which what was written goes to the disk, so that the log's own syncs never wait for all of it.
    private static let syncedBytes = 16 << 20

    /// - Parameter capacity: how many entries come at most.
    init(path: String, number: UInt64, capacity: Int) throws(SQLiteError) {
        self.path = path
        self.number = number
        descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw KeyRun.failure("make", path) }
        bucketBits = KeyRun.bucketBits(count: capacity)
        directory.reserveCapacity((1 << bucketBits) + 1)
        buffer.reserveCapacity(min(capacity, Self.bufferedEntries))
        directory.append(KeyRun.Bucket(first: 0, checksum: 0))
        guard lseek(descriptor, off_t(KeyRun.headerLength), SEEK_SET) >= 0 else { throw KeyRun.failure("write", path) }
    }

    deinit {
        close(descriptor)
        if !isFinished { unlink(path) }
    }

    func append(_ entry: KeyEntry) throws(SQLiteError) {
        let bucket = KeyRun.bucket(entry.key, bits: bucketBits)
        if bucket >= directory.count { endBuckets(before: bucket) }
        if buffer.count == Self.bufferedEntries { try flush() }
        buffer.append(entry)
        count += 1
    }

    /// Notes the newest bucket's checksum, and that those up to `bucket` begin here.
    private func endBuckets(before bucket: Int) {
        takeChecksum()
        directory[directory.count - 1].checksum = checksum
        while directory.count <= bucket {
            // The checksum of no bytes is what it goes on from.
            directory.append(
                KeyRun.Bucket(first: UInt32(count), checksum: UInt32(truncatingIfNeeded: directory.count)))
        }
        checksum = UInt32(truncatingIfNeeded: bucket)
    }

    private func takeChecksum() {
        checksum = buffer.withUnsafeBytes { bytes in
            let start = bucketStart * MemoryLayout<KeyEntry>.stride
            return millrace_crc32c(checksum, bytes.baseAddress.map { $0 + start }, bytes.count - start)
        }
        bucketStart = buffer.count
    }

    private func flush() throws(SQLiteError) {
        takeChecksum()
        try Self.write(descriptor, buffer, path)
        unsynced += buffer.count * MemoryLayout<KeyEntry>.stride
        buffer.removeAll(keepingCapacity: true)
        bucketStart = 0
        guard unsynced >= Self.syncedBytes else { return }
        unsynced = 0
        guard fdatasync(descriptor) == 0 else { throw KeyRun.failure("sync", path) }
    }

    /// Makes the run durable, name and all.
    func finish() throws(SQLiteError) {
        endBuckets(before: 1 << bucketBits)
        try flush()
        try Self.write(descriptor, directory, path)
        var header = KeyRun.Header(number: number, count: UInt64(count), bucketBits: UInt32(bucketBits))
        header.checksum = header.rightChecksum
        let size = MemoryLayout<KeyRun.Header>.size
        let written = withUnsafeBytes(of: header) { pwrite(descriptor, $0.baseAddress, size, 0) }
        guard written == size else { throw KeyRun.failure("write", path) }
        guard fdatasync(descriptor) == 0 else { throw KeyRun.failure("sync", path) }
        try Self.syncDirectory(of: path)
        isFinished = true
    }

    private static func write<Element: BitwiseCopyable>(
        _ descriptor: Int32, _ elements: [Element], _ path: String
    ) throws(SQLiteError) {
        let isWritten = elements.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let written = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return false }
                done += written
            }
            return true
        }
        guard isWritten else { throw KeyRun.failure("write", path) }
    }

    private static func syncDirectory(of path: String) throws(SQLiteError) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw KeyRun.failure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw KeyRun.failure("sync", directory) }
    }
}
