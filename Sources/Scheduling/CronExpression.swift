import Document
import Glibc

/// A cron expression of five fields (minute, hour, day of month, month, day of week), as in crontab(5): lists, ranges,
/// steps, names, `@hourly`, `@daily`, `@weekly`, `@monthly`. Times are the system's local time.
///
/// Where both days are given, either may match. A time that a change to summer time skips runs at the moment of the
/// change's end; one that comes twice runs once.
public struct CronExpression: Sendable, Equatable {
    private let minutes: UInt64
    private let hours: UInt64
    private let days: UInt64
    private let months: UInt64
    private let weekdays: UInt64
    private let restrictsDays: Bool
    private let restrictsWeekdays: Bool

    /// Reads an expression; nil when it is none or never fires.
    public init?(_ text: String) {
        let nicknames = [
            "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
            "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
        ]
        let fields = (nicknames[text] ?? text).split(separator: " ").map(String.init)
        let monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        guard fields.count == 5, let minutes = Self.set(fields[0], 0...59), let hours = Self.set(fields[1], 0...23),
            let days = Self.set(fields[2], 1...31), let months = Self.set(fields[3], 1...12, monthNames, from: 1),
            var weekdays = Self.set(fields[4], 0...7, dayNames, from: 0)
        else { return nil }
        if weekdays & 1 << 7 != 0 { weekdays |= 1 }
        self.minutes = minutes
        self.hours = hours
        self.days = days
        self.months = months
        self.weekdays = weekdays
        restrictsDays = !fields[2].hasPrefix("*")
        restrictsWeekdays = !fields[4].hasPrefix("*")
        guard next(after: Timestamp(seconds: 1_700_000_000)) != nil else { return nil }
    }

    private static func set(
        _ field: String, _ range: ClosedRange<Int>, _ names: [String] = [], from firstName: Int = 0
    ) -> UInt64? {
        func number(_ text: Substring) -> Int? {
            if let place = names.firstIndex(of: text.lowercased()) { return place + firstName }
            guard let value = Int(text), range.contains(value) else { return nil }
            return value
        }
        var bits: UInt64 = 0
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
            guard pieces.count <= 2 else { return nil }
            var step = 1
            if pieces.count == 2 {
                guard let value = Int(pieces[1]), value > 0, value <= range.upperBound else { return nil }
                step = value
            }
            let bounds = pieces[0].split(separator: "-", omittingEmptySubsequences: false)
            let low: Int
            let high: Int
            if pieces[0] == "*" {
                (low, high) = (range.lowerBound, range.upperBound)
            } else if bounds.count == 1, let value = number(bounds[0]) {
                (low, high) = (value, pieces.count == 2 ? range.upperBound : value)
            } else if bounds.count == 2, let first = number(bounds[0]), let last = number(bounds[1]), first <= last {
                (low, high) = (first, last)
            } else {
                return nil
            }
            for value in stride(from: low, through: high, by: step) { bits |= 1 << UInt64(value) }
        }
        return bits
    }

    /// The next time that matches, later than `moment`; nil when there is none within eight years.
    public func next(after moment: Timestamp) -> Timestamp? {
        var seconds = time_t(moment.seconds)
        var fields = tm()
        localtime_r(&seconds, &fields)
        fields.tm_sec = 0
        fields.tm_min += 1
        let lastYear = fields.tm_year + 8
        while fields.tm_year <= lastYear {
            fields.tm_isdst = -1
            var normal = fields
            let time = mktime(&normal)
            guard time != -1 else { return nil }
            if months & 1 << UInt64(normal.tm_mon + 1) == 0 {
                advance(&fields, from: normal) {
                    $0.tm_mon += 1
                    $0.tm_mday = 1
                    $0.tm_hour = 0
                    $0.tm_min = 0
                }
            } else if !matchesDay(normal) {
                advance(&fields, from: normal) {
                    $0.tm_mday += 1
                    $0.tm_hour = 0
                    $0.tm_min = 0
                }
            } else if hours & 1 << UInt64(normal.tm_hour) == 0 {
                advance(&fields, from: normal) {
                    $0.tm_hour += 1
                    $0.tm_min = 0
                }
            } else if minutes & 1 << UInt64(normal.tm_min) == 0 || Int64(time) <= moment.seconds {
                advance(&fields, from: normal) { $0.tm_min += 1 }
            } else {
                return Timestamp(seconds: Int64(time))
            }
        }
        return nil
    }

    private func advance(_ fields: inout tm, from normal: tm, _ change: (inout tm) -> Void) {
        fields = normal
        change(&fields)
    }

    private func matchesDay(_ fields: tm) -> Bool {
        let day = days & 1 << UInt64(fields.tm_mday) != 0
        let weekday = weekdays & 1 << UInt64(fields.tm_wday) != 0
        return restrictsDays && restrictsWeekdays ? day || weekday : day && weekday
    }
}
