import Document

/// Hours and days at which a source says that nothing new comes (RSS 2.0, `skipHours` and `skipDays`), in GMT.
public struct QuietTimes: Sendable, Equatable {
    /// Bit 0 is the hour after midnight.
    public private(set) var hours: UInt32 = 0
    /// Bit 0 is Sunday.
    public private(set) var days: UInt8 = 0

    /// Always; numbers that are no hour (0 to 23) or day (0 to 6, from Sunday) are passed over.
    public init(hours: some Sequence<Int> = [], days: some Sequence<Int> = []) {
        for hour in hours where (0..<24).contains(hour) { self.hours |= 1 << UInt32(hour) }
        for day in days where (0..<7).contains(day) { self.days |= 1 << UInt8(day) }
    }

    /// The hours and days as numbers, in order.
    public var numbers: (hours: [Int], days: [Int]) {
        ((0..<24).filter { hours >> UInt32($0) & 1 == 1 }, (0..<7).filter { days >> UInt8($0) & 1 == 1 })
    }

    /// That moment, or else the beginning of the first hour after it that is not quiet.
    public func end(from moment: Timestamp) -> Timestamp {
        // Whoever is quiet at all times can't mean it.
        if (hours == 0 && days == 0) || hours == 0xFF_FFFF || days == 0x7F { return moment }
        var hour = moment.seconds / 3600
        for step in 0..<(7 * 24) {
            let day = hour / 24
            let (ofDay, weekday) = (hour - day * 24, (day + 4) % 7)
            if ofDay < 0 || weekday < 0 { return moment }
            if hours >> UInt32(ofDay) & 1 == 0, days >> UInt8(weekday) & 1 == 0 {
                return step == 0 ? moment : Timestamp(seconds: hour * 3600)
            }
            hour += 1
        }
        return moment
    }
}
