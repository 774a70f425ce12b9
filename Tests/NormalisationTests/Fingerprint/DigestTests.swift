import Normalisation
import Testing

@Suite("Digest and normal form")
struct DigestTests {
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

    @Test("NFC composes what is apart and leaves the rest")
    func normalForm() {
        #expect(Array(NormalForm.compose("e\u{301}").utf8) == Array("\u{E9}".utf8))
        #expect(Array(NormalForm.compose("\u{110B}\u{1161}").utf8) == Array("\u{C544}".utf8))
        #expect(Array(NormalForm.compose("\u{439}").utf8) == Array("\u{439}".utf8))
        #expect(Array(NormalForm.compose("\u{438}\u{306}").utf8) == Array("\u{439}".utf8))
        #expect(NormalForm.compose("plain ASCII") == "plain ASCII")
    }
}
