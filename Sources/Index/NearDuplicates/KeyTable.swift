import Glibc
import SQLite

/// Which documents have a key of a fingerprint: a hash table in a file, mapped into memory.
///
/// Keys come in no order, and hundreds of thousands of them a second. In a B-tree behind a write-ahead log each would
/// dirty a page of its own and write it twice; here it dirties a page that the system writes when it likes to. That is
/// safe because nothing in the table is believed: a document that it names is looked up and compared. What it must not do
/// is forget, so it is made again from the index after a power failure, see ``isFresh``.
///
/// Buckets are pages of 512 entries and grow one by one (linear hashing, Litwin 1980): no insertion ever waits for a
/// table to be copied. An entry is the key and the first 32 bits of a document's id.
final class KeyTable {
    /// Whether the table is empty although the index may not be: it was not there, damaged, or not closed before the
    /// machine went down.
    private(set) var isFresh = false

    /// Documents that are remembered for one key. What more documents have is a phrase of their site, and tells nothing.
    static let documentsPerKey = 8
    private static let pageSize = 4096
    private static let slots = pageSize / 8
    /// Entries per bucket, on average, above which a bucket is split. Buckets that wait for their turn hold twice as many as
    /// those that were split, and must not overflow.
    private static let load = 215
    private static let firstBuckets = 16
    private static let magic: UInt64 = 0x3130_5359_454B_524D
    /// Also bounds what a damaged header can make of the file: 2^32 buckets are 16 TiB.
    private static let mostBuckets = 1 << 32

    private let descriptor: Int32
    private let path: String
    private var base: UnsafeMutableRawPointer
    private var mappedPages: Int
    private var buckets: Int
    private var entries: Int

    /// Opens the table at `path`, or makes an empty one there.
    init(path: String) throws(SQLiteError) {
        self.path = path
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        self.descriptor = descriptor
        guard descriptor >= 0 else { throw Self.failure("open", path) }
        var header = Header(buckets: 0, entries: 0, boot: 0, isClosed: 0)
        let boot = Self.bootIdentity()
        var information = stat()
        let isWhole =
            withUnsafeMutableBytes(of: &header) { pread(descriptor, $0.baseAddress, $0.count, 0) == $0.count }
            && fstat(descriptor, &information) == 0 && header.magic == Self.magic
            && (header.isClosed == 1 || boot != 0 && header.boot == boot)
        let pages = isWhole ? Int(information.st_size) / Self.pageSize : 0
        if header.buckets >= Self.firstBuckets, header.buckets <= Self.mostBuckets, header.buckets < pages {
            mappedPages = pages
            buckets = Int(header.buckets)
            entries = Int(clamping: header.entries)
        } else {
            isFresh = true
            mappedPages = 1 + Self.firstBuckets
            buckets = Self.firstBuckets
            entries = 0
            guard ftruncate(descriptor, 0) == 0 else { throw Self.failure("empty", path) }
            if let problem = Self.allocate(descriptor, pages: mappedPages) {
                throw Self.failure("make room for", path, problem)
            }
        }
        base = try Self.map(descriptor, pages: mappedPages, path)
        self.header = Header(buckets: UInt64(buckets), entries: UInt64(entries), boot: boot, isClosed: 0)
    }

    deinit {
        munmap(base, mappedPages * Self.pageSize)
        Glibc.close(descriptor)
    }

    /// Writes everything to the disk and marks the table as whole; it must not be changed any more.
    func close() {
        noteSize()
        guard msync(base, mappedPages * Self.pageSize, MS_SYNC) == 0 else { return }
        header.isClosed = 1
        msync(base, Self.pageSize, MS_SYNC)
    }

    // MARK: Header

    private struct Header {
        var magic = KeyTable.magic
        var buckets: UInt64
        var entries: UInt64
        var boot: UInt64
        var isClosed: UInt64
    }

    private var header: Header {
        get { base.load(as: Header.self) }
        set { base.storeBytes(of: newValue, as: Header.self) }
    }

    private func noteSize() {
        header.buckets = UInt64(buckets)
        header.entries = UInt64(entries)
    }

