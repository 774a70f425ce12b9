import JSON
import Normalisation
import Testing

/// JSON feeds that are no JSON, as they are written by hand and by templates.
@Suite struct BrokenJSONFeedTests {
    private func documents(_ text: String) throws -> [JSONValue] {
        let normaliser = try #require(Normaliser())
        var input = NormaliserInput(bytes: Array(text.utf8), source: "s", uri: "https://lock.example/feed.json")
        input.mediaType = "application/feed+json"
        let result = normaliser.normalise(input)
        #expect(result.failure == nil)
        return try result.body.split(separator: 0x0A).map { try JSONValue.parse(Array($0)) }
    }

    private func feed(_ items: String) -> String {
        "{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"Lock notes\", \"items\": [\(items)]}"
    }

    @Test(arguments: [
        "{\"id\": \"1\", \"title\": \"Gate\", \"content_text\": \"Paddles\ngreased\"}",
        #"{"id": "1", "title": "Gate", "content_text": "Paddles\ngreased",},"#,
        #"{"id": "1", "title": "Gate", "_depth": NaN, "_level": 1e999, "content_text": "Paddles\ngreased"}"#,
        "{\"id\": \"1\"\n\"title\": \"Gate\"\n\"content_text\": \"Paddles\\ngreased\"}",
        #"/* drained */ {"id": "1", "title": "Gate", "content_text": "Paddles\ngreased"}"#,
    ])
    func isReadAllTheSame(_ item: String) throws {
        let documents = try documents(feed(item))
        #expect(documents.count == 1)
        #expect(documents.first?["source_id"]?.string == "1")
        #expect(documents.first?["title"]?.string == "Gate")
        #expect(documents.first?["text"]?.string == "Paddles greased")
    }

    @Test func whatCameBeforeItWasCutOffIsRead() throws {
        let whole = feed(#"{"id": "1", "content_text": "Paddles"}, {"id": "2", "content_text": "Sluice"}"#)
        let ids = try documents(String(whole.dropLast(8))).compactMap { $0["source_id"]?.string }
        #expect(ids == ["1", "2"])
    }
}
