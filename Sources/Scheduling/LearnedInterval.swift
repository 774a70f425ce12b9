/// An interval that follows how often a source really changes.
///
/// It goes to where every second visit finds something new: one that does makes it shorter by a step, one that does not
/// makes it longer by the same step, on a logarithmic scale (stochastic approximation of a quantile: Robbins and Monro,
/// 1951). It needs one number of memory, forgets old habits, and can't leave its bounds.
public struct LearnedInterval: Sendable, Equatable {
    /// The least seconds.
    public var shortest: Double
    /// The most seconds.
    public var longest: Double

    /// Seconds before anything is known.
    private static let first = 1800.0
    /// The factor of one step: two of them double or halve.
    private static let step = 2.0.squareRoot()

    /// Bounds in seconds.
    public init(shortest: Double, longest: Double) {
        self.shortest = shortest
        self.longest = max(shortest, longest)
    }

    /// Where it begins, within the bounds.
    public var start: Double { bounded(Self.first) }

    /// The interval within the bounds.
    public func bounded(_ seconds: Double) -> Double {
        seconds.isNaN ? longest : min(max(seconds, shortest), longest)
    }

    /// The interval after a visit.
    ///
    /// - Parameters:
    ///   - interval: what it was before, in seconds.
    ///   - elapsed: seconds since the visit before. One that came early and found nothing says less, and so does one
    ///     that came late and found something.
    ///   - changes: new or changed documents that it found.
    public func next(after interval: Double, elapsed: Double, changes: Int) -> Double {
        let interval = bounded(interval)
        guard elapsed > 0 else { return interval }
        guard changes > 0 else {
            let weight = min(1, elapsed / interval)
            return bounded(interval * (1 + (Self.step - 1) * weight))
        }
        let weight = min(1, interval / elapsed)
        // Several at once: a step for each doubling, but not more than three.
        var steps = 1.0
        var several = changes
        while several > 1, steps < 3 {
            several /= 2
            steps += 1
        }
        var divisor = 1.0
        for _ in 0..<Int(steps) { divisor *= 1 + (Self.step - 1) * weight }
        return bounded(interval / divisor)
    }
}
