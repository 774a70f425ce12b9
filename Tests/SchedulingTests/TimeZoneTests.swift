import Document
import Glibc
import TestSupport
import Testing

@testable import Scheduling

@Suite struct TimeZoneTests {
    private static let hasDatabase = access("/usr/share/zoneinfo/Europe/Berlin", R_OK) == 0

    private func offset(_ zone: TimeZone, _ time: String) throws -> Int64 {
        zone.offset(at: try #require(Timestamp(rfc3339: time)).seconds)
    }

    @Test func rules() throws {
        let berlin = try Zones.berlin()
        #expect(try offset(berlin, "2026-03-29T00:59:59Z") == 3600)
        #expect(try offset(berlin, "2026-03-29T01:00:00Z") == 7200)
        #expect(try offset(berlin, "2026-10-25T00:59:59Z") == 7200)
        #expect(try offset(berlin, "2026-10-25T01:00:00Z") == 3600)
        let lordHowe = try Zones.lordHowe()
        #expect(try offset(lordHowe, "2026-01-01T00:00:00Z") == 39_600)
        #expect(try offset(lordHowe, "2026-07-01T00:00:00Z") == 37_800)
        // Days of the year with and without 29 February, and hours below zero.
        let julian = try Zones.make("x", "AAA0BBB,J60/0,J300/0")
        #expect(try offset(julian, "2028-02-29T12:00:00Z") == 0)
        #expect(try offset(julian, "2028-03-01T00:00:00Z") == 3600)
        let ordinal = try Zones.make("x", "AAA0BBB,59/-1,300")
        #expect(try offset(ordinal, "2028-02-28T22:59:59Z") == 0)
        #expect(try offset(ordinal, "2028-02-28T23:00:00Z") == 3600)
        // Summer time for ever.
        let always = try Zones.make("x", "XXX3EDT4,0/0,J365/23")
        for time in ["2026-01-01T03:00:00Z", "2026-07-01T00:00:00Z", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"] {
            #expect(try offset(always, time) == -14_400)
        }
    }

    @Test(arguments: [
        "", "A", "AB1", "ABC", "ABC25", "ABC1DEF,", "ABC1DEF,M13.1.0,M1.1.0", "ABC1DEF,M1.6.0,M1.1.0",
        "ABC1DEF,M1.1.7,M1.1.0",
        "ABC1DEF,J0,J1", "ABC1DEF,366,1", "ABC1DEF,M3.2.0", "ABC1DEF,M3.2.0,M11.1.0x", "<ABC1",
        "ABC1DEF,M3.2.0/168,M11.1.0",
        "ABC99999999999999999999",
    ])
    func noRules(_ text: String) { #expect(TimeZoneRule(posix: Array(text.utf8)) == nil) }

    @Test func periodsJoinWithoutAGap() throws {
        for zone in [try Zones.berlin(), try Zones.newYork(), try Zones.lordHowe()] {
            var period = zone.period(at: 0)
            for _ in 0..<300 {
                let next = zone.period(at: period.end)
                #expect(
                    next.start == period.end && next.previousOffset == period.offset && next.offset != period.offset)
                #expect(zone.period(at: next.end - 1) == next)
                period = next
            }
        }
    }

    /// A file of two changes and a rule, byte by byte as RFC 8536 has it.
    private func file(times: [Int64], kinds: [UInt8], offsets: [Int32], footer: String, leaps: Int = 0) -> [UInt8] {
        func big(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
        func header(_ counts: [Int32]) -> [UInt8] {
            Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15) + counts.flatMap { big($0) }
        }
        var bytes = header([0, 0, 0, 0, 1, 4]) + [0, 0, 0, 0, 0, 0] + Array("UTC\0".utf8)
        bytes += header([0, 0, Int32(leaps), Int32(times.count), Int32(offsets.count), 4])
        bytes += times.flatMap { big($0) } + kinds
        bytes += offsets.flatMap { big($0) + [0, 0] } + Array("XXX\0".utf8) + [UInt8](repeating: 0, count: leaps * 12)
        return bytes + Array("\n\(footer)\n".utf8)
    }

    @Test func readsAFile() throws {
        let bytes = file(times: [-100, 1000], kinds: [1, 2], offsets: [50, 3600, 7200], footer: "XXX-2")
        let zone = try TimeZone(name: "x", file: bytes)
        #expect([-101, -100, 999, 1000, 1 << 40].map { zone.offset(at: $0) } == [50, 3600, 3600, 7200, 7200])
        #expect(zone.period(at: 5000) == .init(start: 1000, end: .max, offset: 7200, previousOffset: 3600))
        #expect(zone.period(at: 0) == .init(start: -100, end: 1000, offset: 3600, previousOffset: 50))
    }

    @Test func refusesDamagedFiles() throws {
        let whole = file(times: [-100, 1000], kinds: [1, 2], offsets: [50, 3600, 7200], footer: "XXX-2")
        for count in 0..<whole.count {
            #expect(throws: TimeZone.Failure.self) { try TimeZone(name: "x", file: Array(whole[..<count])) }
        }
        let bad = [
            file(times: [5, 5], kinds: [0, 0], offsets: [0], footer: "XXX0"),
            file(times: [5], kinds: [1], offsets: [0], footer: "XXX0"),
            file(times: [5], kinds: [0], offsets: [100_000], footer: "XXX0"),
            file(times: [5], kinds: [0], offsets: [0], footer: "?"),
            file(times: [5], kinds: [0], offsets: [0], footer: "XXX0", leaps: 1),
            file(times: [], kinds: [], offsets: [], footer: "XXX0"),
        ]
        for bytes in bad { #expect(throws: TimeZone.Failure.self) { try TimeZone(name: "x", file: bytes) } }
    }

    /// Whatever the bytes are, reading ends, and what was read can be asked.
    @Test func survivesMutations() throws {
        var numbers = SeededGenerator(seed: 7)
        let whole = file(
            times: [-100, 1000, 2_000_000], kinds: [1, 2, 0], offsets: [50, 3600, 7200],
            footer: "CET-1CEST,M3.5.0,M10.5.0/3")
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
            }
            guard let zone = try? TimeZone(name: "x", file: bytes) else { continue }
            let expression = try CronExpression(fields: "30 2 * * *", timeZone: zone)
            #expect(expression.next(after: Timestamp(seconds: 1_700_000_000)) != nil)
        }
    }

