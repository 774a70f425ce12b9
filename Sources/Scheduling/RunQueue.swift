import Document

/// Names that are due, in lanes of which each lets only so many run at a time; the rest stays due, the earliest first.
///
/// What falls due at one moment (a hundred thousand sources with the same cron expression) would otherwise run at one
/// moment, and each run takes memory until it ends. A lane that is full does not hold up the others. Lanes are few: looking
/// for one goes through all.
public struct RunQueue: Sendable {
    private struct Lane: Sendable {
        let name: String
        var due = DueQueue()
        var running = 0
    }

    private let limit: Int
    private var lanes: [Lane] = []

    /// An empty queue, which lets `limit` names of a lane run at a time.
    public init(limit: Int) { self.limit = limit }

    /// The earliest time of a name whose lane has a place.
    public var next: Timestamp? { nextLane.flatMap { lanes[$0].due.next } }

    /// When a name of a lane is due.
    public func due(_ name: String, in lane: String) -> Timestamp? {
        index(of: lane).flatMap { lanes[$0].due[name] }
    }

    /// Sets when a name of a lane is due; nil takes it out.
    public mutating func set(_ name: String, in lane: String, at time: Timestamp?) {
        if let index = index(of: lane) {
            lanes[index].due.set(name, at: time)
        } else {
            lanes.append(Lane(name: lane))
            lanes[lanes.count - 1].due.set(name, at: time)
        }
    }

    /// Takes out the earliest name that is due by `now` and whose lane has a place, which is taken until ``ended(in:)``.
    public mutating func popDue(by now: Timestamp) -> (name: String, lane: String)? {
        guard let lane = nextLane, let name = lanes[lane].due.popDue(by: now) else { return nil }
        lanes[lane].running += 1
        return (name, lanes[lane].name)
    }

    /// Gives a place of a lane back.
    public mutating func ended(in lane: String) {
        if let index = index(of: lane) { lanes[index].running -= 1 }
    }

    private func index(of lane: String) -> Int? { lanes.firstIndex { $0.name == lane } }

    /// The lane with a place whose first name is due before those of others.
    private var nextLane: Int? {
        var earliest: (lane: Int, time: Timestamp)?
        for lane in lanes.indices where lanes[lane].running < limit {
            guard let time = lanes[lane].due.next, earliest.map({ time < $0.time }) ?? true else { continue }
            earliest = (lane, time)
        }
        return earliest?.lane
    }
}
