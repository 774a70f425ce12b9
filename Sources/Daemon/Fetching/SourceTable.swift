/// All sources by name.
///
/// Entries stand side by side in one array, and a dictionary has their places: a dictionary of entries would keep
/// room for up to three times as many as there are.
struct SourceTable: Sendable {
    /// In no order.
    private(set) var all: [SourceKeeper.Entry] = []
    private var places: [String: Int32] = [:]

    var count: Int { all.count }

    /// Makes room for that many at once.
    mutating func reserve(_ count: Int) {
        all.reserveCapacity(count)
        places.reserveCapacity(count)
    }

    subscript(name: String) -> SourceKeeper.Entry? {
        get { places[name].map { all[Int($0)] } }
        set {
            guard let newValue else { return remove(name) }
            if let place = places[name] {
                all[Int(place)] = newValue
            } else {
                places[name] = Int32(clamping: all.count)
                all.append(newValue)
            }
        }
    }

    private mutating func remove(_ name: String) {
        guard let place = places.removeValue(forKey: name), let last = all.popLast(), Int(place) < all.count else {
            return
        }
        all[Int(place)] = last
        places[last.source.name] = place
    }
}
