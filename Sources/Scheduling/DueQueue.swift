import Document

/// Names and when each is due, the earliest first; every change costs the logarithm of their number.
public struct DueQueue: Sendable {
    private var heap: [(time: Timestamp, name: String)] = []
    private var places: [String: Int] = [:]

    /// An empty queue.
    public init() {}

    /// How many names are in it.
    public var count: Int { heap.count }

    /// The earliest time.
    public var next: Timestamp? { heap.first?.time }

    /// When a name is due.
    public subscript(name: String) -> Timestamp? { places[name].map { heap[$0].time } }

    /// Sets when a name is due; nil takes it out.
    public mutating func set(_ name: String, at time: Timestamp?) {
        if let place = places[name] {
            if let time {
                heap[place].time = time
                siftUp(place)
                if let place = places[name] { siftDown(place) }
            } else {
                swapPlaces(place, heap.count - 1)
                heap.removeLast()
                places[name] = nil
                if place < heap.count {
                    let moved = heap[place].name
                    siftUp(place)
                    if let place = places[moved] { siftDown(place) }
                }
            }
        } else if let time {
            heap.append((time, name))
            places[name] = heap.count - 1
            siftUp(heap.count - 1)
        }
    }

    /// Takes out the earliest name that is due by `now`.
    public mutating func popDue(by now: Timestamp) -> String? {
        guard let first = heap.first, first.time <= now else { return nil }
        set(first.name, at: nil)
        return first.name
    }

    private mutating func swapPlaces(_ left: Int, _ right: Int) {
        guard left != right else { return }
        heap.swapAt(left, right)
        places[heap[left].name] = left
        places[heap[right].name] = right
    }

    private mutating func siftUp(_ start: Int) {
        var place = start
        while place > 0, heap[place].time < heap[(place - 1) / 2].time {
            swapPlaces(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func siftDown(_ start: Int) {
        var place = start
        while true {
            var smallest = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < heap.count && heap[child].time < heap[smallest].time {
                smallest = child
            }
            guard smallest != place else { return }
            swapPlaces(place, smallest)
            place = smallest
        }
    }
}
