import Testing

@Suite("Titles of pages")
struct PageTitleTests {
    private static let site = "<meta property=og:site_name content='The Mill Post'>"

    @Test(
        "The site's name goes from either end of the title",
        arguments: [
            "Ice on the pond | The Mill Post", "The Mill Post – Ice on the pond", "Ice on the pond - The Mill Post",
            "The Mill Post: Ice on the pond", "Ice on the pond :: The Mill Post",
        ])
    func siteName(_ title: String) throws {
        let document = try page(head: "<title>\(title)</title>\(Self.site)", body: "")
        #expect(document.text("title") == "Ice on the pond")
        #expect(document.text("site") == "The Mill Post")
    }

    @Test("A part of a title that is not the site's stays")
    func ownDash() throws {
        let title = "The Long Winter - A Diary"
        let document = try page(
            head: "<title>\(title) - The Mill Post</title><meta property=og:title content='\(title)'>\(Self.site)",
            body: "")
        #expect(document.text("title") == title)
    }

    @Test("The heading is the title where the head says more, or less")
    func heading() throws {
        let document = try page(
            head: "<title>Pond ice: buy skates now | The Mill Post</title>\(Self.site)",
            body: "<h1>The Mill Post</h1><article><h1>Why the pond froze early</h1></article>",
            uri: "https://www.mill-post.example/why-the-pond-froze-early")
        #expect(document.text("title") == "Why the pond froze early")
    }

    @Test("A logo in a first-level heading is no title, nor a page's title the name of an application")
    func logo() throws {
        let document = try page(
            head: """
                <title>Sluice gate sold for scrap</title><meta name=application-name content='Sluice gate sold for scrap'>
                <meta property=og:title content='Sluice gate sold for scrap'>
                """,
            body:
                "<h1><a href=/>post back to post home news</a></h1><h1 itemprop=headline>Sluice gate sold for scrap</h1>"
        )
        #expect(document.text("title") == "Sluice gate sold for scrap")
        #expect(document.text("site") == nil)
    }

    @Test("References and white space are resolved")
    func references() throws {
        let document = try page(head: "<title>Flour &amp;amp;\n\t bran</title>", body: "")
        #expect(document.text("title") == "Flour & bran")
    }
}
