import Normalisation
import Testing

@Suite("Fingerprints")
struct FingerprintTests {
    private func simhash(_ text: String) -> UInt64 {
        var text = text
        return text.withUTF8(SimHash.of)
    }

    @Test("SHA-256 is SHA-256")
    func sha256() throws {
        let digest = try #require(SHA256())
        for _ in 0..<2 {
            digest.begin()
            digest.add("a")
            digest.add("bc")
            let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            #expect(digest.finish().description == expected)
        }
    }

    @Test("Texts that differ by a word are near, others are far")
    func distance() {
        let sentences = (0..<60).map {
            "The miller of village number \($0) opened gate \($0 * 7) before the \($0 % 5)th hour of rain."
        }
        let text = sentences.joined(separator: " ")
        let edited = text.replacing("number 30", with: "number thirty") + " (Agency)"
        let other = (0..<60).map { "Prices for bread rose by \($0) percent in town \($0 * 3), said a baker." }.joined(
            separator: " ")
        #expect((simhash(text) ^ simhash(edited)).nonzeroBitCount <= 6)
        #expect((simhash(text) ^ simhash(other)).nonzeroBitCount >= 16)
        #expect(simhash(text) == simhash(text.uppercased()))
        #expect(simhash(text) == simhash(text.replacing(" ", with: "\n\n ")))
    }

    @Test("Short texts and those without spaces")
    func edges() {
        #expect(simhash("") == 0)
        #expect(simhash("...") == 0)
        #expect(simhash("one") == simhash("One!"))
        #expect(simhash("one two") != simhash("two one"))
        let text = "昨日町の中心に新しい図書館が開きましたたくさんの子供たちが来ています"
        #expect((simhash(text) ^ simhash(text + "。")).nonzeroBitCount <= 2)
    }

    @Test("NFC composes what is apart and leaves the rest")
    func normalForm() {
        #expect(Array(NormalForm.compose("e\u{301}").utf8) == Array("\u{E9}".utf8))
        #expect(Array(NormalForm.compose("\u{110B}\u{1161}").utf8) == Array("\u{C544}".utf8))
        #expect(Array(NormalForm.compose("\u{439}").utf8) == Array("\u{439}".utf8))
        #expect(Array(NormalForm.compose("\u{438}\u{306}").utf8) == Array("\u{439}".utf8))
        #expect(NormalForm.compose("plain ASCII") == "plain ASCII")
    }
}
