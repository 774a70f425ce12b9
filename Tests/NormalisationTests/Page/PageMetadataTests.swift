import JSON
import Testing

@Suite("Metadata of pages")
struct PageMetadataTests {
    @Test("Site, language, canonical address, summary, tags and picture from the head")
    func head() throws {
        let document = try page(
            head: """
                <link rel=canonical href='/ice?utm_source=x#top'><meta property=og:site_name content='The Mill Post'>
                <meta property=og:description content='Skates came out.'><meta name=keywords content='ice, pond; winter'>
                <meta property=og:image content='/ice.jpg'>
                """,
            body: "<h1>Ice on the pond</h1>", language: "en-GB")
        #expect(document.text("url") == "https://www.mill-post.example/ice")
        #expect(document.text("site") == "The Mill Post")
        #expect(document.text("summary") == "Skates came out.")
        #expect(document.texts("tags") == ["ice", "pond", "winter"])
        #expect(document.text("language")?.hasPrefix("en") == true)
        #expect(document["images"]?.array?.first?["url"]?.string == "https://www.mill-post.example/ice.jpg")
    }

    @Test("The same from JSON-LD, the article that bears the page's title among several")
    func data() throws {
        let document = try page(
            head: "<title>Ice on the pond</title>"
                + linkedData(
                    """
                    [{"@type":"NewsArticle","headline":"Fire in the barn","description":"It burnt.","keywords":"fire"},
                     {"@type":"NewsArticle","headline":"Ice on the pond","description":"It froze.","keywords":["ice","pond"],
                      "publisher":{"@type":"Organization","name":"The Mill Post"}},
                     {"@type":"NewsArticle","headline":"Rats in the loft"}]
                    """), body: "<h1>Ice on the pond</h1>")
        #expect(document.text("summary") == "It froze.")
        #expect(document.texts("tags") == ["ice", "pond"])
        #expect(document.text("site") == "The Mill Post")
    }

    @Test("A motto behind the site's name goes where another place gives the name alone")
    func motto() throws {
        let document = try page(
            head: "<meta property=og:site_name content='Údolní pošta - Co se děje'>"
                + linkedData(#"{"@type":"Article","publisher":{"@type":"Organization","name":"Údolní pošta"}}"#),
            body: "")
        #expect(document.text("site") == "Údolní pošta")
    }

    @Test("Data with faults gives what stands before them; other scripts and depth do no harm")
    func faults() throws {
        let broken = try page(
            head: linkedData(#"{"@type":"Article","headline":"Ice on the pond","datePublished":"2024-05-01","#),
            body: "")
        #expect(broken.text("published") == "2024-05-01T00:00:00Z")
        let deep = String(repeating: #"{"mainEntity":["#, count: 5_000)
        #expect(try page(head: "<title>Ice</title>" + linkedData(deep), body: "").text("title") == "Ice")
    }
}
