import JSON
import Normalisation
import Testing

@Suite("Records")
struct RecordTests {
    @Test("JSON Lines by usual names; what is no record is rejected by its number")
    func jsonLines() throws {
        let text = """
            {"id":"a1","headline":"One","body":"First\\u00e9 \\"x\\"","link":"https://x.example/a?utm_source=y","date":"2021-05-04","author":{"name":"Ann"},"tags":["p","q"]}

            not json
            {"id":"a2"}
            [1]
            {"id":7,"title":"Two","text":" spaced  out\\r\\n\\r\\n\\r\\nnext ","timestamp":1620123072}
            """
        let result = try normalise(Array(text.utf8), framing: .json)
        let found = try lines(of: result)
        #expect(found.count == 2)
        #expect(found[0]["title"]?.string == "One")
        #expect(found[0]["text"]?.string == "Firsté \"x\"")
        #expect(found[0]["url"]?.string == "https://x.example/a")
        #expect(found[0]["published"]?.string == "2021-05-04T00:00:00Z")
        #expect(found[0]["authors"] == ["Ann"])
        #expect(found[0]["tags"] == ["p", "q"])
        #expect(found[1]["source_id"]?.string == "7")
        #expect(found[1]["text"]?.string == "spaced out\n\nnext")
        #expect(found[1]["published"]?.string == "2021-05-04T10:11:12Z")
        #expect(result.rejected.map(\.record) == [3, 4, 5])
        #expect(result.rejected[0].reason.hasPrefix("not JSON: "))
        #expect(result.rejected[1].reason.contains("fields"))
    }

    @Test("Names that the settings give come before usual ones")
    func mapping() throws {
        var settings = NormaliserSettings()
        settings.fields = ["title": "kop", "text": "verhaal"]
        settings.language = "nl"
        let text = "{\"title\":\"no\",\"kop\":\"Ja\",\"text\":\"no\",\"verhaal\":\"Een verhaal.\"}"
        let found = try #require(try documents(Array(text.utf8), framing: .json, settings: settings).first)
        #expect(found["title"]?.string == "Ja")
        #expect(found["text"]?.string == "Een verhaal.")
        #expect(found["language"]?.string == "nl")
    }

    @Test("Lines and pieces ended by NUL")
    func lineRecords() throws {
        #expect(
            try documents(Array("one\r\n\ntwo\n".utf8), framing: .lines).map { $0["text"]?.string } == ["one", "two"])
        #expect(try documents(Array("a\nb\0c\0".utf8), framing: .nul).map { $0["text"]?.string } == ["a\nb", "c"])
        let twice = try documents(Array("same\nsame\n".utf8), framing: .lines)
        #expect(twice[0]["id"] != twice[1]["id"] && twice[0]["hash"] == twice[1]["hash"])
    }

    @Test("A JSON file of one object or an array")
    func whole() throws {
        #expect(try documents("{\"title\":\"x\"}", mediaType: "application/json").count == 1)
        #expect(try documents("[{\"title\":\"x\"},{\"title\":\"y\"}]", mediaType: "application/json").count == 2)
        #expect(
            try normalise(Array("{\"title\":".utf8), mediaType: "application/json").failure?.contains("not JSON")
                == true)
    }

    @Test("A bad byte costs that character, not the record")
    func badUTF8() throws {
        let bytes = Array("{\"text\":\"a".utf8) + [0xFF] + Array("b\"}\n{\"text\":\"é è ü ö ä ß ç ñ ô û î â\"}\n".utf8)
        let found = try documents(bytes, framing: .json)
        #expect(found.count == 2)
    }

    @Test("Mutated records never bring the normaliser down; every line becomes a document or a rejection")
    func mutations() throws {
        let normaliser = try #require(Normaliser())
        var random = Randomness(state: 17)
        let seed = Array(
            "{\"id\":\"a\",\"title\":\"\\ud83d\\ude00 x\",\"text\":\"e\u{301} \\n\\n y\",\"tags\":[{\"name\":\"z\"}],\"timestamp\":1e9,\"url\":\"http://a/b?c\"}"
                .utf8)
        for round in 0..<6000 {
            var input = NormaliserInput(bytes: random.mutated(seed), source: "f", uri: "stdin:")
            input.framing = [.json, .lines, .nul][round % 3]
            let result = normaliser.normalise(input)
            if round % 20 == 0 { _ = try lines(of: result) }
        }
    }
}
