import Document

/// ISO 8601 with the shortcuts that feeds take.
enum ISO8601Date {
    enum Answer { case date(Timestamp), impossible, other }

    static func parse(_ bytes: [UInt8]) -> Answer {
        var scanner = DateScanner(bytes)
        guard let (year, month, day) = date(&scanner) else { return .other }
        guard (1...12).contains(month), day >= 1, day <= DateParser.days(in: month, of: max(year, 1)) else {
            return .impossible
        }
        var hour = 0
        var minute = 0
        var second = 0
        var nanoseconds: Int32 = 0
        var offset = 0
        if !scanner.isAtEnd {
            // A zone needs a time before it.
            if !scanner.hasReplay, let sign = scanner.peek, sign == 0x2D || sign == 0x2B { return .impossible }
            guard scanner.hasReplay || scanner.skip("Tt ") || scanner.skipSpaces() else { return .other }
            while !scanner.hasReplay, scanner.skip(" -,") {}
            guard let time = scanner.time() else { return .other }
            (hour, minute, second, nanoseconds) = time
            scanner.skipSpaces()
            if let half = scanner.halfOfDay() { hour = half.applied(to: hour) }
            scanner.skipSpaces()
            if !scanner.isAtEnd {
                guard let zone = scanner.zone() else { return .impossible }
                offset = zone
                scanner.skipSpaces()
                guard scanner.isAtEnd || scanner.skip("[(") else { return .impossible }
            }
        }
        guard
            let time = DateParser.moment(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second,
                nanoseconds: nanoseconds, offsetMinutes: offset)
        else { return .impossible }
        return .date(time)
    }

    /// The form that nearly all data has, `2026-03-02T10:00:00Z`; nil for any other and for what can't be.
    static func plain(_ bytes: UnsafeBufferPointer<UInt8>) -> Timestamp? {
        guard bytes.count == 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            bytes[19] == UInt8(ascii: "Z")
        else { return nil }
        var areDigits = true
        func number(_ place: Int) -> Int {
            let (tens, ones) = (bytes[place] &- 0x30, bytes[place + 1] &- 0x30)
            areDigits = areDigits && tens < 10 && ones < 10
            return Int(tens) * 10 + Int(ones)
        }
        let year = number(0) * 100 + number(2)
        let (month, day) = (number(5), number(8))
        let (hour, minute, second) = (number(11), number(14), number(17))
        guard areDigits else { return nil }
        return DateParser.moment(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }

    private static func date(_ scanner: inout DateScanner) -> (Int, Int, Int)? {
        if scanner.skip("-") {
            // -YYMM
            guard let run = scanner.number(), run.digits == 4, scanner.isAtEnd else { return nil }
            return (DateParser.fullYear(run.value / 100, digits: 2), run.value % 100, 1)
        }
        guard let first = scanner.number() else { return nil }
        switch first.digits {
        case 14:
            // A time stamp written in one piece.
            let date = first.value / 1_000_000
            scanner.replay(first.value % 1_000_000)
            return (date / 10_000, date / 100 % 100, date % 100)
        case 8: return (first.value / 10_000, first.value / 100 % 100, first.value % 100)
        case 7 where scanner.isAtEnd: return ordinal(first.value / 1000, first.value % 1000)
        case 5 where scanner.isAtEnd && first.hasLeadingZero:
            // Other bare numbers of five digits are mistyped years or the serial days of spreadsheets.
            return ordinal(2000 + first.value / 1000, first.value % 1000)
        case 4, 2:
            guard
                scanner.peek == UInt8(ascii: "-")
                    || (first.digits == 4
                        && (scanner.isAtEnd || scanner.peek == UInt8(ascii: "/") || scanner.peek == UInt8(ascii: ".")))
            else { return nil }
            let year = DateParser.fullYear(first.value, digits: first.digits)
            guard let separator = scanner.peek else { return first.value > 0 ? (year, 1, 1) : nil }
            scanner.advance()
            guard let second = scanner.number() else { return nil }
            if second.digits == 3, separator == UInt8(ascii: "-") {
                guard scanner.peek == UInt8(ascii: "-") else { return ordinal(year, second.value) }
                return rest(&scanner, separator, year, second.value)
            }
            guard second.digits <= 2 else { return nil }
            if scanner.peek == separator { return rest(&scanner, separator, year, second.value) }
            guard first.digits == 4, second.digits == 2 else { return nil }
            return (year, second.value, 1)
        default: return nil
        }
    }

    private static func rest(_ scanner: inout DateScanner, _ separator: UInt8, _ year: Int, _ month: Int) -> (
        Int, Int, Int
    )? {
        scanner.advance()
        guard let day = scanner.number(), day.digits <= 2 else { return nil }
        return (year, month, day.value)
    }

    private static func ordinal(_ year: Int, _ dayOfYear: Int) -> (Int, Int, Int)? {
        guard (1...9999).contains(year), (1...366).contains(dayOfYear) else { return nil }
        let fields = Timestamp(year: year, month: 1, day: dayOfYear).calendar
        return fields.year == year ? (year, fields.month, fields.day) : nil
    }
}
