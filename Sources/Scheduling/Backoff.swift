/// How long to wait after failures: twice as long each time, spread at random, up to a bound.
///
/// Half of the doubled time is certain and the other half random ("equal jitter"). Wholly random waits spread no better
/// and would now and then call on a server that just failed at once.
public struct Backoff: Sendable, Equatable {
    /// Seconds after the first failure.
    public var first: Double
    /// The most seconds.
    public var longest: Double

    /// Waits of `first` to `longest` seconds.
    public init(first: Double, longest: Double) {
        self.first = first
        self.longest = longest
    }

    /// Seconds to wait after that many failures in a row; between half and the whole of the doubled time.
    public func wait(afterFailures failures: Int, using generator: inout some RandomNumberGenerator) -> Double {
        let doubled = first * Double(UInt64(1) << UInt64(min(max(failures, 1) - 1, 40)))
        return min(doubled, longest) * Double.random(in: 0.5...1, using: &generator)
    }
}
