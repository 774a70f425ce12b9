@testable import Scheduling

/// Zones for tests, made from their rules alone, so that no test depends on the system's database.
enum Zones {
    struct NoRule: Error {}

    static func make(_ name: String, _ rule: String) throws -> TimeZone {
        guard let rule = TimeZoneRule(posix: Array(rule.utf8)) else { throw NoRule() }
        return TimeZone(name: name, firstOffset: rule.standardOffset, transitions: [], rule: rule)
    }

    static func berlin() throws -> TimeZone { try make("Berlin", "CET-1CEST,M3.5.0,M10.5.0/3") }
    static func newYork() throws -> TimeZone { try make("New York", "EST5EDT,M3.2.0,M11.1.0") }
    /// Half an hour of summer time.
    static func lordHowe() throws -> TimeZone { try make("Lord Howe", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0") }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
