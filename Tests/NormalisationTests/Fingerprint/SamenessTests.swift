import Document
import JSON
import Normalisation
import Testing

/// What is the same, what is nearly the same, and what only looks so.
@Suite("Sameness")
struct SamenessTests {
    private struct Identity: Equatable {
        var hash: ContentHash
        var fingerprint: Fingerprint
    }

    private func identity(_ text: String, title: String = "The lock at Weir Lane") throws -> Identity {
        let record: JSONValue = ["title": .string(title), "text": .string(text)]
        let result = try normalise(record.encoded, framing: .json)
        let entry = try #require(result.documents.first)
        return Identity(hash: entry.hash, fingerprint: entry.fingerprint)
    }

    private func similarity(_ left: String, _ right: String) throws -> Double? {
        try identity(left).fingerprint.similarity(to: identity(right).fingerprint)
    }

    private static let story = """
        The lock at Weir Lane was closed on Monday after a barge had struck the upper gate and bent two of its hinges.

        Nobody was hurt, the keeper said, but the pound behind the gate lost 40 centimetres of water before the stop planks \
        were in place, and 12 boats have to wait until the gate is mended.

        The owner of the barge, who had passed the lock many times before, said that the wind had turned the stern when the \
        bow was already inside. Divers will look at the sill tomorrow.
        """

    // MARK: What makes a revision

    @Test(
        "What changes around the content changes nothing",
        arguments: [
            ("5 minutes ago", "3 hours ago"), ("Updated 5 minutes ago", "Updated 2 minutes ago"),
            ("Jane Roe · 1,204 views · 12 comments", "Jane Roe · 1,377 views · 31 comments"),
            ("Last updated on 4 November 2025 at 14:05 GMT", "Last updated on 5 November 2025 at 09:30 GMT"),
            ("vor 5 Minuten", "vor 2 Stunden"), ("Il y a 5 minutes", "Il y a 3 heures"), ("5分前", "12分前"),
            ("Обновлено 5 минут назад", "Обновлено 2 часа назад"),
            ("Read more: Otters return to the river", "Read more: Mill for sale"),
            ("Advertisement\n\nBoots for any weather", "Advertisement\n\nTea from the hills, 20 % off"),
            ("Advertisement", ""), ("Sponsored: Boots for any weather", "Sponsored: Tea from the hills"),
        ])
    func volatile(_ before: String, _ after: String) throws {
        for place in 0...2 {
            func page(_ line: String) -> String {
                var paragraphs = Self.story.split(separator: "\n\n").map(String.init)
                if !line.isEmpty { paragraphs.insert(line, at: [0, 2, paragraphs.count][place]) }
                return paragraphs.joined(separator: "\n\n")
            }
            #expect(try identity(page(before)) == identity(page(after)), "\(before), place \(place)")
        }
    }

    @Test("Quotation marks, dashes and spaces change nothing")
    func typography() throws {
        let plain = "He said \"no\" - that's all he said...\n\nThe rest of it is a long story that nobody tells."
        let set = "He said “no” – that’s all he said…\n\nThe rest\u{2009}of it is a long story that nobody tells."
        #expect(try identity(plain) == identity(set))
    }

    @Test(
        "A correction is a revision",
        arguments: [
            ("lost 40 centimetres", "lost 45 centimetres"), ("12 boats", "13 boats"), ("Monday", "Tuesday"),
            ("Nobody was hurt", "One man was hurt"), ("two of its hinges", "three of its hinges"),
        ])
    func corrections(_ before: String, _ after: String) throws {
        let corrected = Self.story.replacing(before, with: after)
        #expect(corrected != Self.story)
        #expect(try identity(Self.story).hash != identity(corrected).hash)
    }

    @Test(
        "Numbers that are content stay content",
        arguments: [
            // Sentences, prices, results, headings, lists: short lines all of them.
            (
                "The quake struck 5 minutes ago and killed 12 people.",
                "The quake struck 5 minutes ago and killed 14 people."
            ),
            ("She read 12 comments aloud.", "She read 13 comments aloud."), ("Price: 12 EUR", "Price: 13 EUR"),
            ("12 views from the mountain", "14 views from the mountain"), ("Turnout: 61.2 %", "Turnout: 62.1 %"),
            ("12 March 2026", "13 March 2026"), ("Updated rules: 3 boats at once", "Updated rules: 4 boats at once"),
            ("1,000 shares", "2,000 shares"), ("8 votes", "9 votes"), ("3 days", "4 days"), ("at 14:05", "at 14:15"),
            ("65 million years ago", "66 million years ago"),
            ("Advertisement costs 5 EUR", "Advertisement costs 6 EUR"),
        ])
    func figures(_ before: String, _ after: String) throws {
        let text = Self.story + "\n\n"
        #expect(try identity(text + before).hash != identity(text + after).hash)
        #expect(try identity(before + "\n\n" + text).hash != identity(after + "\n\n" + text).hash)
    }

