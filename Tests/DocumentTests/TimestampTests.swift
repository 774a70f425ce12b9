import Testing

@testable import Document

/// Moments: reading, writing, and the calendar behind them.
@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0, 0), ("2026-11-24T12:00:00Z", 1_795_521_600, 0),
        ("1969-12-31T23:59:59.999Z", -1, 999_000_000), ("0000-01-01T00:00:00Z", -62_167_219_200, 0),
        ("0001-01-01T00:00:00Z", -62_135_596_800, 0), ("9999-12-31T23:59:59Z", 253_402_300_799, 0),
        ("2000-02-29T00:00:00Z", 951_782_400, 0), ("2024-02-29T23:59:59Z", 1_709_251_199, 0),
        ("2026-11-24t12:00:00z", 1_795_521_600, 0),
        // A leap second is the first of the next minute.
        ("2016-12-31T23:59:60Z", 1_483_228_800, 0), ("1990-12-31T15:59:60-08:00", 662_688_000, 0),
        // Fractions.
        ("1970-01-01T00:00:00.5Z", 0, 500_000_000), ("1970-01-01T00:00:00.000000001Z", 0, 1),
        ("1970-01-01T00:00:00.123456789987654321Z", 0, 123_456_789), ("1970-01-01T00:00:00.000Z", 0, 0),
        // Offsets.
        ("1970-01-01T00:00:00+01:00", -3600, 0), ("1970-01-01T00:00:00-23:59", 86_340, 0),
        ("2026-01-01T00:30:00+05:45", 1_767_206_700, 0), ("1970-01-01T00:00:00.25-00:00", 0, 250_000_000),
    ])
    func whatIsRead(_ text: String, _ seconds: Int64, _ nanoseconds: Int32) throws {
        let time = try #require(Timestamp(rfc3339: text))
        #expect(time == Timestamp(seconds: seconds, nanoseconds: nanoseconds))
    }

    @Test(arguments: [
        "", "2026", "2026-11-24", "2026-11-24T12:00:00", "2026-11-24 12:00:00Z", "2026-11-24T12:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
        "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-02-31T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00.5", "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+01:00x",
        "-026-01-01T00:00:00Z", "12026-01-01T00:00:00Z", "2026-01-01T00:00:00٠Z", "+026-01-01T00:00:00Z",
    ])
    func whatIsNoTime(_ text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test func writing() {
        #expect(Timestamp(seconds: 0).description == "1970-01-01T00:00:00Z")
        #expect(Timestamp(milliseconds: 1).description == "1970-01-01T00:00:00.001Z")
        #expect(Timestamp(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
        #expect(Timestamp(milliseconds: -1).milliseconds == -1)
        #expect(Timestamp(milliseconds: 120).description == "1970-01-01T00:00:00.120Z")
        #expect(Timestamp(seconds: 0, nanoseconds: 999_999).description == "1970-01-01T00:00:00Z")
        #expect(Timestamp(year: 7, month: 3, day: 4).description == "0007-03-04T00:00:00Z")
    }

    @Test func offsets() throws {
        for text in ["2024-05-01T23:30:00-05:00", "1970-01-01T00:00:00.250+05:45", "1969-12-31T23:59:59-00:01"] {
            let time = try #require(Timestamp(rfc3339: text))
            #expect(time.description == text)
            // The moment is the same by any clock.
            #expect(
                time == time.utc && time.hashValue == time.utc.hashValue && !(time < time.utc) && !(time > time.utc))
        }
        let evening = try #require(Timestamp(rfc3339: "2024-05-01T23:30:00-05:00"))
        #expect(evening.utc.description == "2024-05-02T04:30:00Z")
        #expect(evening.day == Timestamp.days(year: 2024, month: 5, day: 1) && evening.utc.day == evening.day + 1)
        #expect(
            Timestamp(seconds: -1).day == -1 && Timestamp(seconds: -86_400).day == -1 && Timestamp(seconds: 0).day == 0)
    }

    @Test func everyDayOfManyYearsIsThatDay() {
        // Counted on by hand, against the arithmetic.
        var (year, month, day) = (1595, 1, 1)
        let first = Timestamp.days(year: year, month: month, day: day)
        for count in 0..<Int64(366 * 820) {
            let fields = Timestamp(seconds: (first + count) * 86_400 + 86_399).calendar
            guard fields == (year, month, day, 23, 59, 59),
                Timestamp.days(year: year, month: month, day: day) == first + count
            else {
                Issue.record("\(year)-\(month)-\(day) is \(fields)")
                return
            }
            day += 1
            if day > Timestamp.daysInMonth(year: year, month: month) { (day, month) = (1, month + 1) }
            if month > 12 { (month, year) = (1, year + 1) }
        }
        #expect(year > 2400)
    }

    @Test func fieldsOutOfRangeCarryOver() {
        #expect(Timestamp(year: 2026, month: 14, day: 1) == Timestamp(year: 2027, month: 2, day: 1))
        #expect(Timestamp(year: 2026, month: 0, day: 1) == Timestamp(year: 2025, month: 12, day: 1))
        #expect(Timestamp(year: 2026, month: -12, day: 1) == Timestamp(year: 2024, month: 12, day: 1))
        #expect(Timestamp(year: 2026, month: 2, day: 29) == Timestamp(year: 2026, month: 3, day: 1))
        #expect(Timestamp(year: 2026, month: 1, day: 0) == Timestamp(year: 2025, month: 12, day: 31))
    }

    /// Numbers of no sense give times of no sense, but never end the program.
    @Test func numbersAtTheEdges() {
        for edge in [Int.max, .min, .max / 2, .min / 2, 0, -1] {
            _ = Timestamp(year: edge, month: 1, day: 1).description
            _ = Timestamp(year: 2026, month: edge, day: edge, hour: edge, minute: edge, second: edge).description
            _ = Timestamp(seconds: Int64(edge), nanoseconds: 999_999_999).description
            _ = Timestamp(seconds: Int64(edge)).milliseconds
            _ = Timestamp(milliseconds: Int64(edge)).calendar
        }
    }

    @Test func whatIsWrittenIsRead() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            let time = Timestamp(
                milliseconds: Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator))
            #expect(Timestamp(rfc3339: time.description) == time)
        }
    }

    @Test func order() {
        let times = [
            Timestamp(seconds: -1), Timestamp(seconds: -1, nanoseconds: 5), Timestamp(seconds: 0),
            Timestamp(seconds: 0, nanoseconds: 1), Timestamp(seconds: 1),
        ]
        #expect(times.shuffled().sorted() == times)
    }
}