    /// A number that changes with each start of the machine; 0 where the system has none.
    private static func bootIdentity() -> UInt64 {
        let descriptor = Glibc.open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { Glibc.close(descriptor) }
        var text = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &text, text.count)
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.prefix(max(0, count)) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return count > 0 ? hash : 0
    }

    // MARK: Entries

    /// Where a key is: keys are as good as random, so their low bits say it.
    private func bucket(_ key: UInt32) -> Int {
        let level = Int.bitWidth - 1 - buckets.leadingZeroBitCount
        let wide = Int(key) & ((2 << level) - 1)
        return wide < buckets ? wide : Int(key) & ((1 << level) - 1)
    }

    /// The entries of a bucket, those in use first. Stays in bounds because `bucket` is below `buckets`, which are mapped.
    private func page(_ bucket: Int) -> UnsafeMutablePointer<UInt64> {
        (base + (bucket + 1) * Self.pageSize).assumingMemoryBound(to: UInt64.self)
    }

    private static func key(of entry: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: entry >> 32) }

    /// Calls `body` with the first 32 bits of the ids of documents that have `key`, which is not 0.
    func forEach(_ key: UInt32, _ body: (UInt32) -> Void) {
        let page = page(bucket(key))
        for slot in 0..<Self.slots {
            let entry = page[slot]
            if entry == 0 { return }
            if Self.key(of: entry) == key { body(UInt32(truncatingIfNeeded: entry)) }
        }
    }

    /// Notes that the document whose id begins with `prefix` has `key`, which is not 0.
    func insert(_ key: UInt32, prefix: UInt32) throws(SQLiteError) {
        let entry = UInt64(key) << 32 | UInt64(prefix)
        let page = page(bucket(key))
        var same = 0
        var slot = 0
        while slot < Self.slots, page[slot] != 0 {
            if page[slot] == entry { return }
            if Self.key(of: page[slot]) == key { same += 1 }
            slot += 1
        }
        guard same < Self.documentsPerKey else { return }
        guard slot < Self.slots else {
            // Only where keys were chosen to meet: one of them is forgotten.
            page[Int(key >> 16) % Self.slots] = entry
            return
        }
        page[slot] = entry
        entries += 1
        if entries > buckets * Self.load { try split() }
    }

    /// Adds a bucket and moves there what belongs there from the one that had it till now.
    private func split() throws(SQLiteError) {
        guard buckets < Self.mostBuckets else { return }
        if buckets + 1 >= mappedPages { try grow() }
        let level = Int.bitWidth - 1 - buckets.leadingZeroBitCount
        let old = page(buckets & ((1 << level) - 1))
        let new = page(buckets)
        new.update(repeating: 0, count: Self.slots)
        var moved = 0
        for slot in 0..<Self.slots where old[slot] != 0 && Self.key(of: old[slot]) >> UInt32(level) & 1 == 1 {
            new[moved] = old[slot]
            moved += 1
        }
        // First the new bucket counts, then the old one loses what it has twice: a death in between costs nothing.
        buckets += 1
        noteSize()
        var kept = 0
        for slot in 0..<Self.slots {
            let entry = old[slot]
            if entry == 0 { break }
            guard Self.key(of: entry) >> UInt32(level) & 1 == 0 else { continue }
            old[kept] = entry
            kept += 1
        }
        while kept < Self.slots, old[kept] != 0 {
            old[kept] = 0
            kept += 1
        }
    }

    private func grow() throws(SQLiteError) {
        let pages = mappedPages + max(64, mappedPages / 8)
        if let problem = Self.allocate(descriptor, pages: pages) {
            throw Self.failure("make room for", path, problem)
        }
        let moved = try Self.map(descriptor, pages: pages, path)
        munmap(base, mappedPages * Self.pageSize)
        base = moved
        mappedPages = pages
    }

    // MARK: The file

    /// Gives the file that many pages; returns the error number where the disk has no room.
    private static func allocate(_ descriptor: Int32, pages: Int) -> Int32? {
        // Without its blocks on the disk, writing to a mapped page of a full disk would end the process.
        let problem = posix_fallocate(descriptor, 0, pages * pageSize)
        return problem == 0 ? nil : problem
    }

    private static func map(
        _ descriptor: Int32, pages: Int, _ path: String
    ) throws(SQLiteError) -> UnsafeMutableRawPointer {
        guard let mapped = mmap(nil, pages * pageSize, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            mapped != MAP_FAILED
        else { throw failure("map", path) }
        return mapped
    }

    private static func failure(_ what: String, _ path: String, _ number: Int32 = errno) -> SQLiteError {
        // SQLite's code for a file that can't be opened.
        SQLiteError(code: 14, message: "can't \(what) \(path): \(String(cString: strerror(number)))")
    }
}
