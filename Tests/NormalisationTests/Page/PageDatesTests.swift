import Testing

@Suite("Dates of pages")
struct PageDatesTests {
    private static let declared = linkedData(
        #"{"@type":"Article","datePublished":"2024-05-01T08:00:00Z","dateModified":"2024-05-09T08:00:00Z"}"#)

    @Test(
        "Each kind of evidence gives the date",
        arguments: [
            (linkedData(#"{"@type":"Article","datePublished":"2024-05-01T08:00:00Z"}"#), "", "2024-05-01T08:00:00Z"),
            ("<meta property=article:published_time content=2024-05-01T08:00:00Z>", "", "2024-05-01T08:00:00Z"),
            ("<meta name=DC.date.issued content=2024-05-01>", "", "2024-05-01T00:00:00Z"),
            ("<meta name=dc:date content=2024-05-01>", "", "2024-05-01T00:00:00Z"),
            ("<meta itemprop=datePublished content=2024-05-01>", "", "2024-05-01T00:00:00Z"),
            ("", "<time datetime=2024-05-01T08:00Z>last spring</time>", "2024-05-01T08:00:00Z"),
            ("", "<relative-time datetime=2024-05-01T08:00Z></relative-time>", "2024-05-01T08:00:00Z"),
            ("", "<span itemprop=datePublished content=2024-05-01>May</span>", "2024-05-01T00:00:00Z"),
            ("", "<p>Published on May 1st, 2024</p>", "2024-05-01T00:00:00Z"),
            ("", "<p>1 May 2024</p>", "2024-05-01T00:00:00Z"), ("", "<p>2024年5月1日</p>", "2024-05-01T00:00:00Z"),
        ])
    func evidence(_ head: String, _ body: String, _ published: String) throws {
        #expect(try page(head: head, body: "<h1>Ice on the pond</h1>" + body).text("published") == published)
    }

    @Test("Data before meta elements, both before what the page shows; the day of an update is another field")
    func order() throws {
        let meta = "<meta property=article:published_time content=2024-05-02T08:00:00Z>"
        let document = try page(head: Self.declared + meta, body: "<h1>Ice</h1><p>Updated May 20, 2024</p>")
        #expect(document.text("published") == "2024-05-01T08:00:00Z")
        #expect(document.text("modified") == "2024-05-09T08:00:00Z")
        #expect(try page(head: meta, body: "<h1>Ice</h1><p>3 May 2024</p>").text("published") == "2024-05-02T08:00:00Z")
    }

    @Test("A day near the headline that is well before the declared one is the publication")
    func moved() throws {
        let document = try page(head: Self.declared, body: "<h1>Ice on the pond</h1><p>3 March 2019</p>")
        #expect(document.text("published") == "2019-03-03T00:00:00Z")
        // Not where the declared day is shown too, nor in a table.
        let both = try page(
            head: Self.declared,
            body: "<h1>Ice</h1><p>Published 3 March 2019</p><p>In the print edition</p><p>1 May 2024</p>")
        #expect(both.text("published") == "2024-05-01T08:00:00Z")
        let rows = (1...9).map { "<tr><td>\($0)/1/2013</td><td>4.\($0)</td></tr>" }.joined()
        let table = try page(
            head: Self.declared,
            body:
                "<h1>Ice</h1><p>Updated 9 May 2024</p>\(String(repeating: "<p>Cold.</p>", count: 9))<table>\(rows)</table>",
            language: "en-US")
        #expect(table.text("published") == "2024-05-01T08:00:00Z")
    }

    @Test("The offset of the page stays, so that the day is the one that its readers saw")
    func offset() throws {
        let head = linkedData(#"{"@type":"Article","datePublished":"2024-05-01T23:30:00-05:00"}"#)
        #expect(try page(head: head, body: "").text("published") == "2024-05-01T23:30:00-05:00")
        // The same moment, which the page shows by its own clock.
        let utc = linkedData(#"{"@type":"Article","datePublished":"2024-05-02T04:30:00Z"}"#)
        let shown = try page(head: utc, body: "<h1>Ice</h1><time datetime=2024-05-01T23:30:00-05:00>1 May</time>")
        #expect(shown.text("published") == "2024-05-01T23:30:00-05:00")
        // Address and text agree on the day before.
        let local = try page(
            head: utc, body: "<h1>Ice</h1><p>1 May 2024</p>", uri: "https://www.mill-post.example/2024/05/01/ice")
        #expect(local.text("published") == "2024-05-01T00:00:00Z")
    }

    @Test(
        "The day in an address, where nothing else tells",
        arguments: ["2024/05/01/ice", "news/2024-05-01-ice", "blog/2024/may/01/ice"])
    func address(_ path: String) throws {
        let document = try page(body: "<h1>Ice</h1>", uri: "https://www.mill-post.example/\(path)")
        #expect(document.text("published") == "2024-05-01T00:00:00Z")
    }

    @Test("Where an update's is the only day, it is in both fields")
    func updateAlone() throws {
        let far = String(repeating: "<p>Cold.</p>", count: 90)
        for between in ["", far] {
            let document = try page(body: "<h1>Ice</h1>\(between)<p>Last updated: 1 May 2024</p>")
            #expect(document.text("published") == "2024-05-01T00:00:00Z")
            #expect(document.text("modified") == "2024-05-01T00:00:00Z")
        }
        // It comes before a day that stands far off without a word.
        let related = try page(body: "<h1>Ice</h1><p>Updated 1 May 2024</p>\(far)<p>7 July 2020</p>")
        #expect(related.text("published") == "2024-05-01T00:00:00Z")
    }

    @Test(
        "Days of other things and impossible ones are none",
        arguments: [
            "<p>Joined: 1 May 2014</p>", "<dl><dt>Founded:</dt><dd>1 May 2014</dd></dl>",
            "<p>© 1 May 2014 Mill Post</p>",
            "<p>31 February 2024</p>", "<time datetime=1970-01-01T00:00Z>long ago</time>", "<p>1 May 2094</p>",
            "<p>3/4/2021</p>",
        ])
    func nothing(_ body: String) throws {
        let document = try page(body: "<h1>Ice on the pond</h1>" + body)
        #expect(document.text("published") == nil && document.text("modified") == nil)
    }

    @Test("The language tells which figure is the day", arguments: [("en-US", "2021-03-04"), ("en-GB", "2021-04-03")])
    func dayFirst(_ language: String, _ day: String) throws {
        let document = try page(body: "<h1>Ice</h1><p>3/4/2021</p>", language: language)
        #expect(document.text("published")?.prefix(10) == day[...])
    }
}
