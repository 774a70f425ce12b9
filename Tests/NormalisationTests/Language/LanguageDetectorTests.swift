import Normalisation
import Testing

@Suite("Language")
struct LanguageDetectorTests {
    private func detect(_ text: String, hint: String? = nil) -> String? {
        var text = text
        return text.withUTF8 { LanguageDetector.detect($0, hint: hint) }
    }

    @Test("Running text in more than 70 languages", arguments: SentencesOfLanguages.running)
    func running(_ language: String, _ text: String) { #expect(detect(text) == language) }

    @Test("Headlines", arguments: SentencesOfLanguages.short)
    func short(_ language: String, _ text: String) { #expect(detect(text) == language) }

    @Test("Sixty languages and more, each once")
    func count() {
        let languages = SentencesOfLanguages.running.map(\.language)
        #expect(Set(languages).count == languages.count)
        #expect(languages.count >= 60)
    }

    /// Words that two languages share must not make one of them of the other.
    @Test("A beginning in one language and a body in another", arguments: [("en", "de"), ("fr", "es"), ("de", "nl")])
    func mixed(_ first: String, _ second: String) throws {
        func text(_ language: String) throws -> String {
            try #require(SentencesOfLanguages.running.first { $0.language == language }).text
        }
        let mixture = try text(first) + String(repeating: " " + text(second), count: 20)
        #expect(detect(mixture) == second)
    }

    @Test("Too little text has no language", arguments: ["", "OK", "1234567890 1234567890", "...", "😀😀😀"])
    func honest(_ text: String) { #expect(detect(text) == nil) }

    @Test(
        "Declared tags in the form of BCP 47",
        arguments: [
            ("en_us", "en-US"), ("DE", "de"), ("zh-hant-tw", "zh-Hant-TW"), ("pt-BR, en", "pt-BR"), ("english", nil),
            ("", nil),
            ("e", nil), ("es-419", "es-419"),
        ] as [(String, String?)])
    func tags(_ declared: String, _ tag: String?) { #expect(LanguageDetector.tag(declared) == tag) }
}
