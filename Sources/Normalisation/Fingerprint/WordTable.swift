/// What hashes of words stand for: open addressing, so that a look-up makes no string and runs through no hasher.
struct WordTable<Value: Sendable>: Sendable {
    private struct Place {
        /// 0 where the place is free.
        var hash: UInt64
        var value: Value
    }

    private var places: [Place]
    private let mask: Int
    private let absent: Value
    /// Bits of the hashes, four for each place, so that what is absent is mostly known from a few lines of the cache.
    private var known: [UInt64]
    private let knownMask: Int

    /// A table of the pairs; of a doubled hash, `merge` decides between the value that stands and the new one.
    init(_ pairs: [(hash: UInt64, value: Value)], absent: Value, merge: (Value, Value) -> Value = { old, _ in old }) {
        var capacity = 64
        while capacity < pairs.count * 2 { capacity *= 2 }
        places = [Place](repeating: Place(hash: 0, value: absent), count: capacity)
        known = [UInt64](repeating: 0, count: capacity / 16)
        mask = capacity - 1
        knownMask = capacity * 4 - 1
        self.absent = absent
        for (hash, value) in pairs {
            var place = slot(hash)
            while places[place].hash != 0, places[place].hash != hash { place = (place + 1) & mask }
            places[place] = Place(
                hash: hash, value: places[place].hash == hash ? merge(places[place].value, value) : value)
            let bit = Self.knownBit(hash, knownMask)
            known[bit >> 6] |= 1 &<< UInt64(bit & 63)
        }
    }

    /// Hands over the values of those hashes that have one, in their order.
    @inline(__always) func find(_ hashes: UnsafeBufferPointer<UInt64>, _ take: (Value) -> Void) {
        let knownMask = knownMask
        known.withUnsafeBufferPointer { known in
            for hash in hashes {
                // In bounds: the mask leaves no more bits than there are.
                let bit = Self.knownBit(hash, knownMask)
                guard known[bit >> 6] &>> UInt64(truncatingIfNeeded: bit & 63) & 1 != 0, let value = value(of: hash)
                else { continue }
                take(value)
            }
        }
    }

    /// The value of a hash that may be known.
    @inline(never) private func value(of hash: UInt64) -> Value? {
        var place = slot(hash)
        // Ends, since half of the places are free.
        while places[place].hash != 0 {
            if places[place].hash == hash { return places[place].value }
            place = (place + 1) & mask
        }
        return nil
    }

    /// The value of the hash, or what stands for none.
    @inline(__always) subscript(hash: UInt64) -> Value {
        let bit = Self.knownBit(hash, knownMask)
        guard known[bit >> 6] &>> UInt64(truncatingIfNeeded: bit & 63) & 1 != 0 else { return absent }
        return value(of: hash) ?? absent
    }

    @inline(__always) private static func knownBit(_ hash: UInt64, _ mask: Int) -> Int {
        Int(truncatingIfNeeded: hash >> 40) & mask
    }

    /// FNV mixes a short word's bytes upwards only, and to a few bits, so they are spread first.
    @inline(__always) private func slot(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: (hash &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    }
}
