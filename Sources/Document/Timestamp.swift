import Glibc

/// A moment, to the nanosecond, and the offset from UTC that it is written with.
///
/// Moments are the same, and come before one another, whatever their offsets.
///
/// Ours rather than Foundation's, which costs 39 MB in every program that imports it.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Whole seconds since 1970-01-01T00:00:00Z, negative before.
    public var seconds: Int64
    /// Nanoseconds within the second, 0 to 999,999,999.
    public var nanoseconds: Int32
    /// Minutes east of UTC that it is written with, less than a day.
    public var offset: Int16 = 0

    /// Makes a moment; `nanoseconds` must be within the second.
    public init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// The moment that many milliseconds after 1970.
    public init(milliseconds: Int64) {
        let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        seconds = remainder < 0 ? quotient - 1 : quotient
        nanoseconds = Int32(remainder < 0 ? remainder + 1000 : remainder) * 1_000_000
    }

    /// A moment of the proleptic Gregorian calendar, in UTC; fields out of their range carry over.
    public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        let days = Self.days(year: year, month: month, day: day)
        self.init(seconds: days &* 86_400 &+ Int64(hour) &* 3600 &+ Int64(minute) &* 60 &+ Int64(second))
    }

    /// The moment by the system's clock.
    public static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }

    /// Milliseconds since 1970, rounded down.
    public var milliseconds: Int64 { seconds &* 1000 &+ Int64(nanoseconds / 1_000_000) }

    /// The same moment written in UTC.
    public var utc: Timestamp { Timestamp(seconds: seconds, nanoseconds: nanoseconds) }

    /// Days from 1970-01-01 to the day that it is written with.
    public var day: Int64 {
        let local = seconds &+ Int64(offset) &* 60
        return local / 86_400 - (local % 86_400 < 0 ? 1 : 0)
    }

    /// Whether both are the same moment.
    public static func == (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) == (right.seconds, right.nanoseconds)
    }

    /// The moment alone.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(seconds)
        hasher.combine(nanoseconds)
    }

    /// Orders by time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// Days from 1970-01-01 to a date (the "days from civil" algorithm: years start in March, eras of 400 years).
    public static func days(year: Int, month: Int, day: Int) -> Int64 {
        // What overflows wraps: such a date is nonsense, but no reason to end the program.
        let shifted = Int64(month) &- 1
        let carried = Int64(year) &+ (shifted >= 0 ? shifted / 12 : (shifted &- 11) / 12)
        let monthInYear = ((shifted % 12) + 12) % 12 + 1
        let marchYear = monthInYear <= 2 ? carried &- 1 : carried
        let era = (marchYear >= 0 ? marchYear : marchYear &- 399) / 400
        let yearOfEra = marchYear &- era &* 400
        let dayOfYear = (153 * (monthInYear + (monthInYear > 2 ? -3 : 9)) + 2) / 5 &+ Int64(day) &- 1
        let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
        return era &* 146_097 &+ dayOfEra &- 719_468
    }

    /// Days of a month of the proleptic Gregorian calendar; 31 for a month that there is not.
    static func daysInMonth(year: Int, month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The calendar fields in UTC.
    public var calendar: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        var days = seconds / 86_400
        var rest = seconds % 86_400
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        days += 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(day), Int(rest / 3600), Int(rest % 3600 / 60), Int(rest % 60))
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339, with milliseconds only where there are any: `2026-11-24T12:00:00Z`, `2026-11-24T12:00:00+01:00`.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.longestDescription, initializingUTF8With: write)
    }

    /// Bytes that a ``description`` takes at most.
    static let longestDescription = 64

    /// Puts the ``description`` into a buffer of ``longestDescription`` bytes and returns its length.
    func write(to buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        // Digit by digit: dates come with every document.
        let fields = Timestamp(seconds: seconds &+ Int64(offset) &* 60).calendar
        let milliseconds = Int(nanoseconds / 1_000_000)
        var count = 0
        func put(_ byte: UInt8) {
            buffer[count] = byte
            count &+= 1
        }
        func put(twoDigits value: Int) {
            let value = UInt8(truncatingIfNeeded: value)
            put(0x30 &+ value / 10)
            put(0x30 &+ value % 10)
        }
        if (0...9999).contains(fields.year) {
            put(twoDigits: fields.year / 100)
            put(twoDigits: fields.year % 100)
        } else {
            for byte in "\(fields.year)".utf8 { put(byte) }
        }
        put(UInt8(ascii: "-"))
        put(twoDigits: fields.month)
        put(UInt8(ascii: "-"))
        put(twoDigits: fields.day)
        put(UInt8(ascii: "T"))
        put(twoDigits: fields.hour)
        put(UInt8(ascii: ":"))
        put(twoDigits: fields.minute)
        put(UInt8(ascii: ":"))
        put(twoDigits: fields.second)
        if milliseconds > 0 {
            put(UInt8(ascii: "."))
            put(0x30 &+ UInt8(truncatingIfNeeded: milliseconds / 100))
            put(twoDigits: milliseconds % 100)
        }
        guard offset != 0 else {
            put(UInt8(ascii: "Z"))
            return count
        }
        let minutes = Int(offset.magnitude)
        put(offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        put(twoDigits: minutes / 60)
        put(UInt8(ascii: ":"))
        put(twoDigits: minutes % 60)
        return count
    }

    /// Reads RFC 3339 as the program writes it (a zone is required, and kept); for dates found in the wild see Normalisation.
    ///
    /// A leap second is the first of the next minute, as in the system's clock; of a fraction nine digits count.
    public init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        func number(_ start: Int, _ count: Int) -> Int? {
            guard start + count <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[start..<start + count] {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard bytes.count >= 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] | 0x20 == 0x74, bytes[13] == 0x3A,
            bytes[16] == 0x3A, let year = number(0, 4), let month = number(5, 2), let day = number(8, 2),
            let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2),
            (1...12).contains(month), (1...Self.daysInMonth(year: year, month: month)).contains(day), hour < 24,
            minute < 60, second <= 60
        else { return nil }
        self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        var index = 19
        if bytes[index] == 0x2E {
            index += 1
            var scale: Int32 = 100_000_000
            let start = index
            while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 {
                nanoseconds += Int32(bytes[index] - 0x30) * scale
                scale /= 10
                index += 1
            }
            guard index > start else { return nil }
        }
        guard index < bytes.count else { return nil }
        switch bytes[index] {
        case 0x5A, 0x7A: guard index + 1 == bytes.count else { return nil }
        case 0x2B, 0x2D:
            guard index + 6 == bytes.count, bytes[index + 3] == 0x3A, let hours = number(index + 1, 2),
                let minutes = number(index + 4, 2), hours < 24, minutes < 60
            else { return nil }
            offset = Int16(bytes[index] == 0x2B ? hours * 60 + minutes : -(hours * 60 + minutes))
            seconds -= Int64(offset) * 60
        default: return nil
        }
    }
}
