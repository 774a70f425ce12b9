import Document

extension CronFields {
    /// How many years to search: after 400 the calendar repeats with all its days of the week.
    private static let years = 400

    /// The first full minute at or after `start` that matches; both are local times, in seconds since 1970 as if local
    /// time were UTC. Nil when no date matches, such as 30 February.
    func first(from start: Int64) -> Int64? {
        let rounded = start &+ 59
        let begin = Timestamp(seconds: rounded &- (rounded % 60 + 60) % 60).calendar
        var (year, month, day, hour, minute) = (begin.year, begin.month, begin.day, begin.hour, begin.minute)
        let lastYear = year + Self.years
        while year <= lastYear {
            if months >> UInt64(month) & 1 != 0 {
                let firstDay = Timestamp.days(year: year, month: month, day: 1)
                let length = Int(Timestamp.days(year: year, month: month + 1, day: 1) - firstDay)
                while day <= length {
                    let today = firstDay + Int64(day - 1)
                    if matches(day: day, weekday: Int(CalendarDay.weekday(of: today))),
                        let time = self.time(hour: hour, minute: minute)
                    {
                        return today * 86_400 + time
                    }
                    day += 1
                    (hour, minute) = (0, 0)
                }
            }
            month += 1
            if month > 12 { (year, month) = (year + 1, 1) }
            (day, hour, minute) = (1, 0, 0)
        }
        return nil
    }

    /// The first time of a day that matches, not before the given one, in seconds after midnight.
    private func time(hour: Int, minute: Int) -> Int64? {
        func next(_ bits: UInt64, _ start: Int) -> Int? {
            let rest = bits >> UInt64(start)
            return rest == 0 ? nil : start + rest.trailingZeroBitCount
        }
        guard let found = next(hours, hour) else { return nil }
        if found == hour, let minute = next(minutes, minute) { return Int64(found * 3600 + minute * 60) }
        guard let later = found == hour ? next(hours, hour + 1) : found, let minute = next(minutes, 0) else {
            return nil
        }
        return Int64(later * 3600 + minute * 60)
    }
}
