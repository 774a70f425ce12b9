import Document

/// Documents that have keys in common with a new one, and how many.
///
/// At most as many as keys have positions, of the index and pending: so a small hash table of their places is enough to find
/// one again, where going through all would cost a thousand comparisons for a document of common phrases.
struct Candidates {
    typealias Candidate = (position: UInt64, isPending: Bool, keys: Int)
    private var all: [Candidate] = []
    /// One more than the place in `all`; 0 where there is none.
    private var slots = InlineArray<256, UInt8>(repeating: 0)

    init() { all.reserveCapacity(16) }

    mutating func add(_ positions: KeyPositions, arePending: Bool) {
        for place in 0..<positions.count {
            let position = positions[place]
            var slot = Int(truncatingIfNeeded: (position &* 0x9E37_79B9_7F4A_7C15) >> 56)
            while slots[slot] != 0 {
                let known = Int(slots[slot]) - 1
                if all[known].position == position, all[known].isPending == arePending { break }
                slot = (slot + 1) & (slots.count - 1)
            }
            if slots[slot] != 0 {
                all[Int(slots[slot]) - 1].keys += 1
            } else if all.count < Self.most {
                all.append((position, arePending, 1))
                slots[slot] = UInt8(all.count)
            }
        }
    }

    private static let most = 2 * Fingerprint.keyCount * DocumentKey.positionsPerKey

    /// Those with most keys in common are the likeliest.
    consuming func likeliest(_ count: Int, withKeys least: Int) -> ArraySlice<Candidate> {
        all.removeAll { $0.keys < least }
        all.sort { $0.keys > $1.keys }
        return all.prefix(count)
    }
}
