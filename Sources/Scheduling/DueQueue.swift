import Document

/// Names and when each is due, the earliest first; every change costs the logarithm of their number.
///
/// A binary heap of slots; a slot knows its place in the heap, so that a change hashes the name once and no more.
/// Names that are due at the same time come out in the order in which their times were set.
public struct DueQueue: Sendable {
    private struct Slot: Sendable {
        var name: String
        var time: Timestamp
        var order: UInt64
        var place: Int
    }

    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private var slotOfName: [String: Int] = [:]
    private var heap: [Int] = []
    private var changes: UInt64 = 0

    /// An empty queue.
    public init() {}

    /// How many names are in it.
    public var count: Int { heap.count }

    /// The earliest time.
    public var next: Timestamp? { heap.first.map { slots[$0].time } }

    /// When a name is due.
    public subscript(name: String) -> Timestamp? { slotOfName[name].map { slots[$0].time } }

    /// Sets when a name is due; nil takes it out.
    public mutating func set(_ name: String, at time: Timestamp?) {
        guard let time else {
            if let slot = slotOfName.removeValue(forKey: name) { remove(slot) }
            return
        }
        changes &+= 1
        if let slot = slotOfName[name] {
            slots[slot].time = time
            slots[slot].order = changes
            settle(slots[slot].place)
        } else {
            let new = Slot(name: name, time: time, order: changes, place: heap.count)
            let slot: Int
            if let free = freeSlots.popLast() {
                slot = free
                slots[slot] = new
            } else {
                slot = slots.count
                slots.append(new)
            }
            slotOfName[name] = slot
            heap.append(slot)
            siftUp(heap.count - 1)
        }
    }

    /// Takes out the earliest name that is due by `now`.
    public mutating func popDue(by now: Timestamp) -> String? {
        guard let slot = heap.first, slots[slot].time <= now else { return nil }
        let name = slots[slot].name
        slotOfName[name] = nil
        remove(slot)
        return name
    }

    private mutating func remove(_ slot: Int) {
        let place = slots[slot].place
        slots[slot].name = ""
        freeSlots.append(slot)
        guard let last = heap.popLast(), last != slot else { return }
        put(last, at: place)
        settle(place)
    }

    private mutating func put(_ slot: Int, at place: Int) {
        heap[place] = slot
        slots[slot].place = place
    }

    private func comesBefore(_ left: Int, _ right: Int) -> Bool {
        slots[left].time == slots[right].time
            ? slots[left].order < slots[right].order : slots[left].time < slots[right].time
    }

    private mutating func settle(_ place: Int) {
        siftDown(siftUp(place))
    }

    @discardableResult
    private mutating func siftUp(_ start: Int) -> Int {
        let slot = heap[start]
        var place = start
        while place > 0 {
            let parent = (place - 1) / 2
            guard comesBefore(slot, heap[parent]) else { break }
            put(heap[parent], at: place)
            place = parent
        }
        put(slot, at: place)
        return place
    }

    private mutating func siftDown(_ start: Int) {
        let slot = heap[start]
        var place = start
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, comesBefore(heap[child + 1], heap[child]) { child += 1 }
            guard comesBefore(heap[child], slot) else { break }
            put(heap[child], at: place)
            place = child
        }
        put(slot, at: place)
    }
}