    @Test(.enabled(if: hasDatabase, "tzdata is not installed")) func readsTheSystemsDatabase() throws {
        let berlin = try TimeZone.named("Europe/Berlin")
        #expect(try offset(berlin, "1980-04-06T00:59:59Z") == 3600)
        #expect(try offset(berlin, "1980-04-06T01:00:00Z") == 7200)
        #expect(try offset(berlin, "1945-06-01T00:00:00Z") == 10_800)
        #expect(try offset(berlin, "2150-07-01T00:00:00Z") == 7200)
        #expect(try offset(try TimeZone.named("Asia/Kathmandu"), "2026-01-01T00:00:00Z") == 20_700)
        // Samoa went over the date line: 30 December 2011 did not happen there.
        let apia = try CronExpression(fields: "0 12 30 12 *", timeZone: try TimeZone.named("Pacific/Apia"))
        #expect(
            apia.next(after: try #require(Timestamp(rfc3339: "2011-12-01T00:00:00Z")))
                == Timestamp(rfc3339: "2011-12-30T10:00:00Z"))
        #expect(
            CronExpression("CRON_TZ=Asia/Tokyo 0 6 * * *")?.next(after: Timestamp(seconds: 0))
                == Timestamp(seconds: 75_600))
    }

    @Test(arguments: ["", "/etc/passwd", "../../../etc/passwd", "Europe/Nowhere", "Europe", "a\0b", "x y", "Zürich"])
    func noNames(_ name: String) { #expect(throws: TimeZone.Failure.self) { try TimeZone.named(name) } }
}
