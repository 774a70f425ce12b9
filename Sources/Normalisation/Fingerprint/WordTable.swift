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
    /// A bit for each place that is taken, so that what is absent is mostly known from a few lines of the cache.
    private var taken: [UInt64]

    /// A table of the pairs; of a doubled hash, `merge` decides between the value that stands and the new one.
    init(_ pairs: [(hash: UInt64, value: Value)], absent: Value, merge: (Value, Value) -> Value = { old, _ in old }) {
        var capacity = 64
        while capacity < pairs.count * 2 { capacity *= 2 }
        places = [Place](repeating: Place(hash: 0, value: absent), count: capacity)
        taken = [UInt64](repeating: 0, count: capacity / 64)
        mask = capacity - 1
        self.absent = absent
        for (hash, value) in pairs {
            var place = slot(hash)
            while places[place].hash != 0, places[place].hash != hash { place = (place + 1) & mask }
            places[place] = Place(
                hash: hash, value: places[place].hash == hash ? merge(places[place].value, value) : value)
            taken[place >> 6] |= 1 &<< UInt64(place & 63)
        }
    }

    /// The value of the hash, or what stands for none.
    @inline(__always) subscript(hash: UInt64) -> Value {
        var place = slot(hash)
        guard taken[place >> 6] &>> UInt64(truncatingIfNeeded: place & 63) & 1 != 0 else { return absent }
        // Ends, since half of the places are free.
        while places[place].hash != 0 {
            if places[place].hash == hash { return places[place].value }
            place = (place + 1) & mask
        }
        return absent
    }

    /// FNV mixes upwards, so the higher bits are taken.
    @inline(__always) private func slot(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 32) & mask }
}
