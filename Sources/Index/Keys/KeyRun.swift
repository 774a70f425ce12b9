import CChecksum
import Glibc
import SQLite

/// Keys of documents in a file that is never changed: entries in order, and a directory of where those begin that have the
/// same highest bits. One look into the directory and one at some two dozen entries finds a key.
///
/// The file, numbers as the processor has them: a header of 64 bytes; the entries; for each bucket, and one behind the last,
/// the number of its first entry and a CRC-32C of its entries (4 bytes each). A bit that flipped in the entries or in the
/// directory is found by the bucket's checksum, which is counted at each look for what is believed, and when runs are merged.
final class KeyRun: Sendable {
    static let magic: UInt64 = 0x3153_5945_4B4C_4C4D
    static let headerLength = 64
    /// Entries are counted in 32 bits.
    static let mostEntries = Int(UInt32.max)

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

    /// The entries of a bucket; with `checked` their checksum is right.
    private func entries(_ bucket: Int, checked: Bool = true) throws(SQLiteError) -> UnsafeBufferPointer<KeyEntry> {
        let directory = (base + Self.directoryOffset(count)).assumingMemoryBound(to: Bucket.self)
        // There is one more bucket than bits can choose.
        let (first, end) = (Int(directory[bucket].first), Int(directory[bucket + 1].first))
        guard first <= end, end <= count else { throw Self.damage(path, "has a wrong directory") }
        let start = base + Self.directoryOffset(first)
        let entries = UnsafeBufferPointer(start: start.assumingMemoryBound(to: KeyEntry.self), count: end - first)
        guard checked else { return entries }
        let seed = UInt32(truncatingIfNeeded: bucket)
        guard millrace_crc32c(seed, start, UnsafeRawBufferPointer(entries).count) == directory[bucket].checksum else {
            throw Self.damage(path, "has a wrong checksum at \(Self.directoryOffset(first))")
        }
        return entries
    }

    /// The entries with a key, in the order of their positions; to be used before the run goes.
    func entries(of key: DocumentKey) throws(SQLiteError) -> Slice<UnsafeBufferPointer<KeyEntry>> {
        let all = try entries(Self.bucket(key.bits, bits: bucketBits), checked: key.isBelieved)
        var (low, high) = (0, all.count)
        while low < high {
            let middle = (low + high) / 2
            if all[middle].key < key.bits { low = middle + 1 } else { high = middle }
        }
        var end = low
        while end < all.count, all[end].key == key.bits { end += 1 }
        return all[low..<end]
    }

    /// All entries in order.
    struct Cursor {
        private let run: KeyRun
        private var bucket = 0
        private var place = 0
        private var entries = UnsafeBufferPointer<KeyEntry>(start: nil, count: 0)
        /// Nil at the end.
        private(set) var current: KeyEntry?

        init(_ run: KeyRun) throws(SQLiteError) {
            self.run = run
            try advance()
        }

        mutating func advance() throws(SQLiteError) {
            while place == entries.count {
                guard bucket < 1 << run.bucketBits else { return current = nil }
                entries = try run.entries(bucket)
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
