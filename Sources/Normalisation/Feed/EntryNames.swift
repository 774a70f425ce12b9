import Document

/// Tells the entries of a feed apart that have one name: the same id but other links, or the same link but other titles.
///
/// As one document they would be revisions of each other at each fetch, for ever. Their number and order change with each new
/// entry, so all of them are named by both from the first on, for which a feed that has such is read a second time.
struct EntryNames {
    /// What stands beside each name where it was first seen.
    private var companions = Companions()
    private var ambiguous: Set<DocumentID> = []
    /// Whether a name turned out to be of several entries since the last ``restart()``.
    private(set) var hasFoundAmbiguous = false

    /// Notes an entry.
    ///
    /// - Parameters:
    ///   - name: the id that its name gives it.
    ///   - companion: what tells it from others with that name.
    /// - Returns: whether `companion` is needed, as far as is known.
    mutating func needsCompanion(_ name: DocumentID, beside companion: String?) -> Bool {
        guard ambiguous.isEmpty || !ambiguous.contains(name) else { return true }
        guard companions.note(name, Self.hash(companion)) else { return false }
        ambiguous.insert(name)
        hasFoundAmbiguous = true
        return true
    }

    /// Begins anew with the same feed, and knows from the first entry on which names are ambiguous.
    mutating func restart() {
        companions.removeAll()
        hasFoundAmbiguous = false
    }

    /// A hash that is not 0; the same for texts that are canonically the same.
    private static func hash(_ companion: String?) -> UInt64 {
        guard let companion else { return 1 }
        let text = NormalForm.compose(companion)
        return text.utf8.span.withUnsafeBytes { bytes in
            var hash = UInt64(bytes.count)
            var index = 0
            // In bounds: eight bytes are left, and the rest is taken one by one.
            while index &+ 8 <= bytes.count {
                hash = mix(hash ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                index &+= 8
            }
            var rest: UInt64 = 0
            while index < bytes.count {
                rest = rest &<< 8 | UInt64(bytes[index])
                index &+= 1
            }
            return mix(hash ^ rest) | 2
        }
    }

    @inline(__always) fileprivate static func mix(_ value: UInt64) -> UInt64 {
        let product = value &* 0x9E37_79B9_7F4A_7C15
        return product ^ product &>> 32
    }
}

/// A hash beside each of many names: open addressing, since names are hashes already.
private struct Companions {
    private struct Place {
        var name = DocumentID(high: 0, low: 0)
        /// 0 where the place is free.
        var hash: UInt64 = 0
    }

    private var places: [Place] = []
    private var count = 0
    /// Another one in each process, so that nobody can make names that all have one place.
    private static let seed = UInt64.random(in: .min ... .max)

    /// Notes the hash beside a name that is new; says whether another one stands there.
    mutating func note(_ name: DocumentID, _ hash: UInt64) -> Bool {
        if count &* 2 >= places.count { grow() }
        let place = place(of: name)
        let first = places[place].hash
        guard first == 0 else { return first != hash }
        places[place] = Place(name: name, hash: hash)
        count &+= 1
        return false
    }

    mutating func removeAll() {
        places.removeAll()
        count = 0
    }

    /// Where the name stands, or would. Ends, since half of the places are free.
    private func place(of name: DocumentID) -> Int {
        let mask = places.count &- 1
        var place = Int(truncatingIfNeeded: EntryNames.mix(name.low ^ Self.seed) &>> 8) & mask
        while places[place].hash != 0, places[place].name != name { place = (place &+ 1) & mask }
        return place
    }

    private mutating func grow() {
        let old = places
        places = [Place](repeating: Place(), count: max(64, old.count * 2))
        for kept in old where kept.hash != 0 { places[place(of: kept.name)] = kept }
    }
}
