import Testing

@testable import Normalisation

@Suite struct FragmentRendererTests {
    private static let pieces = [
        "word", " ", "  ", "\n", "a", "longer words in a row, forty bytes of them,", " and some more of them ", "é",
        "–",
        "\u{A0}", "\u{85}", "\u{92}", "\u{7F}", "\u{2003}", "日本", "\u{3000}", "ﬁ", "&amp;", "&lt;", "&nbsp;", "&#8217;",
        "&",
        "<", "< ", ">", "<p>", "</p>", "<P>", "<p class=\"a>b\">", "</p >", "<p/>", "<em>", "</em>", "<x:p>", "<p-q>",
        "<h2>",
        "<br>", "<br/>", "<pre>", "</pre>", "<td>", "</td>", "<blockquote>", "</blockquote>", "<script>", "</script>",
        "<!-- -->",
        "<![CDATA[ <p> ]]>", "<!DOCTYPE x [<!ENTITY e 'ee'>]>", "&e;", "<?pi?>", "<a href=\"https://mill.example/a\">",
        "<A HREF='/b?c=d&amp;e'>", "<a href=\"/c\">", "<a href=\"https://mill.example/", "<a title=\"t\" href=/d>",
        "<a>", "</a>",
        "<img src=\"/i.png\" alt=\"an  image\">", "<img src=/j.png width=1 height=1>", "</", "<a",
    ]

    private static func rendered(_ html: String, takesShortWay: Bool) -> FragmentRenderer.Rendered {
        var renderer = FragmentRenderer()
        renderer.takesShortWay = takesShortWay
        renderer.render(Array(html.utf8).span, base: "https://mill.example/feed")
        return renderer.result
    }

    /// What is plain is written in one pass, and comes out as token by token.
    @Test func shortWayChangesNothing() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let html = (0..<Int.random(in: 1...24, using: &generator))
                .map { _ in Self.pieces.randomElement(using: &generator) ?? "" }.joined()
            let short = Self.rendered(html, takesShortWay: true)
            let long = Self.rendered(html, takesShortWay: false)
            #expect(short.text == long.text, "\(html)")
            #expect(short.links == long.links, "\(html)")
            #expect(short.images == long.images, "\(html)")
        }
    }

    /// The rendered text is what it is, whichever way it takes.
    @Test(arguments: [true, false]) func blocksAreParted(takesShortWay: Bool) {
        let html =
            "<p>One <em>word </em> and\n<a href=\"/a\">a link</a>.</p><p> </p>"
            + "<div>Two &amp; three<br>four</div>five"
        let result = Self.rendered(html, takesShortWay: takesShortWay)
        #expect(
            String(decoding: result.text, as: UTF8.self) == "One word and a link.\n\nTwo & three\nfour\n\nfive")
        #expect(result.links.strings == ["https://mill.example/a"])
    }
}
