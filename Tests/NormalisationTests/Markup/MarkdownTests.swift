import Testing

@testable import Normalisation

/// Content as Markdown: every kind of block and mark, and no text that becomes one.
@Suite struct MarkdownTests {
    static func markdown(_ html: String, base: String? = "https://example.org/a/b") -> String {
        String(
            decoding: MarkdownWriter.write(ContentForms.content(ofFragment: Array(html.utf8), base: base)),
            as: UTF8.self)
    }

    @Test(arguments: [
        ("<h1>One</h1><p>Text</p><h3>Three <em>words</em></h3>", "# One\n\nText\n\n### Three *words*"),
        ("<h2><strong>Bold</strong> heading</h2>", "## Bold heading"),
        ("<h2>C #</h2>", "## C \\#"),
        ("<p>One<br>two</p>", "One\\\ntwo"),
        ("<p>One<br><br>two</p>", "One\n\ntwo"),
        ("text<div>more</div>rest", "text\n\nmore\n\nrest"),
        ("<p>One</p><hr><p>Two</p><hr>", "One\n\n---\n\nTwo"),
        ("<p> <b>bold </b>and<i> it</i> <s>gone</s></p>", "**bold** and *it* ~~gone~~"),
        ("<p><b><i>both</i></b></p>", "***both***"),
        ("<p><i><a href='/x'>Link</a> and rest</i>.</p>", "*[Link](https://example.org/x) and rest*."),
        ("<p>a<i> b<a href='/x'> <b>c</b></a></i></p>", "a *b* ***[c](https://example.org/x)***"),
        ("<p>in<b>side</b>word</p>", "in**side**word"),
        ("<p>x<b>(y)</b>z</p>", "x(y)z"),
        ("<p>中<b>「文」</b>字</p>", "中「文」字"),
        ("<p>中<b>文</b>字</p>", "中**文**字"),
        ("<p>Use <code>a`b</code>, <code>``</code> or <kbd>x</kbd></p>", "Use ``a`b``, ``` `` ``` or `x`"),
        ("<p>H<sub>2</sub>O</p>", "H2O"),
    ])
    func blocksAndMarks(_ html: String, _ expected: String) { #expect(Self.markdown(html) == expected) }

    @Test(arguments: [
        ("<ul><li>One<li>Two <ul><li>Deep</ul><li>Three</ul>", "- One\n- Two\n  - Deep\n- Three"),
        ("<ol start=9><li>Nine<li>Ten<p>More</p></ol>", "9. Nine\n10. Ten\n\n    More"),
        ("<ul><li><p>One</p><li><p>Two</p></ul>", "- One\n- Two"),
        ("<ul><li><p>One</p><p>More</p><li><p>Two</p></ul>", "- One\n\n  More\n\n- Two"),
        ("<ul><li>One</ul><ul><li>Other</ul>", "- One\n\n* Other"),
        ("<ul><li>One</li><ul><li>Deep</ul></ul>", "- One\n  - Deep"),
        ("<li>Alone<li>Again", "- Alone\n- Again"),
        ("<ul><li><pre>a\n b</pre></ul>", "- ```\n  a\n   b\n  ```"),
        ("<ul><li></li><li> </li><li>Full</ul>", "- Full"),
        (
            "<dl><dt>Term<dd>Meaning<dd>Other<dt>Next<dd>Last</dl>",
            "- **Term**\n\n  Meaning\n\n  Other\n\n- **Next**\n\n  Last"
        ),
    ])
    func lists(_ html: String, _ expected: String) { #expect(Self.markdown(html) == expected) }

    @Test(arguments: [
        (
            "<blockquote>One<p>Two</p><blockquote><p>In<br>it</blockquote></blockquote>",
            "> One\n>\n> Two\n>\n> > In\\\n> > it"
        ),
        ("<blockquote><ul><li>One<li>Two</ul></blockquote>", "> - One\n> - Two"),
        ("<pre><code class='language-swift'>\nlet a = 1\n\n\tb  \n</code></pre>", "```swift\nlet a = 1\n\n\tb\n```"),
        ("<div class='highlight-python'><pre>    x\n&nbsp; y</pre></div>", "```python\n    x\n  y\n```"),
        ("<pre>```\n````</pre>", "`````\n```\n````\n`````"),
        ("<pre><span class=line>a</span><br><div>b</div><div>c</div></pre>", "```\na\nb\nc\n```"),
        (
            "<figure><img src=x.png alt='A lock' width=300><figcaption>Below</figcaption></figure>",
            "![A lock](https://example.org/a/x.png)\n\nBelow"
        ),
    ])
    func quotesAndCode(_ html: String, _ expected: String) { #expect(Self.markdown(html) == expected) }

    @Test(arguments: [
        (
            "<table><tr><th>A<th>B<tr><td>1<td>x|y<tr><td><code>a|b</code><td></table>",
            "| A | B |\n| --- | --- |\n| 1 | x\\|y |\n| `a\\|b` | |"
        ),
        ("<table><tr><td>1<td>2<tr><td>3<td>4</table>", "| | |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |"),
        (
            "<table><caption>Of it</caption><tr><th>A<th>B<tr><td rowspan=2>1<td>2<tr><td>3</table>",
            "Of it\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n| | 3 |"
        ),
        (
            "<table><tr><th colspan=2>A<th>B<tr><td>1<td>2<td>3<br>4</table>",
            "| A | | B |\n| --- | --- | --- |\n| 1 | 2 | 3 4 |"
        ),
        (
            "<table><tr><td><ul><li>x<li>y</ul><td>z<tr><td>1<td>2</table>",
            "| | |\n| --- | --- |\n| x y | z |\n| 1 | 2 |"
        ),
        // Tables that lay a page out are none.
        ("<table><tr><td><h1>Head</h1><td>side</table>", "# Head\n\nside"),
        ("<table><tr><td><table><tr><th>A<td>1</table></table>", "| | |\n| --- | --- |\n| A | 1 |"),
    ])
    func tables(_ html: String, _ expected: String) { #expect(Self.markdown(html) == expected) }

    @Test(arguments: [
        ("<p><a href='../c?x=1&y=(2)'>Words</a>!</p>", "[Words](https://example.org/c?x=1&y=\\(2\\))\\!"),
        (
            "<p>So!<a href='/c'> it <b>is</b> </a>here</p>",
            "So! [it **is**](https://example.org/c) here"
        ),
        ("<p><a href='javascript:alert(1)'>No</a> <a href=''>empty</a></p>", "No [empty](https://example.org/a/b)"),
        (
            "<a href='/x'><h3>Head</h3><p>Text</p></a>",
            "### [Head](https://example.org/x)\n\n[Text](https://example.org/x)"
        ),
        (
            "<p><a href='/x'><img src='/i.png' alt='[a](b)'></a></p>",
            "[![\\[a\\](b)](https://example.org/i.png)](https://example.org/x)"
        ),
        ("<p><a href='https://example.org/?a|b&copy;'>x</a></p>", "[x](https://example.org/?a\\|b%C2%A9)"),
        ("<p><a href='/x'></a>text <a href='/y'> </a></p>", "text"),
        ("<img src='data:image/png;base64,xx'><img width=1 height=1 src='https://count.example/'>", ""),
    ])
    func linksAndPictures(_ html: String, _ expected: String) { #expect(Self.markdown(html) == expected) }

    @Test(arguments: [
        ("# no", "\\# no"), ("#yes", "#yes"), ("- no", "\\- no"), ("+ no", "\\+ no"), ("-5", "-5"),
        ("1. no", "1\\. no"),
        ("2025) no", "2025\\) no"), ("1.5", "1.5"), ("&gt; no", "\\> no"), ("---", "\\---"), ("===", "\\==="),
        ("***", "\\*\\*\\*"), ("```", "\\`\\`\\`"), ("~~~", "\\~\\~\\~"), ("|a|b|", "\\|a|b|"), (":-:", "\\:-:"),
        ("*a* _b_ snake_case __c__", "\\*a\\* \\_b\\_ snake_case \\_\\_c\\_\\_"),
        ("[a](b) ![c](d)", "\\[a\\](b) !\\[c\\](d)"),
        ("&lt;b>x&lt;/b> a &lt; b", "\\<b>x\\</b> a < b"), ("&amp;copy; AT&amp;T &amp;#60;", "\\&copy; AT&T \\&#60;"),
        ("a\\b", "a\\\\b"), ("&lt;!-- x --&gt;", "\\<!-- x -->"), ("[x]: https://e.org", "\\[x\\]: https://e.org"),
        // Signs that become ASCII in normal form C.
        ("\u{1FEF}code\u{1FEF} &amp;lt\u{37E}", "\\`code\\` \\&lt;"),
        // Text that only together makes markup.
        ("1<sub>.</sub> no", "1\\. no"), ("&am<sup>p;</sup>lt;", "\\&amp;lt;"), ("&amp;am<sup>p;</sup>", "\\&amp;"),
        ("one<br>- two<br># three", "one\\\n\\- two\\\n\\# three"),
    ])
    func textStaysText(_ text: String, _ expected: String) { #expect(Self.markdown("<p>\(text)</p>") == expected) }

    @Test func deepContentEndsAndStaysSmall() {
        let html = String(repeating: "<blockquote><ul><li>", count: 400) + String(repeating: "x<br>", count: 2000)
        #expect(Self.markdown(html).utf8.count < 400_000)
    }
}
