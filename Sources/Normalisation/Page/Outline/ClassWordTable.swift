/// Sets by words of classes and ids: open addressing by the words' hashes.
struct ClassWordTable<Bits: OptionSet & Sendable>: Sendable where Bits.RawValue: FixedWidthInteger {
    private struct Slot {
        var hash: UInt32
        /// Empty where the slot is.
        var bits: Bits
    }

    private let slots: [Slot]

    /// - Parameter entries: sets, and the words that stand for each, parted by spaces.
    init(_ entries: [(bits: Bits, words: String)]) {
        let words = entries.flatMap { entry in entry.words.split(separator: " ").map { (entry.bits, Array($0.utf8)) } }
        var size = 16
        while size < words.count * 3 { size *= 2 }
        var slots = [Slot](repeating: Slot(hash: 0, bits: []), count: size)
        for (bits, word) in words {
            let hash = word.withUnsafeBufferPointer(ElementTraits.hash)
            var slot = Int(hash) & (size - 1)
            while !slots[slot].bits.isEmpty, slots[slot].hash != hash { slot = (slot + 1) & (size - 1) }
            slots[slot].hash = hash
            slots[slot].bits.formUnion(bits)
        }
        self.slots = slots
    }

    /// The sets of the words in an attribute's value: words are parted by anything but letters, and where a capital begins.
    func find(in bytes: UnsafeBufferPointer<UInt8>) -> Bits {
        var found: Bits = []
        var hash: UInt32 = 2_166_136_261
        var length = 0
        var wasLower = false
        // What is longer than this is generated, and every word costs time.
        let end = min(bytes.count, 300)
        slots.withUnsafeBufferPointer { slots in
            let mask = slots.count - 1
            func look() {
                guard length > 1 else { return }
                var slot = Int(hash) & mask
                while !slots[slot].bits.isEmpty {
                    if slots[slot].hash == hash { return found.formUnion(slots[slot].bits) }
                    slot = (slot + 1) & mask
                }
            }
            var index = 0
            while index < end {
                let byte = bytes[index]
                let isUpper = byte &- 0x41 < 26
                let isLower = byte &- 0x61 < 26
                if length > 0, !isUpper && !isLower || isUpper && wasLower {
                    look()
                    hash = 2_166_136_261
                    length = 0
                }
                if isUpper || isLower {
                    hash = (hash ^ UInt32(byte | 0x20)) &* 16_777_619
                    length += 1
                }
                wasLower = isLower
                index += 1
            }
            look()
        }
        return found
    }
}
