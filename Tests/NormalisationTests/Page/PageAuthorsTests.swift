import Testing

@Suite("Authors of pages")
struct PageAuthorsTests {
    @Test(
        "By-lines become people, without \"By\", roles, credentials and dates",
        arguments: [
            ("By Ines Carvalho", ["Ines Carvalho"]), ("Written by Ines Carvalho, Senior Editor", ["Ines Carvalho"]),
            ("By Ines Carvalho and Tomas Berg", ["Ines Carvalho", "Tomas Berg"]),
            ("By Ines Carvalho, M.D.", ["Ines Carvalho"]), ("By Ines Carvalho | 3 March 2026", ["Ines Carvalho"]),
            ("Von Jörg Mühlbauer", ["Jörg Mühlbauer"]), ("Par Hélène Dumoulin", ["Hélène Dumoulin"]),
        ] as [(String, [String])])
    func bylines(_ text: String, _ names: [String]) throws {
        let document = try page(body: "<h1>Ice on the pond</h1><p class=byline>\(text)</p>")
        #expect(document.texts("authors") == names)
    }

    @Test(
        "The page's data names its authors",
        arguments: [
            linkedData(#"{"@type":"NewsArticle","author":[{"@type":"Person","name":"Ines Carvalho"}]}"#),
            linkedData(
                ##"{"@graph":[{"@type":"Article","author":{"@id":"#ic"}},{"@type":"Person","@id":"#ic","name":"Ines Carvalho"}]}"##
            ),
            linkedData(#"<![CDATA[ {"@type":"Article","author":"Ines Carvalho"} ]]>"#),
            "<meta name=author content='Ines Carvalho'>", "<meta property=article:author content='Ines Carvalho'>",
            "<meta name=DC.creator content='Ines Carvalho'>", "<meta property=dc:creator content='Carvalho, Ines'>",
        ])
    func declared(_ head: String) throws {
        let document = try page(head: head, body: "<h1>Ice on the pond</h1>")
        #expect(
            document.texts("authors").contains { $0.contains("Carvalho") && $0.contains("Ines") || $0 == "Carvalho" })
        #expect(document.texts("authors").count == 1)
    }

    @Test("A person in the by-line beats a log-in name and the site's own in the data")
    func personFirst() throws {
        for declared in ["mpadmin7", "The Mill Post"] {
            let document = try page(
                head: "<meta name=author content='\(declared)'><meta property=og:site_name content='The Mill Post'>",
                body: "<h1>Ice on the pond</h1><div class=author-name>Ines Carvalho</div>")
            #expect(document.texts("authors") == ["Ines Carvalho"])
        }
    }

    @Test("An organisation stands only where nobody else is named")
    func organisation() throws {
        let head = linkedData(
            #"{"@type":"Article","author":{"@type":"Organization","name":"Friends of the Valley Mills"}}"#)
        #expect(try page(head: head, body: "").texts("authors") == ["Friends of the Valley Mills"])
        let both = try page(head: head, body: "<h1>Ice</h1><p>By <a rel=author href=/ines>Ines Carvalho</a></p>")
        #expect(both.texts("authors") == ["Ines Carvalho"])
    }

    @Test(
        "Links to memberships, addresses and sentences are no authors",
        arguments: [
            "<a href=/membership/>Become A Member</a>", "<a href=/user/login>Create Account</a>",
            "<a href=/authorization-boost>Authorization Boost</a>", "<a href=/us/shop>Garden Chairs</a>",
            "<div itemprop=review itemscope><span itemprop=author>Tomas Berg</span><p>Keeps the rain out.</p></div>",
            "<a href=/member-directory/>Member Directory</a>",
            "<p class=author>https://mill-post.example/staff</p>",
            "<p>by the old weir we sat down and waited for rain</p>",
        ])
    func nobody(_ body: String) throws {
        #expect(try page(body: "<h1>Ice on the pond</h1>" + body).texts("authors").isEmpty)
    }

    @Test("Posts that stand in noscript for those who run no scripts")
    func scriptless() throws {
        let document = try page(
            body: """
                <h1>Ice on the pond</h1><noscript><h1>Please turn on scripts</h1><div itemprop=author itemscope>
                <a href=/u/millhand7><span itemprop=name>millhand7</span></a></div></noscript>
                """)
        #expect(document.texts("authors") == ["millhand7"])
        #expect(document.text("title") == "Ice on the pond")
    }

    @Test("Microdata, and the nearest by-line of several")
    func nearest() throws {
        let microdata = try page(
            body: "<h1>Ice</h1><span itemprop=author itemscope><span itemprop=name>Ines Carvalho</span></span>")
        #expect(microdata.texts("authors") == ["Ines Carvalho"])
        let related = String(repeating: "<li>Something else</li>", count: 80) + "<p class=byline>By Tomas Berg</p>"
        let document = try page(body: "<h1>Ice</h1><p class=byline>By Ines Carvalho</p><ul>\(related)</ul>")
        #expect(document.texts("authors") == ["Ines Carvalho"])
    }
}
