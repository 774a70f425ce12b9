import Normalisation
import Testing

@Suite("Language")
struct LanguageDetectorTests {
    private func detect(_ text: String, hint: String? = nil) -> String? {
        var text = text
        return text.withUTF8 { LanguageDetector.detect($0, hint: hint) }
    }

    @Test(
        "Running text",
        arguments: [
            (
                "en",
                "The old mill by the river has been turning for three hundred years, and people still bring their grain."
            ),
            (
                "de",
                "Die alte Mühle am Fluss dreht sich seit dreihundert Jahren, und die Leute bringen noch immer ihr Korn."
            ),
            (
                "fr",
                "Le vieux moulin au bord de la rivière tourne depuis trois cents ans et les gens y apportent encore leur grain."
            ),
            (
                "es",
                "El viejo molino junto al río gira desde hace trescientos años y la gente todavía lleva allí su grano."
            ),
            ("ru", "Старая мельница у реки вертится уже триста лет, и люди до сих пор привозят сюда зерно."),
            ("ja", "川のそばの古い水車は三百年も回り続けていて、人々は今でも穀物を運んでくる。"),
            ("ar", "تدور الطاحونة القديمة بجانب النهر منذ ثلاثمائة عام وما زال الناس يجلبون حبوبهم إليها."),
            (
                "el",
                "Ο παλιός μύλος δίπλα στο ποτάμι γυρίζει εδώ και τριακόσια χρόνια και ο κόσμος φέρνει ακόμη το σιτάρι του."
            ),
        ])
    func running(_ language: String, _ text: String) { #expect(detect(text) == language) }

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
