import Document

/// What a document is found by: its id, its content, or one of its fingerprint's keys.
///
/// 64 bits that are as good as random, whatever they were made of, the lowest two of which say of what. What is found is
/// looked up and compared, so that two things with one key cost a look and nothing else.
struct DocumentKey: Equatable {
    enum Kind: UInt64 { case id = 0, content, passage }

    let bits: UInt64

    init(bits: UInt64) { self.bits = bits }

    init(_ id: DocumentID) { self.init(.id, id.high) }
    init(_ content: ContentHash) { self.init(.content, content.words.0) }
    init(passage key: UInt32) { self.init(.passage, UInt64(key)) }

    private init(_ kind: Kind, _ value: UInt64) {
        // The finalizer of MurmurHash3 (Appleby, public domain): keys of fingerprints are least hashes, so small ones.
        var mixed = value
        mixed = (mixed ^ mixed >> 33) &* 0xFF51_AFD7_ED55_8CCD
        mixed = (mixed ^ mixed >> 33) &* 0xC4CE_B9FE_1A85_EC53
        bits = (mixed ^ mixed >> 33) & ~3 | kind.rawValue
    }

    /// Of an id the newest positions count, which are its revisions; of all else the oldest.
    var keepsNewest: Bool { bits & 3 == Kind.id.rawValue }

    /// Whether something depends on no position being missed. A near duplicate that is missed is a document like any other.
    var isBelieved: Bool { bits & 3 != Kind.passage.rawValue }

    /// Positions that are remembered for one key. What more documents have is a phrase of their site, and tells nothing.
    static let positionsPerKey = 8
}

extension Fingerprint {
    /// Calls `body` with each key that there is.
    @inline(__always)
    func eachKey<Failure>(_ body: (DocumentKey) throws(Failure) -> Void) throws(Failure) {
        for index in 0..<Self.keyCount where keys[index] != 0 { try body(DocumentKey(passage: keys[index])) }
    }
}

/// That a document with a key stands at a position of the log; 16 bytes in a run.
struct KeyEntry: Equatable, Comparable {
    var key: UInt64
    /// 0 for no entry.
    var position: UInt64

    /// Comes behind all others; no key has all bits, since no kind has.
    static let end = KeyEntry(key: .max, position: .max)

    static func < (left: KeyEntry, right: KeyEntry) -> Bool {
        left.key != right.key ? left.key < right.key : left.position < right.position
    }
}

/// The positions of one key, no more than are remembered, in rising order.
struct KeyPositions {
    private var storage = SIMD8<UInt64>()
    private(set) var count = 0

    var isFull: Bool { count == DocumentKey.positionsPerKey }

    subscript(place: Int) -> UInt64 { storage[place] }

    /// Adds a position where it belongs, unless there are as many as are remembered.
    mutating func insert(_ position: UInt64) {
        guard !isFull else { return }
        var place = count
        while place > 0, storage[place - 1] > position {
            storage[place] = storage[place - 1]
            place -= 1
        }
        storage[place] = position
        count += 1
    }
}
