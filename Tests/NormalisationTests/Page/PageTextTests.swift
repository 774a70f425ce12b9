import HTML
import Testing

@testable import Normalisation

/// The text of a page is what a person would copy. All blocks are kept here; which are content is another matter.
@Suite struct PageTextTests {
    static func text(_ body: String) -> String {
        let document = HTMLParser.parse(Array("<!DOCTYPE html><html><body>\(body)</body></html>".utf8))
        let outline = PageOutline(document, title: TitleWords(nil))
        return String(
            decoding: ContentText.write(outline, outline.blocks.map { _ in true }), as: UTF8.self)
    }

    @Test(arguments: [
        ("<h1>Head</h1><p>One\n  two</p><p>Three<br>four<br><br>five</p>", "Head\n\nOne two\n\nThree\nfour\n\nfive"),
        ("<p>Before</p><ul><li>One<li>Two <b>bold</b></ul><p>After</p>", "Before\n\nOne\nTwo bold\n\nAfter"),
        ("<ul><li>One<ul><li>Deep<li>Deeper</ul><li>Two</ul>", "One\nDeep\nDeeper\nTwo"),
        ("<p>Table</p><table><thead><tr><th>A<th>B<tbody><tr><td>1<td>2</table>", "Table\n\nA\tB\n1\t2"),
        ("<blockquote><p>Said</p><p>Again</p></blockquote>Text", "Said\n\nAgain\n\nText"),
        ("<table><tr><th>A<th>B<tr><td>1<td>2</table>", "A\tB\n1\t2"),
        ("<dl><dt>Term<dd>Meaning</dl>", "Term\nMeaning"),
        ("a<span> b </span>c <i>d</i>", "a b c d"),
        ("<div>one<div>two</div>three</div>", "one\n\ntwo\n\nthree"),
    ])
    func blocks(_ html: String, _ expected: String) { #expect(Self.text(html) == expected) }

    @Test(arguments: [
        ("<pre>\nif x {\n    y()\n\tz()\n}\n</pre>", "if x {\n    y()\n\tz()\n}"),
        ("<pre>    first\n  second</pre>", "    first\n  second"),
        ("<pre>a<br><br>&nbsp;&nbsp;b</pre>", "a\n\n  b"),
        ("<pre><code><span>let</span> <span>a</span> = 1\n\n\n  b</code></pre>", "let a = 1\n\n\n  b"),
        ("<pre><div>a</div><div>  b</div><div>c</div></pre>", "a\n  b\nc"),
    ])
    func code(_ html: String, _ expected: String) { #expect(Self.text(html) == expected) }

    @Test(arguments: [
        (
            "<p>Seen at all times</p><p hidden>no</p><p style='DISPLAY : none'>no</p><p style='visibility:hidden'>no</p>",
            "Seen at all times"
        ),
        (
            "Seen<script>no</script><style>no</style><template>no</template><svg><text>no</text></svg><!-- no -->",
            "Seen"
        ),
        ("<select><option>no</select>Seen<textarea>no</textarea><iframe>no</iframe><object>no</object>", "Seen"),
        ("<h2>Locks<a href=#locks>¶</a></h2><h3><a href='#x'>#</a> Gates</h3>", "Locks\n\nGates"),
        ("<p>One</p><p>\u{200D}</p><p>Two</p>", "One\n\nTwo"),
    ])
    func whatIsNotSeen(_ html: String, _ expected: String) { #expect(Self.text(html) == expected) }

    @Test(arguments: [
        // Joiners, marks of direction and combining signs stay where they are.
        ("<p>می\u{200C}خواهم</p>", "می\u{200C}خواهم"), ("<p>א\u{200F}ב (1)</p>", "א\u{200F}ב (1)"),
        ("<p>क्\u{200D}ष</p>", "क्\u{200D}ष"), ("<p>👩\u{200D}🚀</p>", "👩\u{200D}🚀"),
        ("<p>漢字とかな。\u{3000}次</p>", "漢字とかな。 次"), ("<p>ภาษาไทย</p>", "ภาษาไทย"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>", "漢(かん)"),
        ("<p>a&nbsp;\u{2003}b\u{AD}c\u{FEFF}d</p>", "a bcd"),
    ])
    func scripts(_ html: String, _ expected: String) { #expect(Self.text(html) == expected) }

    @Test func numbersOfLinesAreNoText() throws {
        let code = (1...12).map { "let value\($0) = compute(\($0)) // the next step of the program" }
        let page = ContentFormsTests.page.replacing(
            "<pre><code class=\"language-text\">",
            with: "<table><tr><td><pre>\((1...12).map(String.init).joined(separator: "\n"))</pre><td><pre>"
                + code.joined(separator: "\n") + "</pre></table><pre><code>")
        let text = try #require(try documents(page, mediaType: "text/html").first?["text"]?.string)
        #expect(text.contains(code.joined(separator: "\n")))
        #expect(!text.contains("1\n2\n3"))
    }
}
