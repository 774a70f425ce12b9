/// How often something may happen: so many times a second on average, and some more at once.
struct TokenBucket {
    let rate: Double
    let burst: Double
    private var tokens: Double
    /// Milliseconds on the monotonic clock.
    private var filled: UInt64

    init(rate: Double, burst: Double, at now: UInt64) {
        (self.rate, self.burst, tokens, filled) = (rate, burst, burst, now)
    }

    /// Whether it may happen once more now.
    mutating func take(at now: UInt64) -> Bool {
        tokens = min(burst, tokens + Double(now &- min(filled, now)) / 1000 * rate)
        filled = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
