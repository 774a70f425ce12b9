import Document
import Testing

@testable import Scheduling

@Suite struct CronExpressionTests {
    private func times(_ text: String, _ zone: TimeZone, after start: String, count: Int) throws -> [String] {
        let expression = try CronExpression(fields: text, timeZone: zone)
        var moment = try #require(Timestamp(rfc3339: start))
        var found: [String] = []
        for _ in 0..<count {
            moment = try #require(expression.next(after: moment))
            found.append(moment.description)
        }
        return found
    }

    @Test(arguments: [
        ("*/15 * * * *", "2026-11-24T12:14:59Z", "2026-11-24T12:15:00Z"),
        ("*/15 * * * *", "2026-11-24T12:15:00Z", "2026-11-24T12:30:00Z"),
        ("0 0 * * mon-fri", "2026-11-27T00:00:00Z", "2026-11-30T00:00:00Z"),
        ("0 0 * * 5-7", "2026-11-24T00:00:00Z", "2026-11-27T00:00:00Z"),
        ("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"),
        ("59 23 31 DEC *", "2026-01-01T00:00:00Z", "2026-12-31T23:59:00Z"),
        ("0 12 13 * fri", "2026-11-01T00:00:00Z", "2026-11-06T12:00:00Z"),
        ("0 12 */2 * fri", "2026-11-01T00:00:00Z", "2026-11-13T12:00:00Z"),
        ("5/20 3 1 1 *", "2026-01-01T03:05:00Z", "2026-01-01T03:25:00Z"),
        ("@hourly", "2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z"),
        ("@weekly", "2026-11-24T12:00:00Z", "2026-11-29T00:00:00Z"),
        ("\t0  0 1 * *", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"),
        ("0 0 1 1 *", "1969-06-01T00:00:00Z", "1970-01-01T00:00:00Z"),
    ])
    func next(_ text: String, start: String, expected: String) throws {
        #expect(try times(text, .utc, after: start, count: 1) == [expected])
    }

    @Test func fractionsOfASecondAreBeforeTheNextMinute() throws {
        let expression = try CronExpression(fields: "* * * * *", timeZone: .utc)
        #expect(expression.next(after: Timestamp(seconds: 59, nanoseconds: 999_999_999)) == Timestamp(seconds: 60))
        #expect(expression.next(after: Timestamp(seconds: 60, nanoseconds: 1)) == Timestamp(seconds: 120))
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "*/0 * * * *",
        "*/60 * * * *", "1- * * * *", "-1 * * * *", "+1 * * * *", "1,,2 * * * *", ",1 * * * *", "1, * * * *",
        "a * * * *",
        "5-1 * * * *", "1-2-3 * * * *", "1/2/3 * * * *", "* * L * *", "* * * * 5#2", "@reboot", "@", "0 0 30 2 *",
        "0 0 31 2,4,6,9,11 *", "99999999999999999999 * * * *", "* * * * * ; rm", "CRON_TZ=No/Where * * * * *",
        "CRON_TZ=../../etc/passwd * * * * *", "CRON_TZ=/etc/localtime * * * * *", "CRON_TZ= * * * * *", "CRON_TZ=UTC",
        "** * * * *", "*-5 * * * *", "１ * * * *",
    ])
    func refused(_ text: String) throws {
        #expect(CronExpression(text) == nil)
        let problem = try #require(CronExpression.problem(in: text))
        #expect(!problem.what.isEmpty && !problem.remedy.isEmpty)
    }

    @Test func reasons() {
        #expect(CronExpression.problem(in: "* 25 * * *")?.what == "'25' is no hour")
        #expect(CronExpression.problem(in: "* 22-2 * * *")?.remedy.contains("22-23,0-2") == true)
        #expect(CronExpression.problem(in: "* * * * fri-mon")?.remedy.contains("fri-6,0-mon") == true)
        #expect(CronExpression.problem(in: "0 0 30 feb *")?.what == "no year has that day")
        #expect(CronExpression.problem(in: "0 6 * * mon") == nil)
    }

    /// Sleeps through nothing, runs nothing twice: the last Sundays of March and October in Berlin.
    @Test func summerTime() throws {
        let berlin = try Zones.berlin()
        #expect(
            try times("30 2 * * *", berlin, after: "2026-03-28T00:00:00Z", count: 3) == [
                "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z",
            ])
        #expect(
            try times("30 2 * * *", berlin, after: "2026-10-24T00:00:00Z", count: 3) == [
                "2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z",
            ])
        #expect(
            try times("0,30 2,3 * * *", berlin, after: "2026-03-29T00:00:00Z", count: 3) == [
                "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:00:00Z",
            ])
        #expect(
            try times("*/30 * * * *", berlin, after: "2026-03-29T00:30:00Z", count: 2) == [
                "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z",
            ])
        #expect(
            try times("*/30 * * * *", berlin, after: "2026-10-24T23:59:00Z", count: 5) == [
                "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z",
                "2026-10-25T02:00:00Z",
            ])
    }

    /// Asked in the hour that comes twice, the first or the second time.
    @Test func askedWithinTheRepeatedHour() throws {
        let berlin = try Zones.berlin()
        #expect(
            try times("45 2 * * *", berlin, after: "2026-10-25T00:40:00Z", count: 2) == [
                "2026-10-25T00:45:00Z", "2026-10-26T01:45:00Z",
            ])
        #expect(try times("45 2 * * *", berlin, after: "2026-10-25T01:10:00Z", count: 1) == ["2026-10-26T01:45:00Z"])
    }

    @Test func aMomentOutsideOfTheCalendarHasNoNext() throws {
        let expression = try CronExpression(fields: "* * * * *", timeZone: .utc)
        for seconds in [Int64.min, -1 << 60, 1 << 60, .max] {
            #expect(expression.next(after: Timestamp(seconds: seconds)) == nil)
        }
    }
}
