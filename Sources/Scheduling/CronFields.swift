/// The five fields of a cron expression as sets of numbers.
struct CronFields: Sendable, Equatable {
    var minutes: UInt64
    var hours: UInt64
    var days: UInt64
    var months: UInt64
    /// Bit 0 is Sunday.
    var weekdays: UInt64
    /// Of both days either may match only when neither begins with `*`.
    var eitherDay: Bool

    /// Whether a day is one to run on.
    func matches(day: Int, weekday: Int) -> Bool {
        let isDay = days >> UInt64(day) & 1 != 0
        let isWeekday = weekdays >> UInt64(weekday) & 1 != 0
        return eitherDay ? isDay || isWeekday : isDay && isWeekday
    }

    /// Whether the expression names no hours, so that it follows the clock through changes to summer time.
    var isEveryHour: Bool { hours == (1 << 24) - 1 }
}

extension CronFields {
    private struct Field {
        var title: String
        var range: ClosedRange<Int>
        var names: [String] = []
        var firstName = 0
    }

    private static let fields = [
        Field(title: "minute", range: 0...59), Field(title: "hour", range: 0...23),
        Field(title: "day of the month", range: 1...31),
        Field(
            title: "month", range: 1...12,
            names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], firstName: 1),
        Field(title: "day of the week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]

    private static let nicknames = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// Reads the fields of an expression, without a time zone.
    init(_ text: some StringProtocol) throws(CronExpression.Failure) {
        let text = text.lowercased()
        if text.hasPrefix("@"), Self.nicknames[text] == nil {
            throw CronExpression.Failure(
                what: "'\(text.prefix(64))' is no cron nickname",
                remedy: "known are \(Self.nicknames.keys.sorted().joined(separator: ", "))")
        }
        let parts = (Self.nicknames[text] ?? text).split { $0 == " " || $0 == "\t" }
        guard parts.count == 5 else {
            throw CronExpression.Failure(
                what: "a cron expression has five fields, this has \(parts.count)",
                remedy: "write minute, hour, day of the month, month and day of the week, such as \"*/5 * * * *\"")
        }
        var sets: [UInt64] = []
        for (part, field) in zip(parts, Self.fields) { sets.append(try Self.set(part, field)) }
        minutes = sets[0]
        hours = sets[1]
        days = sets[2]
        months = sets[3]
        weekdays = (sets[4] | sets[4] >> 7) & 0x7F
        eitherDay = !parts[2].hasPrefix("*") && !parts[4].hasPrefix("*")
    }

    private static func set(_ text: Substring, _ field: Field) throws(CronExpression.Failure) -> UInt64 {
        var bits: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) { bits |= try item(part, field) }
        return bits
    }

    private static func item(_ text: Substring, _ field: Field) throws(CronExpression.Failure) -> UInt64 {
        let known = "\(field.range.lowerBound) to \(field.range.upperBound)"
        func wrong(_ remedy: String) -> CronExpression.Failure {
            CronExpression.Failure(what: "'\(text.prefix(64))' is no \(field.title)", remedy: remedy)
        }
        func value(_ text: Substring) throws(CronExpression.Failure) -> Int {
            if let place = field.names.firstIndex(where: { $0 == text }) { return place + field.firstName }
            guard let value = number(text), field.range.contains(value) else {
                throw wrong("give it \(known)\(field.names.first.map { " or names such as \($0)" } ?? "")")
            }
            return value
        }
        let pieces = text.split(separator: "/", omittingEmptySubsequences: false)
        var step = 1
        if pieces.count > 1 {
            guard pieces.count == 2, let count = number(pieces[1]), count > 0, count <= field.range.upperBound else {
                throw wrong("write the step as */N with N from 1 to \(field.range.upperBound)")
            }
            step = count
        }
        let bounds = pieces[0].split(separator: "-", omittingEmptySubsequences: false)
        var low = field.range.lowerBound
        var high = field.range.upperBound
        if pieces[0] != "*" {
            guard bounds.count <= 2 else { throw wrong("write a range as FIRST-LAST") }
            low = try value(bounds[0])
            high = bounds.count == 2 ? try value(bounds[1]) : pieces.count == 2 ? field.range.upperBound : low
            guard low <= high else {
                let (first, last) = (field.range.lowerBound, field.title.hasSuffix("week") ? 6 : field.range.upperBound)
                throw wrong("a range does not pass its end; write \(bounds[0])-\(last),\(first)-\(bounds[1])")
            }
        }
        var bits: UInt64 = 0
        for value in stride(from: low, through: high, by: step) { bits |= 1 << UInt64(value) }
        return bits
    }

    /// Digits only: `Int` would take a sign as well.
    private static func number(_ text: Substring) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
