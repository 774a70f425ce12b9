import JSON
import Normalisation
import Testing

@Suite("Plain text")
struct PlainTextTests {
    private let body = [
        "The river rose by two metres overnight and reached the gate of the old mill shortly before sunrise on Sunday.",
        "Volunteers carried sacks of flour to the upper floor, while the fire brigade pumped water from the cellar.",
    ]

    @Test("A page that was copied: doubled headline and captions, crumbs, two articles")
    func copiedPage() throws {
        func article(_ title: String, _ caption: String) -> String {
            "\(title)\n\n\(caption)\n\(caption)\nTT\n\n\(title)\n\n\(caption)\n\(caption)\n\n\u{A0}\n\n"
                + body.joined(separator: "\n") + "\n\n"
        }
        let text =
            article("Flood Reaches Mill in the Valley", "Sacks of flour in the mill on Sunday. (Valley Post)")
            + "\u{A0}\n\u{A0}\n" + article("Bakers Look for Grain", "A baker in her shop, June 2020 (Photo: A. Lens)")
        let found = try documents(text, uri: "file:///in/a.txt", mediaType: "text/plain")
        #expect(found.count == 2)
        #expect(found.first?["title"]?.string == "Flood Reaches Mill in the Valley")
        #expect(found.first?["text"]?.string == body.joined(separator: "\n\n"))
        #expect(
            found.first?["images"] == [
                ["caption": "Sacks of flour in the mill on Sunday. (Valley Post)", "credit": "Valley Post"]
            ])
        #expect(found.last?["title"]?.string == "Bakers Look for Grain")
        #expect(found.last?["images"]?[0]?["credit"]?.string != nil)
        #expect(found.map { $0["part"]?.integer } == [1, 2])
        #expect(found.first?["id"] != found.last?["id"])
    }

    @Test("Wrapped lines are joined, others are not")
    func wrapping() throws {
        let words = body.joined(separator: " ").split(separator: " ")
        var lines = [""]
        for word in words {
            if lines[lines.count - 1].count + word.count + 1 > 60 { lines.append("") }
            lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
        }
        let wrapped = lines.joined(separator: "\n")
        let found = try #require(
            try documents(
                "A Title\n\n" + wrapped + "\n\n" + wrapped.replacing("river", with: "stream"), mediaType: "text/plain"
            ).first)
        #expect(found["title"]?.string == "A Title")
        #expect(
            found["text"]?.string
                == [words.joined(separator: " "), words.joined(separator: " ").replacing("river", with: "stream")]
                .joined(separator: "\n\n"))
        let plain = try #require(try documents(body.joined(separator: "\n"), mediaType: "text/plain").first)
        #expect(plain["text"]?.string == body.joined(separator: "\n\n"))
    }

    @Test("A text of one article stays one, and lists stay lists")
    func simple() throws {
        let found = try documents("Shopping\n\n- flour\n- water\n- salt\n", mediaType: "text/plain")
        #expect(found.count == 1)
        #expect(found.first?["text"]?.string == "- flour\n\n- water\n\n- salt")
        #expect(found.first?["part"] == nil)
    }

    @Test("Articles parted by a line of dashes")
    func rules() throws {
        let text = "One Headline\n\n\(body[0])\n\n-----\n\nOther Headline\n\n\(body[1])\n"
        #expect(
            try documents(text, mediaType: "text/plain").map { $0["title"]?.string } == [
                "One Headline", "Other Headline",
            ])
    }

    @Test("Markdown keeps its structure")
    func markdown() throws {
        let text =
            "---\ntitle: Front\nauthor: Ann\ndate: 2021-05-04\n---\n# The *Mill*\n\nSee [the river](https://r.example/a) and\n`code`.\n\n## Part\n\n- one\n- two\n\n```\nx = 1\n\ny\n```\n"
        var settings = NormaliserSettings()
        settings.wantsMarkdown = true
        let found = try #require(try documents(Array(text.utf8), mediaType: "text/markdown", settings: settings).first)
        #expect(found["title"]?.string == "Front")
        #expect(found["authors"] == ["Ann"])
        #expect(found["published"]?.string == "2021-05-04T00:00:00Z")
        #expect(found["text"]?.string == "The Mill\n\nSee the river and code.\n\nPart\n\n- one\n- two\n\nx = 1\n\ny")
        #expect(found["links"] == ["https://r.example/a"])
        #expect(found["markdown"]?.string?.contains("## Part") == true)
    }

    @Test(
        "Escapes of Markdown stand for their sign, and nothing in code is markup",
        arguments: [
            ("2 \\* 3 \\_ 4 \\[x\\](y)", "2 * 3 _ 4 [x](y)"), ("a\\b \\\\c", "a\\b \\c"),
            ("call `f(*args)` and `` a`b ``", "call f(*args) and a`b"), ("a ` b", "a ` b"), ("2 * 3", "2 * 3"),
            ("*x* \\*y\\*", "x *y*"),
        ])
    func escapes(_ text: String, _ plain: String) throws {
        let found = try #require(try documents("Line.\n\n\(text)", mediaType: "text/markdown").first)
        #expect(found["text"]?.string == "Line.\n\n" + plain)
    }

    @Test("Lists of a front matter, in brackets and below each other")
    func frontMatterLists() throws {
        let text = """
            ---
            title: "Locks: a history"
            authors:
              - Ines Carvalho
              - 'Ben Adeyemi'
            tags: [locks, "old oak"]
            keywords:
            - weirs
            ---
            Text.
            """
        let found = try #require(try documents(text, mediaType: "text/markdown").first)
        #expect(found["title"]?.string == "Locks: a history")
        #expect(found["authors"] == ["Ines Carvalho", "Ben Adeyemi"])
        #expect(found["tags"] == ["locks", "old oak", "weirs"])
    }

    @Test("Nothing but white space is a failure with its reason")
    func blank() throws {
        #expect(try normalise(Array(" \n\u{A0}\n".utf8), mediaType: "text/plain").failure?.contains("no text") == true)
    }

    @Test("Mutated texts never bring the normaliser down")
    func mutations() throws {
        let normaliser = try #require(Normaliser())
        var random = Randomness(state: 5)
        let seeds = [
            "Title\n\nCaption (Post)\nCaption (Post)\nTT\n\nTitle\n\n\(body[0])\n-----\n\n\(body[1])",
            "# T\n\n[a](b) **c** _d_\n```\nx\n```\n| a |\n",
        ]
        for round in 0..<4000 {
            var input = NormaliserInput(
                bytes: random.mutated(Array(seeds[round % 2].utf8)), source: "f", uri: "file:///a")
            input.mediaType = round % 2 == 0 ? "text/plain" : "text/markdown"
            let result = normaliser.normalise(input)
            if round % 50 == 0 { _ = try lines(of: result) }
        }
    }
}
