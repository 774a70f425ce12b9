import Testing

@testable import Normalisation

/// What is made of pandoc's HTML, without pandoc.
@Suite struct OfficeTests {
    private func article(_ head: String, _ body: String) -> Article {
        let page = "<!DOCTYPE html><html lang=\"en\"><head>\(head)</head><body>\n\(body)\n</body></html>"
        return OfficeArticle.make(Array(page.utf8), base: nil)
    }

    @Test func theFirstHeadingIsTheTitleOfWhatHasNone() {
        let article = article(
            "<title>-</title>", "<h1 id=\"notes\">Notes &amp; <em>levels</em></h1>\n<p>Low water.</p>")
        #expect(article.title == "Notes & levels")
        #expect(article.paragraphs == ["Low water."])
    }

    @Test(arguments: [
        "<p>Low water.</p><h1>Notes</h1>", "Low water.<h1>Notes</h1>", "<h2>Notes</h2><p>Low water.</p>", "",
    ])
    func whatStandsElsewhereIsNoTitle(_ body: String) {
        let article = article("<title>-</title>", body)
        #expect(article.title == nil)
        #expect(article.paragraphs.joined().contains("Notes") == body.contains("Notes"))
    }

    @Test func aTitleOfItsOwnComesFirst() {
        let article = article("<title>Levels</title>", "<h1>Notes</h1><p>Low water.</p>")
        #expect(article.title == "Levels")
        #expect(article.paragraphs == ["Notes\n\nLow water."])
    }

    @Test func aHeadingThatNeverEndsIsATitle() {
        let article = OfficeArticle.make(Array("<html><body><h1>Notes".utf8), base: nil)
        #expect(article.title == "Notes" && article.paragraphs.isEmpty)
    }
}
