extension TimeZoneRule {
    /// Reads a POSIX `TZ` string; nil when it is none.
    init?(posix text: [UInt8]) {
        var reader = Reader(bytes: text)
        guard text.count <= 128, reader.name(), let west = reader.time(hours: 24) else { return nil }
        standardOffset = -west
        guard !reader.isAtEnd else { return }
        guard reader.name() else { return nil }
        var offset = standardOffset + 3600
        if let next = reader.peek, next != UInt8(ascii: ",") {
            guard let west = reader.time(hours: 24) else { return nil }
            offset = -west
        }
        if reader.isAtEnd {
            // What POSIX leaves open, everyone fills with the rule of the United States.
            let (march, november) = (
                Change(day: .weekday(month: 3, week: 2, day: 0), seconds: 7200),
                Change(day: .weekday(month: 11, week: 1, day: 0), seconds: 7200)
            )
            summer = Summer(offset: offset, start: march, end: november)
            return
        }
        guard reader.skip(","), let start = reader.change(), reader.skip(","), let end = reader.change(), reader.isAtEnd
        else { return nil }
        summer = Summer(offset: offset, start: start, end: end)
    }

    private struct Reader {
        let bytes: [UInt8]
        var place = 0

        var isAtEnd: Bool { place == bytes.count }
        var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

        mutating func skip(_ letter: Unicode.Scalar) -> Bool {
            guard peek == UInt8(ascii: letter) else { return false }
            place += 1
            return true
        }

        mutating func name() -> Bool {
            let start = place
            if skip("<") {
                while let byte = peek, byte != UInt8(ascii: ">") { place += 1 }
                return skip(">")
            }
            while let byte = peek, (0x61...0x7A).contains(byte | 0x20) { place += 1 }
            return place - start >= 3
        }

        mutating func number(_ range: ClosedRange<Int>) -> Int? {
            let start = place
            var value = 0
            while let byte = peek, (0x30...0x39).contains(byte), place - start < 4 {
                value = value * 10 + Int(byte - 0x30)
                place += 1
            }
            return place > start && range.contains(value) ? value : nil
        }

        /// `[+-]hours[:minutes[:seconds]]` in seconds.
        mutating func time(hours limit: Int) -> Int64? {
            let isNegative = skip("-")
            if !isNegative { _ = skip("+") }
            guard let hours = number(0...limit) else { return nil }
            var seconds = hours * 3600
            for unit in [60, 1] where skip(":") {
                guard let count = number(0...59) else { return nil }
                seconds += count * unit
            }
            return Int64(isNegative ? -seconds : seconds)
        }

        mutating func change() -> Change? {
            let day: Change.Day
            if skip("M") {
                guard let month = number(1...12), skip("."), let week = number(1...5), skip("."),
                    let weekday = number(0...6)
                else { return nil }
                day = .weekday(month: month, week: week, day: weekday)
            } else if skip("J") {
                guard let number = number(1...365) else { return nil }
                day = .julian(number)
            } else {
                guard let number = number(0...365) else { return nil }
                day = .ordinal(number)
            }
            guard skip("/") else { return Change(day: day, seconds: 7200) }
            guard let seconds = time(hours: 167) else { return nil }
            return Change(day: day, seconds: seconds)
        }
    }
}