    @Test("A sentence behind an advertisement's label is content, and so is a text of one line")
    func besideAdvertisements() throws {
        let label = Self.story + "\n\nAdvertisement\n\n"
        #expect(
            try identity(label + "The gate weighs nine tons.").hash
                != identity(label + "The gate weighs ten tons.").hash)
        #expect(try identity("5 minutes ago").hash != identity("6 minutes ago").hash)
        #expect(try identity(Self.story).hash != identity(Self.story, title: "The lock at Mill Lane").hash)
    }

    // MARK: Near duplicates

    @Test("A wire copy is nearly the same")
    func wireCopies() throws {
        let footer = "\n\nCopyright by the Harbour Press Association. It may not be published again without permission."
        let copies = [
            Self.story + footer, "By Miriam Castellane, our correspondent\n\n" + Self.story,
            "LISBON (Agency) - " + Self.story, Self.story.replacing("the keeper said", with: "said the keeper"),
            String(Self.story[..<(Self.story.firstRange(of: "Divers")?.lowerBound ?? Self.story.endIndex)]),
            Self.story.uppercased(),
        ]
        for copy in copies {
            let found = try #require(try similarity(Self.story, copy), "\(copy)")
            #expect(found > 0.5 && found <= 1)
            #expect(try similarity(copy, Self.story) == found)
        }
        #expect(try similarity(Self.story, Self.story) == 1)
    }

    @Test("Reports that differ in their figures are not, nor are texts that share a phrase")
    func lookAlikes() throws {
        func report(_ numbers: [Int]) -> String {
            """
            Report \(numbers[0]) of the river office: at the weir the gauge stood at \(numbers[1]) centimetres and the flow \
            was \(numbers[2]) cubic metres a second. \(numbers[3]) boats went up and \(numbers[4]) went down. The next \
            report follows at the usual hour.
            """
        }
        #expect(try similarity(report([1, 180, 12, 30, 28]), report([2, 195, 14, 31, 17])) == nil)
        #expect(try similarity(report([1, 180, 12, 30, 28]), report([1, 180, 12, 30, 28])) == 1)
        let other = "A walk along the border in the year when the railway was torn up, and what grows there now. "
        #expect(try similarity(Self.story, String(repeating: other, count: 4)) == nil)
        let quoting = other + other.uppercased() + Self.story.prefix(120) + String(other.reversed())
        #expect(try similarity(Self.story, quoting) == nil)
    }

    @Test("Episodes that say the same each week are told apart by their number or their sound")
    func episodes() throws {
        let about =
            "Every week two keepers of locks talk about water, boats and people, answer what listeners ask, and "
            + "read from the logs of those who kept the locks before them."
        let first = try identity(about, title: "Episode 12").fingerprint
        #expect(first.similarity(to: try identity(about, title: "Episode 13").fingerprint) == nil)
        #expect(first.similarity(to: try identity(about, title: "Keepers talk").fingerprint) == 1)
        func item(_ number: Int) -> String {
            """
            <item><guid>\(number)</guid><title>Keepers talk</title><description>\(about)</description>
            <enclosure url="https://example.org/\(number).mp3" type="audio/mpeg" length="1"/></item>
            """
        }
        let feed = "<rss version=\"2.0\"><channel><title>Locks</title>\(item(1))\(item(2))</channel></rss>"
        let entries = try normalise(Array(feed.utf8), mediaType: "application/rss+xml").documents
        #expect(entries.count == 2 && entries[0].fingerprint.isComparable)
        #expect(entries[0].fingerprint.similarity(to: entries[1].fingerprint) == nil)
    }

    @Test("Short texts are never nearly the same")
    func shortTexts() throws {
        #expect(try similarity("The same few words.", "The same few words.") == nil)
        #expect(try similarity("", "") == nil)
        let words = (1...Fingerprint.fewestWords).map { "word\($0)" }
        #expect(try similarity(words.joined(separator: " "), words.joined(separator: " ")) == 1)
        #expect(try !identity(words.dropLast().joined(separator: " ")).fingerprint.isComparable)
        // A title alone has no words of a text.
        #expect(try identity("", title: words.joined(separator: " ")).fingerprint.words == 0)
    }

    @Test("Scripts without spaces are compared by characters")
    func withoutSpaces() throws {
        let text = "昨日町の中心に新しい図書館が開きましたたくさんの子供たちが来ています天気もよくて本を読む人で席はすぐに埋まりました"
        #expect(try similarity(text, text + "。（共同通信）") ?? 0 > 0.8)
        #expect(try similarity(text, "川の水門は月曜日に閉じられました船が上の門にぶつかり二つの蝶番が曲がったためです") == nil)
    }

    @Test("Any bytes have an identity, and a fingerprint comes back from its bytes")
    func anyText() throws {
        var random = Randomness(state: 7)
        let pieces = [
            "a", "7", " ", "\n", ":", ".", "é", "日", "“", "…", "\u{A0}", "ago", "minutes", "Advertisement", "，",
        ]
        for _ in 0..<400 {
            let text = (0..<random.next(60)).map { _ in pieces[random.next(pieces.count)] }.joined()
            let found = try identity(text + "x").fingerprint
            #expect(found.bytes.count == Fingerprint.length)
            #expect(found.bytes.withUnsafeBytes(Fingerprint.init(bytes:)) == found)
        }
        #expect([UInt8](repeating: 0, count: 85).withUnsafeBytes(Fingerprint.init(bytes:)) == nil)
    }
}
