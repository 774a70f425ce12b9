/// All sources by name.
///
/// Entries stand side by side in one array, and a dictionary has their places: a dictionary of entries would keep
/// room for up to three times as many as there are.
struct SourceTable: Sendable {
    /// In no order.
    private(set) var all: [SourceKeeper.Entry] = []
    private var places: [String: Int32] = [:]
    /// How many of a plugin are removed and have not ended yet.
    private var removed: [String: Int] = [:]

    var count: Int { all.count }

    /// Makes room for that many at once.
    mutating func reserve(_ count: Int) {
        all.reserveCapacity(count)
        places.reserveCapacity(count)
    }

    subscript(name: String) -> SourceKeeper.Entry? {
        get { places[name].map { all[Int($0)] } }
        set {
            count(places[name].map { all[Int($0)] }, -1)
            count(newValue, 1)
            guard let newValue else { return remove(name) }
            if let place = places[name] {
                all[Int(place)] = newValue
            } else {
                places[name] = Int32(clamping: all.count)
                all.append(newValue)
            }
        }
    }

    /// Whether one of a plugin is removed and has not ended yet.
    func hasRemoved(of plugin: String) -> Bool { removed[plugin, default: 0] > 0 }

    private mutating func count(_ entry: SourceKeeper.Entry?, _ step: Int) {
        guard let entry, entry.isRemoved else { return }
        removed[entry.source.plugin, default: 0] += step
    }

    private mutating func remove(_ name: String) {
        guard let place = places.removeValue(forKey: name), let last = all.popLast(), Int(place) < all.count else {
            return
        }
        all[Int(place)] = last
        places[last.source.name] = place
    }
}
