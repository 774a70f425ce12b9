import CMappedRead

/// The keys of the newest documents, in memory: a hash table with open addressing.
final class RecentKeys {
    private(set) var count = 0
    private var capacity: Int
    private var slots: UnsafeMutablePointer<KeyEntry>
    /// So that nobody can choose keys that meet in one place.
    private let secret = UInt64.random(in: .min ... .max)

    /// - Parameter capacity: a power of two.
    init(capacity: Int = 64) {
        self.capacity = capacity
        slots = Self.empty(capacity)
    }

    deinit { slots.deallocate() }

    private static func empty(_ capacity: Int) -> UnsafeMutablePointer<KeyEntry> {
        let slots = UnsafeMutablePointer<KeyEntry>.allocate(capacity: capacity)
        slots.initialize(repeating: KeyEntry(key: 0, position: 0), count: capacity)
        return slots
    }

    /// Calls `body` with the entries of the cluster in which `key` is looked for, and ends at a free slot or when it says so.
    /// Stays in bounds because capacity is a power of two, and ends because a part of the slots is always free.
    private func scan(_ key: UInt64, _ body: (Int) -> Bool) -> Int {
        var slot = firstSlot(key)
        while slots[slot].position != 0 {
            if slots[slot].key == key, !body(slot) { break }
            slot = (slot + 1) & (capacity - 1)
        }
        return slot
    }

    private func firstSlot(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: ((key ^ secret) &* 0x9E37_79B9_7F4A_7C15) >> 20) & (capacity - 1)
    }

    /// Lets the processor fetch what a look for a key begins with.
    func prefetch(_ key: DocumentKey) { millrace_mapped_prefetch(slots + firstSlot(key.bits)) }

    func insert(_ key: DocumentKey, at position: UInt64) {
        if count >= capacity / 4 * 3 { grow() }
        var same = 0
        var isKnown = false
        var oldest: Int?
        let slot = scan(key.bits) { slot in
            same += 1
            isKnown = isKnown || slots[slot].position == position
            if slots[slot].position < slots[oldest ?? slot].position || oldest == nil { oldest = slot }
            return !isKnown
        }
        guard !isKnown else { return }
        if same >= DocumentKey.positionsPerKey {
            if key.keepsNewest, let oldest { slots[oldest].position = max(position, slots[oldest].position) }
            return
        }
        slots[slot] = KeyEntry(key: key.bits, position: position)
        count += 1
    }

    private func grow() {
        let (old, oldCapacity) = (slots, capacity)
        capacity *= 2
        slots = Self.empty(capacity)
        for slot in 0..<oldCapacity where old[slot].position != 0 {
            slots[scan(old[slot].key) { _ in true }] = old[slot]
        }
        old.deallocate()
    }

    func positions(of key: DocumentKey) -> KeyPositions {
        var positions = KeyPositions()
        _ = scan(key.bits) { slot in
            positions.insert(slots[slot].position)
            return true
        }
        return positions
    }

    /// All entries, as a run has them.
    ///
    /// Keys that are hashes are spread evenly, so that counting how many begin alike brings each nearly where it belongs.
    func sorted() -> [KeyEntry] {
        let groups = max(1, count / 8)
        var ends = [Int](repeating: 0, count: groups)
        for slot in 0..<capacity where slots[slot].position != 0 {
            ends[KeyBucket.number(of: slots[slot].key, among: groups)] += 1
        }
        var sum = 0
        for group in 0..<groups {
            sum += ends[group]
            ends[group] = sum
        }
        var entries = [KeyEntry](repeating: .end, count: count)
        for slot in 0..<capacity where slots[slot].position != 0 {
            let group = KeyBucket.number(of: slots[slot].key, among: groups)
            ends[group] -= 1
            entries[ends[group]] = slots[slot]
        }
        // Each end is now where its group begins.
        for group in 0..<groups {
            let end = group + 1 < groups ? ends[group + 1] : count
            Self.sort(&entries, ends[group]..<end)
        }
        return entries
    }

    /// By insertion where there are few, as there mostly are.
    private static func sort(_ entries: inout [KeyEntry], _ range: Range<Int>) {
        guard range.count <= 32 else { return entries[range].sort() }
        for next in range.dropFirst() {
            let entry = entries[next]
            var place = next
            while place > range.lowerBound, entry < entries[place - 1] {
                entries[place] = entries[place - 1]
                place -= 1
            }
            entries[place] = entry
        }
    }

    func removeAll() {
        slots.update(repeating: KeyEntry(key: 0, position: 0), count: capacity)
        count = 0
    }
}
