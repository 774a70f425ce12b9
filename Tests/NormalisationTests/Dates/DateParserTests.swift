import Document
import JSON
import Normalisation
import Testing

@Suite("Dates")
struct DateParserTests {
    @Test(
        "Dates as feeds, mail and pages write them",
        arguments: [
            ("2021-05-04T10:11:12Z", "2021-05-04T10:11:12Z"),
            ("2021-05-04T10:11:12.5+05:30", "2021-05-04T04:41:12.500Z"),
            ("20210504T101112Z", "2021-05-04T10:11:12Z"), ("2021-05", "2021-05-01T00:00:00Z"),
            ("2021-124", "2021-05-04T00:00:00Z"),
            ("Tue, 4 May 2021 10:11:12 -0400", "2021-05-04T14:11:12Z"),
            ("Tue, 04 May 21 10:11 EST", "2021-05-04T15:11:00Z"),
            ("4 May 2021 10:11:12 GMT+2", "2021-05-04T08:11:12Z"), ("Tue May  4 10:11:12 2021", "2021-05-04T10:11:12Z"),
            ("12. März 2021", "2021-03-12T00:00:00Z"), ("le 1er janvier 2019 à 15h30", "2019-01-01T15:30:00Z"),
            ("3 de mayo de 2020", "2020-05-03T00:00:00Z"), ("7 novembre 2021 - 18:04", "2021-11-07T18:04:00Z"),
            ("20 de fevereiro de 2020", "2020-02-20T00:00:00Z"), ("5 mei 2022", "2022-05-05T00:00:00Z"),
            ("5 мая 2022 г., 13:45", "2022-05-05T13:45:00Z"), ("20 stycznia 2020", "2020-01-20T00:00:00Z"),
            ("12 Ağustos 2023", "2023-08-12T00:00:00Z"), ("2021年3月4日 下午3:05", "2021-03-04T15:05:00Z"),
            ("2021년 3월 4일 09:30:00", "2021-03-04T00:30:00Z"),
            ("Sept. 3rd, 2020 at 4:15 p.m. EDT", "2020-09-03T20:15:00Z"),
            ("Δευ, 05 Ιαν 2026 12:00:00 EST", "2026-01-05T17:00:00Z"),
            ("5 Ιανουαρίου 2026 14:30", "2026-01-05T14:30:00Z"),
            ("2026-január-5T9:15-05:00", "2026-01-05T14:15:00Z"),
            ("2026-03-04 오후 2:05:06", "2026-03-04T05:05:06Z"), ("2026年3月4日 14時5分", "2026-03-04T14:05:00Z"),
            ("2026年03月04日14:05", "2026-03-04T14:05:00Z"),
            ("Published: 3 March 2021", "2021-03-03T00:00:00Z"), ("31/12/2021", "2021-12-31T00:00:00Z"),
            ("04.03.2021 10:00", "2021-03-04T10:00:00Z"), ("Fri, 31 Dec 2021 23:59:60 GMT", "2022-01-01T00:00:00Z"),
        ])
    func reads(_ text: String, _ expected: String) { #expect(DateParser.parse(text)?.description == expected) }

    @Test(
        "What can't be a date, or could be two, is none",
        arguments: [
            "", " ", "May", "1 Jan", "tomorrow", "6 hours ago", "03/04/2021", "2021-02-30", "2021-13-01",
            "31 June 2021", "12345",
            "99999999999999999999", "Tue, 4 May 2021 10:61:00 GMT", "Tue, 4 May 2021 10:11:12 +00:zz", "-", "--", "T",
            ":", "24:61",
        ])
    func refuses(_ text: String) { #expect(DateParser.parse(text) == nil) }

    @Test("Where the language is known, so is the order of day and month")
    func dayFirst() {
        #expect(DateParser.parse("03/04/2021", dayFirst: true)?.description == "2021-04-03T00:00:00Z")
        #expect(DateParser.parse("03/04/2021", dayFirst: false)?.description == "2021-03-04T00:00:00Z")
    }

    @Test(
        "The offset is kept where it is asked for",
        arguments: [
            ("2024-05-01T23:30:00-05:00", "2024-05-01T23:30:00-05:00"), ("20240501T2330-0500", nil),
            ("Wed, 01 May 2024 23:30:00 -0500", "2024-05-01T23:30:00-05:00"),
            ("May 1, 2024 11:30 pm EST", "2024-05-01T23:30:00-05:00"), ("2024-05-01", "2024-05-01T00:00:00Z"),
        ] as [(String, String?)])
    func offset(_ text: String, _ written: String?) {
        let kept = DateParser.parse(text, keepsOffset: true)
        if let written { #expect(kept?.description == written) }
        #expect(DateParser.parse(text)?.description == kept?.utc.description)
    }

    @Test("Every date of the corpus", .enabled(if: Corpus.path != nil, "needs the corpus: set MILLRACE_CORPUS"))
    func corpus() throws {
        let cases = try JSONValue.parse(try #require(Corpus.read("feeds/dates.json"))).array ?? []
        #expect(!cases.isEmpty)
        for one in cases {
            let text = try #require(one["input"]?.string)
            #expect(DateParser.parse(text)?.description == one["utc"]?.string, "\(text)")
        }
    }

    @Test("Mutated dates give a moment of four-digit years or nothing")
    func mutations() {
        var random = Randomness(state: 3)
        let seeds = [
            "Tue, 4 May 2021 10:11:12 -0400", "2021-05-04T10:11:12.123456Z", "2021年3月4日 下午3:05",
            "12. März 2021, 14:30 Uhr MEZ",
        ]
        for round in 0..<8000 {
            let text = String(decoding: random.mutated(Array(seeds[round % seeds.count].utf8)), as: UTF8.self)
            if let time = DateParser.parse(text, dayFirst: round % 2 == 0) {
                #expect((-1...10_000).contains(time.calendar.year), "\(text)")
            }
        }
    }
}
