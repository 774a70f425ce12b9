import Document

/// Dates in words and in figures of any order: `Thu, 1 Jan 2004 19:48 GMT`, `12. März 2021`, `2021年3月4日 下午3:05`.
enum WrittenDate {
    private struct Fields {
        var year: Int?
        var month: Int?
        var day: Int?
        var hour = 0
        var minute = 0
        var second = 0
        var nanoseconds: Int32 = 0
        var offset: Int?
        var hasTime = false
        var isKorean = false
        /// Numbers that stand where no unit says what they are, in their order.
        var numbers: [(value: Int, digits: Int, place: Int)] = []
        var monthPlace = -1
        var yearCount = 0
    }

    static func parse(_ bytes: [UInt8], dayFirst: Bool?) -> Timestamp? {
        var scanner = DateScanner(bytes)
        var fields = Fields()
        var place = 0
        var half: DateScanner.HalfOfDay?
        while !scanner.isAtEnd {
            place += 1
            guard place < 40, let byte = scanner.peek else { return nil }
            if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`") {
                scanner.advance()
                continue
            }
            if (0x30...0x39).contains(byte) {
                if !fields.hasTime, let time = time(&scanner) {
                    (fields.hour, fields.minute, fields.second, fields.nanoseconds) = time
                    fields.hasTime = true
                    scanner.skipSpaces()
                    half = half ?? scanner.halfOfDay()
                    scanner.skipSpaces()
                    let start = scanner.index
                    if let next = scanner.peek, next == UInt8(ascii: "+") || next == UInt8(ascii: "-") {
                        // A sign with something behind it that is no zone makes the whole a date that can't be read.
                        if start + 1 < bytes.count, bytes[start + 1] > 0x20 {
                            guard let zone = scanner.zone() else { return nil }
                            if let byte = scanner.peek, byte == UInt8(ascii: ":") { return nil }
                            fields.offset = zone
                        }
                    } else if let zone = scanner.zone() {
                        fields.offset = zone
                    }
                    continue
                }
                if !number(&scanner, &fields, place, dayFirst) { return nil }
                continue
            }
            let isKorean = scanner.starts(with: "오")
            if let found = scanner.halfOfDay() {
                half = found
                fields.isKorean = fields.isKorean || isKorean
                continue
            }
            if isLetter(byte) {
                word(&scanner, &fields, place)
                continue
            }
            scanner.advance()
        }
        if let half { fields.hour = half.applied(to: fields.hour) }
        return finish(fields)
    }

    private static func time(_ scanner: inout DateScanner) -> (Int, Int, Int, Int32)? {
        // Only with a colon or a half of the day: figures alone are a year as likely as an hour.
        var index = scanner.index
        var digits = 0
        while index < scanner.bytes.count, (0x30...0x39).contains(scanner.bytes[index]) {
            index += 1
            digits += 1
        }
        guard digits <= 2 else { return nil }
        let start = scanner.index
        if let time = scanner.time() { return time }
        scanner.index = start
        // 15h30, 15 Uhr, 15時30分
        guard let hour = scanner.number(), hour.value < 25 else {
            scanner.index = start
            return nil
        }
        for unit in ["h", "時", "时", "點", "点", "시"] where scanner.starts(with: unit) {
            scanner.index += unit.utf8.count
            scanner.skipSpaces()
            let minute = scanner.number()?.value ?? 0
            for unit in ["分", "분"] where scanner.starts(with: unit) { scanner.index += unit.utf8.count }
            return (hour.value, minute, 0, 0)
        }
        scanner.index = start
        return nil
    }

    private static func number(
        _ scanner: inout DateScanner, _ fields: inout Fields, _ place: Int, _ dayFirst: Bool?
    ) -> Bool {
        guard let first = scanner.number() else { return false }
        for (unit, isKorean) in [("年", false), ("년", true)] where scanner.starts(with: unit) {
            fields.year = DateParser.fullYear(first.value, digits: first.digits)
            fields.isKorean = isKorean
            fields.yearCount += 1
            scanner.index += unit.utf8.count
            return true
        }
        for unit in ["月", "월"] where scanner.starts(with: unit) {
            fields.month = first.value
            scanner.index += unit.utf8.count
            return true
        }
        for unit in ["日", "일"] where scanner.starts(with: unit) {
            fields.day = first.value
            scanner.index += unit.utf8.count
            return true
        }
        for unit in ["st", "nd", "rd", "th", "er", "º", "ª", "e"] where scanner.starts(with: unit) {
            scanner.index += unit.utf8.count
            break
        }
        // Figures joined by one sign: 31.12.2021, 12/31/2021, 2021-12-31.
        if fields.year == nil, let separator = scanner.peek, [0x2E, 0x2F, 0x2D].contains(separator) {
            let start = scanner.index
            scanner.advance()
            if separator == 0x2E { scanner.skipSpaces() }
            if let second = scanner.number(), second.digits <= 2, scanner.peek == separator {
                scanner.advance()
                if separator == 0x2E { scanner.skipSpaces() }
                if let third = scanner.number(), third.digits <= 4 {
                    return figures(first, second, third, separator, &fields, dayFirst)
                }
            }
            scanner.index = start
        }
        fields.numbers.append((first.value, first.digits, place))
        return true
    }

    private typealias Number = (value: Int, digits: Int, hasLeadingZero: Bool)

    private static func figures(
        _ first: Number, _ second: Number, _ third: Number, _ separator: UInt8, _ fields: inout Fields,
        _ dayFirst: Bool?
    ) -> Bool {
        if first.digits == 4 {
            (fields.year, fields.month, fields.day) = (first.value, second.value, third.value)
            return third.digits <= 2
        }
        guard third.digits == 4 || third.digits == 2, first.digits <= 2 else { return false }
        let isDayFirst: Bool
        if separator == 0x2E || first.value > 12 {
            isDayFirst = true
        } else if second.value > 12 {
            isDayFirst = false
        } else if first.value == second.value {
            isDayFirst = true
        } else if let dayFirst {
            isDayFirst = dayFirst
        } else {
            return false
        }
        fields.year = DateParser.fullYear(third.value, digits: third.digits)
        fields.month = isDayFirst ? second.value : first.value
        fields.day = isDayFirst ? first.value : second.value
        return true
    }

    private static func word(_ scanner: inout DateScanner, _ fields: inout Fields, _ place: Int) {
        let start = scanner.index
        while let byte = scanner.peek, isLetter(byte) {
            if byte >= 0x80, scanner.index > start, DateNames.endsWord(scanner.bytes, at: scanner.index) { break }
            scanner.advance()
        }
        if scanner.index == start { scanner.advance() }
        let raw = String(decoding: scanner.bytes[start..<scanner.index], as: UTF8.self)
        let word = raw.lowercased()
        guard fields.month == nil, let month = DateNames.month(word) else {
            if fields.hasTime, fields.offset == nil {
                var inner = DateScanner(Array(word.utf8))
                if let zone = inner.zone(), inner.isAtEnd { fields.offset = zone }
            }
            return
        }
        fields.month = month
        fields.monthPlace = place
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) || byte >= 0x80 }

    private static func finish(_ fields: Fields) -> Timestamp? {
        var fields = fields
        if fields.monthPlace >= 0 {
            // Day and year are the numbers nearest to the name of the month.
            for number in fields.numbers.sorted(by: { distance($0.place, fields) < distance($1.place, fields) }) {
                if number.digits <= 2, fields.day == nil, (1...31).contains(number.value) {
                    fields.day = number.value
                } else if number.digits == 4, fields.year == nil {
                    fields.year = number.value
                } else if number.digits == 2, fields.year == nil, fields.day != nil {
                    fields.year = DateParser.fullYear(number.value, digits: 2)
                }
            }
        }
        guard let year = fields.year, let month = fields.month, let day = fields.day else { return nil }
        let offset = fields.offset ?? (fields.isKorean && fields.hasTime ? 540 : 0)
        return DateParser.moment(
            year: year, month: month, day: day, hour: fields.hour, minute: fields.minute, second: fields.second,
            nanoseconds: fields.nanoseconds, offsetMinutes: offset)
    }

    private static func distance(_ place: Int, _ fields: Fields) -> Int { abs(place - fields.monthPlace) }
}
