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
