import Document

/// The rule by which a zone goes on after its table has ended: a POSIX `TZ` string (RFC 8536, section 3.3.1), such as
/// `CET-1CEST,M3.5.0,M10.5.0/3`.
struct TimeZoneRule: Sendable, Equatable {
    /// A day of the year and seconds after its midnight, in local time.
    struct Change: Sendable, Equatable {
        enum Day: Sendable, Equatable {
            /// 1 to 365; 29 February is never counted.
            case julian(Int)
            /// 0 to 365.
            case ordinal(Int)
            /// Month, week (5 is the last one), day of the week (0 is Sunday).
            case weekday(month: Int, week: Int, day: Int)
        }
        var day: Day
        var seconds: Int64
    }

    /// Summer time, where there is any.
    struct Summer: Sendable, Equatable {
        var offset: Int64
        var start: Change
        var end: Change
    }

    var standardOffset: Int64
    var summer: Summer?

    func period(at seconds: Int64) -> TimeZone.Period {
        guard let summer else {
            return TimeZone.Period(start: .min, end: .max, offset: standardOffset, previousOffset: nil)
        }
        let year = Timestamp(seconds: seconds &+ standardOffset).calendar.year
        var changes: [TimeZone.Transition] = []
        for year in year - 2...year + 2 {
            changes.append(.init(time: time(of: summer.end, in: year, offset: summer.offset), offset: standardOffset))
            changes.append(.init(time: time(of: summer.start, in: year, offset: standardOffset), offset: summer.offset))
        }
        // Summer time all year long ends and begins at one moment: then only the beginning counts.
        changes.sort { ($0.time, $0.offset == summer.offset ? 1 : 0) < ($1.time, $1.offset == summer.offset ? 1 : 0) }
        var last = TimeZone.Transition(time: .min, offset: standardOffset)
        var previous: Int64?
        for (place, change) in changes.enumerated() {
            if place + 1 < changes.count, changes[place + 1].time == change.time { continue }
            if change.offset == last.offset, last.time != .min { continue }
            if change.time > seconds {
                return TimeZone.Period(
                    start: last.time, end: change.time, offset: last.offset, previousOffset: previous)
            }
            if last.time != .min { previous = last.offset }
            last = change
        }
        return TimeZone.Period(start: last.time, end: .max, offset: last.offset, previousOffset: previous)
    }

    private func time(of change: Change, in year: Int, offset: Int64) -> Int64 {
        let firstDay = Timestamp.days(year: year, month: 1, day: 1)
        let isLeap = Timestamp.days(year: year + 1, month: 1, day: 1) - firstDay == 366
        let day: Int64
        switch change.day {
        case .julian(let number): day = firstDay + Int64(number - 1) + (isLeap && number >= 60 ? 1 : 0)
        case .ordinal(let number): day = firstDay + Int64(number)
        case .weekday(let month, let week, let weekday):
            let first = Timestamp.days(year: year, month: month, day: 1)
            let next = Timestamp.days(year: year, month: month + 1, day: 1)
            var found = first + (Int64(weekday) - CalendarDay.weekday(of: first) + 7) % 7 + Int64(week - 1) * 7
            while found >= next { found -= 7 }
            day = found
        }
        return day &* 86_400 &+ change.seconds &- offset
    }
}

/// Arithmetic with days since 1970.
enum CalendarDay {
    /// 0 for Sunday to 6 for Saturday; 1970 began on a Thursday.
    static func weekday(of day: Int64) -> Int64 { ((day + 4) % 7 + 7) % 7 }
}
