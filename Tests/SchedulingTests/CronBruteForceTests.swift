import Document
import TestSupport
import Testing

@testable import Scheduling

/// Compares the search with the definition, minute by minute.
@Suite struct CronBruteForceTests {
    /// Knows of no periods and no sets: looks at every minute's local time, and at what the clock showed before.
    private struct Reference {
        let fields: [Set<Int>]
        let eitherDay: Bool
        let zone: TimeZone

        func matches(_ local: Int64) -> Bool {
            let calendar = Timestamp(seconds: local).calendar
            let day = fields[2].contains(calendar.day)
            let weekday = fields[4].contains(Int(((local / 86_400 + 4) % 7 + 7) % 7))
            return local % 60 == 0 && fields[0].contains(calendar.minute) && fields[1].contains(calendar.hour)
                && fields[3].contains(calendar.month) && (eitherDay ? day || weekday : day && weekday)
        }

        func fires(_ time: Int64) -> Bool {
            let local = time + zone.offset(at: time)
            if fields[1].count == 24 { return matches(local) }
            let before = zone.offset(at: time - 1)
            if before < zone.offset(at: time) {
                for skipped in stride(from: time + before, to: local, by: 60) where matches(skipped) { return true }
            }
            guard matches(local) else { return false }
            // Has the clock shown this time already?
            for earlier in stride(from: time - 60, through: time - 3 * 3600, by: -60)
            where earlier + zone.offset(at: earlier) == local { return false }
            return true
        }
    }

    private func field(_ range: ClosedRange<Int>, _ numbers: inout SeededGenerator) -> (text: String, set: Set<Int>) {
        func pick() -> Int { Int.random(in: range, using: &numbers) }
        switch Int.random(in: 0..<6, using: &numbers) {
        case 0, 1: return ("*", Set(range))
        case 2:
            let step = Int.random(in: 1...min(20, range.upperBound), using: &numbers)
            return ("*/\(step)", Set(stride(from: range.lowerBound, through: range.upperBound, by: step)))
        case 3:
            let (left, right) = (pick(), pick())
            return ("\(min(left, right))-\(max(left, right))", Set(min(left, right)...max(left, right)))
        case 4:
            let (left, right, step) = (pick(), pick(), Int.random(in: 1...3, using: &numbers))
            return (
                "\(min(left, right))-\(max(left, right))/\(step)",
                Set(stride(from: min(left, right), through: max(left, right), by: step))
            )
        default:
            let values = (0..<3).map { _ in pick() }
            return (values.map(String.init).joined(separator: ","), Set(values))
        }
    }

    @Test(arguments: 0..<14) func agreesMinuteByMinute(seed: Int) throws {
        var numbers = SeededGenerator(seed: UInt64(seed))
        let zones = [TimeZone.utc, try Zones.berlin(), try Zones.lordHowe(), try Zones.newYork()]
        for _ in 0..<6 {
            let minute = field(0...59, &numbers)
            let hour = field(0...23, &numbers)
            let day = field(1...31, &numbers)
            let month = field(1...12, &numbers)
            let weekday = field(0...6, &numbers)
            let text = "\(minute.text) \(hour.text) \(day.text) \(month.text) \(weekday.text)"
            let zone = zones[Int.random(in: 0..<zones.count, using: &numbers)]
            guard let expression = try? CronExpression(fields: text, timeZone: zone) else { continue }
            let reference = Reference(
                fields: [minute.set, hour.set, day.set, month.set, weekday.set],
                eitherDay: !day.text.hasPrefix("*") && !weekday.text.hasPrefix("*"), zone: zone)
            // Half of the stretches begin before a change to or from summer time.
            let changes: [Int64] = [
                1_774_746_000, 1_792_890_000, 1_790_000_000, 1_775_314_800, 1_772_953_200, 1_793_512_800,
            ]
            var start = changes[Int.random(in: 0..<changes.count, using: &numbers)] - 20 * 3600
            if Bool.random(using: &numbers) { start = Int64.random(in: 0...4_000_000_000, using: &numbers) }
            start -= start % 60
            let end = start + 40 * 3600
            var expected: [Int64] = []
            for time in stride(from: start + 60, to: end, by: 60) where reference.fires(time) { expected.append(time) }
            var found: [Int64] = []
            var moment = Timestamp(seconds: start)
            while let next = expression.next(after: moment), next.seconds < end {
                found.append(next.seconds)
                moment = next
            }
            #expect(found == expected, "\(text) in \(zone.name) from \(Timestamp(seconds: start))")
        }
    }
}
