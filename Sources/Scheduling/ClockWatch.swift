import Document

/// Notices that the wall clock was set, or that the machine slept: it differs from the time that went by.
public struct ClockWatch: Sendable {
    private var wall: Timestamp
    private var steady: Duration

    /// More than this, in milliseconds, is no correction of a clock that runs a little wrong.
    private static let tolerance: Int64 = 5000

    /// Begins to watch.
    ///
    /// - Parameter steady: of a clock that is never set and does not go on while the machine sleeps.
    public init(wall: Timestamp, steady: Duration) {
        self.wall = wall
        self.steady = steady
    }

    /// By how many milliseconds the wall clock was set since the last call; nil when it was not.
    public mutating func jump(wall: Timestamp, steady: Duration) -> Int64? {
        let passed = (steady - self.steady).components
        let milliseconds =
            passed.seconds.multipliedReportingOverflow(by: 1000).partialValue
            &+ passed.attoseconds / 1_000_000_000_000_000
        let jump = wall.milliseconds &- self.wall.milliseconds &- milliseconds
        (self.wall, self.steady) = (wall, steady)
        return jump > Self.tolerance || jump < -Self.tolerance ? jump : nil
    }
}

/// Over how long sources that are all due at once are spread.
public enum Spread {
    /// Seconds for so many sources: a handful starts at once, a thousand within a minute, and never more than 500 a second.
    public static func seconds(for count: Int) -> Double {
        let many = Double(max(count - 20, 0))
        return max(min(60, many / 20), many / 500)
    }
}
