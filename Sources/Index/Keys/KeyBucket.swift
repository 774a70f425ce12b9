import CChecksum

/// A line of a run's directory: where the entries of a bucket stand, and which keys are surely not among them.
///
/// It is as long as a line of the processor's cache. Most keys that are looked for are in no run or in one, so that one
/// access to memory is all that each other run costs; that is what keeps a look-up cheap however many documents there are.
/// Which keys may be among the entries is a Bloom filter of one block (Putze, Sanders, Singler 2007): a key sets one bit in
/// each of six words. With 32 keys some 4 of a thousand others have all of their bits set, too, and cost a look for nothing.
struct KeyBucket: BitwiseCopyable {
    /// Of all that stands behind it.
    private(set) var checksum: UInt32 = 0
    /// Of the entries.
    var entriesChecksum: UInt32
    /// The number of its first entry in the run.
    let first: UInt32
    var count: UInt32 = 0
    private var filter = InlineArray<6, UInt64>(repeating: 0)

    /// Entries in a bucket, as keys that are hashes are spread.
    static let usualCount = 32

    /// A bucket without entries; a checksum begins with the bucket's number, so that none is taken for another.
    init(number: Int, first: Int) {
        self.first = UInt32(truncatingIfNeeded: first)
        entriesChecksum = UInt32(truncatingIfNeeded: number)
    }

    /// How many buckets a run of so many entries has.
    static func buckets(for count: Int) -> Int { max(1, count / usualCount) }

    /// Which of so many buckets a key belongs to: a higher key never to a lower one.
    static func number(of key: UInt64, among buckets: Int) -> Int {
        Int(truncatingIfNeeded: key.multipliedFullWidth(by: UInt64(buckets)).high)
    }

    /// The lowest bits of a key but its kind, since the highest have chosen the bucket.
    private static func bit(_ key: UInt64, inWord word: Int) -> UInt64 { 1 << (key >> UInt64(2 + word * 6) & 63) }

    /// Notes that a key is among the entries.
    mutating func add(_ key: UInt64) {
        for word in 0..<6 { filter[unchecked: word] |= Self.bit(key, inWord: word) }
    }

    /// False where the key is not among the entries.
    func mayHold(_ key: UInt64) -> Bool {
        var missing: UInt64 = 0
        for word in 0..<6 { missing |= Self.bit(key, inWord: word) & ~filter[unchecked: word] }
        return missing == 0
    }

    /// Notes that all is said.
    mutating func seal(number: Int) { checksum = rightChecksum(number: number) }

    /// Whether this is what was sealed, for this bucket.
    func isWhole(number: Int) -> Bool { checksum == rightChecksum(number: number) }

    private func rightChecksum(number: Int) -> UInt32 {
        withUnsafeBytes(of: self) { bytes in
            let size = MemoryLayout<UInt32>.size
            return millrace_crc32c(
                UInt32(truncatingIfNeeded: number), bytes.baseAddress.map { $0 + size }, bytes.count - size)
        }
    }
}

/// Where in a run the entries of a bucket stand.
struct KeyPlace {
    let bucket: Int
    let first: Int
    let count: Int
    /// Of the entries.
    let checksum: UInt32

    init(_ number: Int, _ bucket: KeyBucket) {
        self.bucket = number
        first = Int(bucket.first)
        count = Int(bucket.count)
        checksum = bucket.entriesChecksum
    }
}
