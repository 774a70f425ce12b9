import ControlClient
import JSON
import Testing

/// `preview --explain` on a terminal.
@Suite struct ExplanationPageTests {
    static let explanation: JSONValue = [
        "taken_for": "page", "because": "of its first bytes", "declared": "text/plain",
        "charset": ["name": "utf-8", "because": "of its own declaration"],
        "page": ["kind": "article", "probabilities": ["article": 0.934, "forum": 0.05, "listing": 0.016]],
        "fields": [
            "title": [
                "value": "Locks", "evidence": "heading", "score": 9.27,
                "others": [
                    ["value": "Locks", "evidence": "meta", "score": 9.1],
                    ["value": "Locks - Canals\u{1B}[31m", "evidence": "title element", "score": 3.0],
                ],
            ],
            "published": ["others": [["value": "2024-01-01", "evidence": "url", "note": "3 texts from the headline"]]],
        ],
        "content": [
            "from": "blocks", "sees_hidden": false, "threshold": 0.41, "kept": 1, "cut": 2,
            "blocks": [
                ["kept": false, "score": 0.02, "words": 1, "in": "nav ul li", "text": "Home"],
                ["kept": true, "score": 0.98, "words": 12, "in": "article p", "text": "A lock lifts a boat"],
            ],
        ],
    ]

    @Test func showsWhatWonAndWhatWasCut() {
        let page = ExplanationPage.page(Self.explanation, .plain)
        #expect(page.contains("taken for page because of its first bytes (declared: text/plain)"))
        #expect(page.contains("read as utf-8 because of its own declaration"))
        #expect(page.contains("kind of page: article (article 0.93, forum 0.05, listing 0.02)"))
        let lines = page.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.contains("title won heading 9.3 Locks"))
        #expect(lines.contains("agrees meta 9.1 Locks"))
        #expect(lines.contains { $0.hasPrefix("lost title element 3.0 Locks - Canals") })
        #expect(lines.contains { $0.hasPrefix("published none") })
        #expect(lines.contains("lost url - 2024-01-01 (3 texts from the headline)"))
        #expect(lines.contains("cut 0.02 1 nav ul li Home"))
        #expect(lines.contains("kept 0.98 12 article p A lock lifts a boat"))
        #expect(page.contains("and 1 more blocks"))
        #expect(!page.contains("\u{1B}"))
    }

    @Test func saysWhatItCanOfOtherInputs() {
        let page = ExplanationPage.page(["taken_for": "feed", "because": "of the declared media type"], .plain)
        #expect(page == "Why\ntaken for feed because of the declared media type\n")
    }
}
