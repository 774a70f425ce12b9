import CChecksum
import CMappedRead
import Glibc
import SQLite

/// Keys of documents in a file that is never changed: entries in order, in buckets of those that have the same highest bits,
/// and a directory of the buckets. One look into the directory mostly says that a key is not there, and one at some three
/// dozen entries finds it.
///
/// The file, numbers as the processor has them: a header of 64 bytes; the directory, a ``KeyBucket`` each; the entries. A bit
/// that flipped is found by the bucket's checksums (CRC-32C), which are counted at each look for what is believed, and when
/// runs are merged.
///
/// The file is mapped, since two calls to the system for each key and run would be what most of the time goes to. Nothing is
/// read where it is mapped but by ``copy``, for which a sector that can't be read is an error.
final class KeyRun: Sendable {
    static let magic: UInt64 = 0x3253_5945_4B4C_4C4D
    static let headerLength = 64
    /// Entries are counted in 32 bits.
    static let mostEntries = Int(UInt32.max)
    /// Far more than keys that are hashes can bring into one bucket, and no memory to speak of.
    private static let longestBucket = 1 << 20

    struct Header {
        var magic = KeyRun.magic
        var number: UInt64
        var count: UInt64
        var buckets: UInt32
        var checksum: UInt32 = 0

        /// Of all that stands before it.
        var rightChecksum: UInt32 {
            withUnsafeBytes(of: self) { millrace_crc32c(0, $0.baseAddress, $0.count - MemoryLayout<UInt32>.size) }
        }
    }

    /// Its name, for good.
    let number: UInt64
    let count: Int
    private let buckets: Int
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
        var header = Header(number: 0, count: 0, buckets: 0)
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw Self.failure("look at", path) }
        let read = withUnsafeMutableBytes(of: &header) { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard read == MemoryLayout<Header>.size, header.magic == Self.magic, header.checksum == header.rightChecksum,
            header.number == number, header.count <= Self.mostEntries, header.buckets > 0
        else { throw Self.damage(path, "has a wrong header") }
        (self.number, self.path) = (number, path)
        (count, buckets) = (Int(header.count), Int(header.buckets))
        length = Self.entriesOffset(buckets: buckets) + count * MemoryLayout<KeyEntry>.stride
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

    /// Where in the file the line of a bucket stands, which begins where a line of the processor's cache does.
    static func offset(ofBucket number: Int) -> Int { headerLength + number * MemoryLayout<KeyBucket>.stride }

    static func entriesOffset(buckets: Int) -> Int { offset(ofBucket: buckets) }

    /// Copies `count` bytes from `offset` on.
    private func copy(_ offset: Int, _ count: Int, to target: UnsafeMutableRawPointer?) throws(SQLiteError) {
        guard let target, count > 0 else { return }
        guard millrace_mapped_read(target, base + offset, count) else {
            throw Self.damage(path, "can't be read at \(offset)")
        }
    }

    /// The line of a bucket; with `checked` it is as it was written.
    private func bucket(_ number: Int, checked: Bool) throws(SQLiteError) -> KeyBucket {
        var bucket = KeyBucket(number: 0, first: 0)
        let offset = Self.offset(ofBucket: number)
        try copy(offset, MemoryLayout<KeyBucket>.size, to: &bucket)
        guard !checked || bucket.isWhole(number: number) else {
            throw Self.damage(path, "has a wrong checksum at \(offset)")
        }
        guard Int(bucket.first) + Int(bucket.count) <= count, bucket.count <= Self.longestBucket else {
            throw Self.damage(path, "has a wrong directory")
        }
        return bucket
    }

    /// Brings the entries of a bucket into `buffer`; with `checked` their checksum is right.
    private func read(_ place: KeyPlace, checked: Bool, into buffer: inout [KeyEntry]) throws(SQLiteError) {
        if buffer.count != place.count {
            // Most buckets have room in the buffer of the one before.
            buffer.removeLast(max(buffer.count - place.count, 0))
            buffer.append(contentsOf: repeatElement(KeyEntry(key: 0, position: 0), count: place.count - buffer.count))
        }
        let offset = offset(of: place)
        try copy(offset, place.count * MemoryLayout<KeyEntry>.stride, to: &buffer)
        guard checked else { return }
        let checksum = buffer.withUnsafeBytes {
            millrace_crc32c(UInt32(truncatingIfNeeded: place.bucket), $0.baseAddress, $0.count)
        }
        guard checksum == place.checksum else {
            throw Self.damage(path, "has a wrong checksum at \(offset)")
        }
    }

    private func offset(of place: KeyPlace) -> Int {
        Self.entriesOffset(buckets: buckets) + place.first * MemoryLayout<KeyEntry>.stride
    }

    /// Lets the processor fetch what says whether a key is here, while something else is done.
    func prefetch(_ key: DocumentKey) {
        millrace_mapped_prefetch(base + Self.offset(ofBucket: KeyBucket.number(of: key.bits, among: buckets)))
    }

    /// Where the entries of a key are, if there are any.
    func place(of key: DocumentKey) throws(SQLiteError) -> KeyPlace? {
        let number = KeyBucket.number(of: key.bits, among: buckets)
        let bucket = try self.bucket(number, checked: key.isBelieved)
        return bucket.mayHold(key.bits) ? KeyPlace(number, bucket) : nil
    }

    /// Lets the processor fetch the entries there, while something else is done.
    func prefetch(_ place: KeyPlace) {
        let entries = base + offset(of: place)
        let length = min(place.count, 2 * KeyBucket.usualCount) * MemoryLayout<KeyEntry>.stride
        for line in stride(from: 0, to: length, by: 64) { millrace_mapped_prefetch(entries + line) }
    }

    /// Brings the bucket of a key into `buffer`, where it may be there.
    ///
    /// - Returns: where in it the entries with that key stand, in the order of their positions.
    func find(_ key: DocumentKey, in buffer: inout [KeyEntry]) throws(SQLiteError) -> Range<Int> {
        guard let place = try place(of: key) else { return 0..<0 }
        return try find(key, at: place, in: &buffer)
    }

    /// Brings the entries of the place of a key into `buffer`.
    ///
    /// - Returns: where in it those with that key stand, in the order of their positions.
    func find(
        _ key: DocumentKey, at place: KeyPlace, in buffer: inout [KeyEntry]
    ) throws(SQLiteError) -> Range<Int> {
        try read(place, checked: key.isBelieved, into: &buffer)
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

        init(_ run: KeyRun) { self.run = run }

        /// The next entry; ``KeyEntry/end`` behind the last.
        mutating func next() throws(SQLiteError) -> KeyEntry {
            while place == entries.count {
                guard bucket < run.buckets else { return .end }
                try run.read(KeyPlace(bucket, run.bucket(bucket, checked: true)), checked: true, into: &entries)
                bucket += 1
                place = 0
            }
            place += 1
            return entries[place - 1]
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
