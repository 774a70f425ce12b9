import CChecksum
import CMappedRead
import Glibc
import SQLite

/// Keys of documents in a file that is never changed: entries in order, and a directory of where those begin that have the
/// same highest bits. One look into the directory and one at some two dozen entries finds a key.
///
/// The file, numbers as the processor has them: a header of 64 bytes; the entries; for each bucket, and one behind the last,
/// the number of its first entry and a CRC-32C of its entries (4 bytes each). A bit that flipped in the entries or in the
/// directory is found by the bucket's checksum, which is counted at each look for what is believed, and when runs are merged.
///
/// The file is mapped, since two calls to the system for each key and run would be what most of the time goes to. Nothing is
/// read where it is mapped but by ``copy``, for which a sector that can't be read is an error.
final class KeyRun: Sendable {
    static let magic: UInt64 = 0x3153_5945_4B4C_4C4D
    static let headerLength = 64
    /// Entries are counted in 32 bits.
    static let mostEntries = Int(UInt32.max)
    /// Far more than keys that are hashes can bring into one bucket, and no memory to speak of.
    private static let longestBucket = 1 << 20

    struct Header {
        var magic = KeyRun.magic
        var number: UInt64
        var count: UInt64
        var bucketBits: UInt32
        var checksum: UInt32 = 0

        /// Of all that stands before it.
        var rightChecksum: UInt32 {
            withUnsafeBytes(of: self) { millrace_crc32c(0, $0.baseAddress, $0.count - MemoryLayout<UInt32>.size) }
        }
    }

    struct Bucket {
        var first: UInt32
        var checksum: UInt32
    }

    /// Its name, for good.
    let number: UInt64
    let count: Int
    private let bucketBits: Int
    private let path: String
    // Only read, and unmapped when nobody has the run any more.
    private nonisolated(unsafe) let base: UnsafeRawPointer
    private let length: Int

    /// Opens a run; throws damage where it is not one, or not that one.
    init(path: String, number: UInt64) throws(SQLiteError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? Self.damage(path, "is missing") : Self.failure("open", path)
        }
        defer { close(descriptor) }
        var header = Header(number: 0, count: 0, bucketBits: 0)
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw Self.failure("look at", path) }
        let read = withUnsafeMutableBytes(of: &header) { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard read == MemoryLayout<Header>.size, header.magic == Self.magic, header.checksum == header.rightChecksum,
            header.number == number, header.count <= Self.mostEntries, header.bucketBits <= 32
        else { throw Self.damage(path, "has a wrong header") }
        (self.number, self.path) = (number, path)
        (count, bucketBits) = (Int(header.count), Int(header.bucketBits))
        length = Self.directoryOffset(count) + ((1 << bucketBits) + 1) * MemoryLayout<Bucket>.size
        guard information.st_size == length else { throw Self.damage(path, "has a wrong length") }
        let unprepared = millrace_mapped_read_prepare()
        guard unprepared == 0 else { throw Self.failure("map", path, unprepared) }
        guard let mapped = mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, 0), mapped != MAP_FAILED else {
            throw Self.failure("map", path)
        }
        // What is looked for next has nothing to do with where its neighbours are.
        madvise(mapped, length, MADV_RANDOM)
        base = UnsafeRawPointer(mapped)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: base), length) }

    /// Removes the file; the run can be read as long as somebody has it.
    func remove() { unlink(path) }

    static func directoryOffset(_ count: Int) -> Int { headerLength + count * MemoryLayout<KeyEntry>.stride }

    /// How many of a key's highest bits choose the bucket, so that one has 16 to 32 entries.
    static func bucketBits(count: Int) -> Int { max(0, Int.bitWidth - 1 - max(1, count / 16).leadingZeroBitCount) }

    static func bucket(_ key: UInt64, bits: Int) -> Int { bits == 0 ? 0 : Int(key >> UInt64(64 - bits)) }

    /// Copies `count` bytes from `offset` on.
    private func copy(_ offset: Int, _ count: Int, to target: UnsafeMutableRawPointer?) throws(SQLiteError) {
        guard let target, count > 0 else { return }
        guard millrace_mapped_read(target, base + offset, count) else {
            throw Self.damage(path, "can't be read at \(offset)")
        }
    }

    /// Brings the entries of a bucket into `buffer`; with `checked` their checksum is right.
    private func read(_ bucket: Int, checked: Bool = true, into buffer: inout [KeyEntry]) throws(SQLiteError) {
        // There is one more bucket than bits can choose.
        var place = (this: Bucket(first: 0, checksum: 0), next: Bucket(first: 0, checksum: 0))
        let size = MemoryLayout<Bucket>.size
        try copy(Self.directoryOffset(count) + bucket * size, size * 2, to: &place)
        let (first, end) = (Int(place.this.first), Int(place.next.first))
        guard first <= end, end <= count, end - first <= Self.longestBucket else {
            throw Self.damage(path, "has a wrong directory")
        }
        let wanted = end - first
        if buffer.count != wanted {
            // Most buckets have room in the buffer of the one before.
            buffer.removeLast(max(buffer.count - wanted, 0))
            buffer.append(contentsOf: repeatElement(KeyEntry(key: 0, position: 0), count: wanted - buffer.count))
        }
        let bytes = wanted * MemoryLayout<KeyEntry>.stride
        let offset = Self.directoryOffset(first)
        try copy(offset, bytes, to: &buffer)
        guard checked else { return }
        let seed = UInt32(truncatingIfNeeded: bucket)
        let checksum = buffer.withUnsafeBytes { millrace_crc32c(seed, $0.baseAddress, bytes) }
        guard checksum == place.this.checksum else { throw Self.damage(path, "has a wrong checksum at \(offset)") }
    }

    /// Brings the bucket of a key into `buffer`.
    ///
    /// - Returns: where in it the entries with that key stand, in the order of their positions.
    func find(_ key: DocumentKey, in buffer: inout [KeyEntry]) throws(SQLiteError) -> Range<Int> {
        try read(Self.bucket(key.bits, bits: bucketBits), checked: key.isBelieved, into: &buffer)
        var (low, high) = (0, buffer.count)
        while low < high {
            let middle = (low + high) / 2
            if buffer[middle].key < key.bits { low = middle + 1 } else { high = middle }
        }
        var end = low
        while end < buffer.count, buffer[end].key == key.bits { end += 1 }
        return low..<end
    }

    /// All entries in order.
    struct Cursor {
        private let run: KeyRun
        private var bucket = 0
        private var place = 0
        private var entries: [KeyEntry] = []
        /// Nil at the end.
        private(set) var current: KeyEntry?

        init(_ run: KeyRun) throws(SQLiteError) {
            self.run = run
            try advance()
        }

        mutating func advance() throws(SQLiteError) {
            while place == entries.count {
                guard bucket < 1 << run.bucketBits else { return current = nil }
                try run.read(bucket, into: &entries)
                bucket += 1
                place = 0
            }
            current = entries[place]
            place += 1
        }
    }

    static func damage(_ path: String, _ what: String) -> SQLiteError {
        // SQLite's code for a database that is corrupt: the index is then made anew.
        SQLiteError(code: 11, message: "\(path) \(what)")
    }

    static func failure(_ what: String, _ path: String, _ number: Int32 = errno) -> SQLiteError {
        // SQLite's codes for a disk that is full, and for a file that can't be opened.
        SQLiteError(
            code: number == ENOSPC || number == EDQUOT ? 13 : 14,
            message: "can't \(what) \(path): \(String(cString: strerror(number)))")
    }
}
