import Document

/// Reads dates as feeds, mail and pages write them.
///
/// What can't be read for certain gives nil: a month without a day, an impossible day, `3/4/2021` of which nobody says
/// whether it is in March. A time without a zone is taken as UTC.
public enum DateParser {
    /// Bytes that are looked at; what is longer is no date.
    static let maximumLength = 160

    /// The moment that a text means, or nil.
    ///
    /// - Parameters:
    ///   - dayFirst: how `3/4/2021` is meant where its language is known; nil leaves it unread.
    ///   - keepsOffset: whether the moment is written with the offset that the text has, else in UTC.
    public static func parse(_ text: String, dayFirst: Bool? = nil, keepsOffset: Bool = false) -> Timestamp? {
        var text = text
        return text.withUTF8 { parse(utf8: $0, dayFirst: dayFirst, keepsOffset: keepsOffset) }
    }

    /// The moment that UTF-8 text means, or nil.
    public static func parse(
        utf8 text: UnsafeBufferPointer<UInt8>, dayFirst: Bool? = nil, keepsOffset: Bool = false
    ) -> Timestamp? {
        let time = read(text, dayFirst: dayFirst)
        return keepsOffset ? time : time?.utc
    }

    private static func read(_ text: UnsafeBufferPointer<UInt8>, dayFirst: Bool?) -> Timestamp? {
        var start = 0
        var end = text.count
        while start < end, text[start] <= 0x20 { start += 1 }
        while end > start, text[end - 1] <= 0x20 { end -= 1 }
        guard end > start, end - start <= maximumLength else { return nil }
        // The two forms that nearly all dates have are read where they stand.
        let text = UnsafeBufferPointer(rebasing: text[start..<end])
        if (0x30...0x39).contains(text[0]) || text[0] == UInt8(ascii: "-") {
            if let time = ISO8601Date.plain(text) { return time }
            switch ISO8601Date.parse(Array(text)) {
            case .date(let time): return time
            case .impossible: return nil
            case .other: break
            }
        }
        if let time = RFC822Date.parse(text) { return time }
        return WrittenDate.parse(Array(text), dayFirst: dayFirst)
    }

    /// A moment of fields that were read from outside; nil when one of them can't be.
    static func moment(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, nanoseconds: Int32 = 0,
        offsetMinutes: Int = 0
    ) -> Timestamp? {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= days(in: month, of: year),
            (0...24).contains(hour), (0...59).contains(minute), (0...60).contains(second),
            hour < 24 || (minute == 0 && second == 0), (-1439...1439).contains(offsetMinutes)
        else { return nil }
        var time = Timestamp(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        time.seconds -= Int64(offsetMinutes) * 60
        time.nanoseconds = nanoseconds
        time.offset = Int16(offsetMinutes)
        return time
    }

    static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: return 30
        case 2: return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: return 31
        }
    }

    /// A year of two digits, by the rule of RFC 2822: below 50 it is of this century.
    static func fullYear(_ year: Int, digits: Int) -> Int {
        guard digits <= 2 else { return digits == 3 ? year + 1900 : year }
        return year < 50 ? 2000 + year : 1900 + year
    }
}
