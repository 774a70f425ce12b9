import HTML
import Testing

@testable import Normalisation

/// Sanitised HTML: what can be shown stays, and nothing that runs, loads or hides survives.
@Suite struct SanitisedHTMLTests {
    static func sanitise(_ html: String, base: String? = "https://example.org/a/b") -> String {
        String(
            decoding: SanitisedHTML.write(ContentForms.content(ofFragment: Array(html.utf8), base: base)),
            as: UTF8.self)
    }

    @Test(arguments: [
        ("<h1>One</h1><p class=x onclick=y>Te<b>x</b>t</p>", "<h1>One</h1>\n<p>Te<strong>x</strong>t</p>"),
        (
            "<ul><li>One<ul><li><p>Deep</ul><li>Two</ul>",
            "<ul>\n<li>One\n<ul>\n<li><p>Deep</p>\n</li>\n</ul>\n</li>\n<li>Two</li>\n</ul>"
        ),
        ("<ol start=3><li>x</ol>", "<ol start=\"3\">\n<li>x</li>\n</ol>"),
        (
            "<pre><code class='lang-c++'>\n  a &lt; b\n</code></pre>",
            "<pre><code class=\"language-c++\">  a &lt; b</code></pre>"
        ),
        (
            "<table><tr><th colspan=2>A<th>B<tr><td>1<td>2<td>3<br>4</table>",
            "<table>\n<tr><th colspan=\"2\">A</th><th>B</th></tr>\n<tr><td>1</td><td>2</td><td>3<br>4</td></tr>\n</table>"
        ),
        ("<a href='x?a=1&b=2' title=t>link</a>", "<p><a href=\"https://example.org/a/x?a=1&amp;b=2\">link</a></p>"),
        ("<a href='mailto:a@example.org'>write</a>", "<p><a href=\"mailto:a@example.org\">write</a></p>"),
        (
            "<figure><img src=x.png alt='&quot;q' width=300 height=200><figcaption>Cap</figcaption></figure>",
            "<figure><img src=\"https://example.org/a/x.png\" alt=\"&quot;q\" width=\"300\" height=\"200\">"
                + "<figcaption>Cap</figcaption>\n</figure>"
        ),
        ("<p>x<sub>1</sub><i>y<sup>2</sup></i></p>", "<p>x<sub>1</sub><em>y<sup>2</sup></em></p>"),
        ("<dl><dt>T<dd>D</dl>", "<dl>\n<dt>T</dt>\n<dd>D</dd>\n</dl>"),
    ])
    func whatIsShownStays(_ html: String, _ expected: String) { #expect(Self.sanitise(html) == expected) }

    /// At the limit of depth, too, where blocks that are opened around others count.
    @Test(arguments: ["<ul>", "<ol><ul>", "<ul><li>", "<li>", "<dl>", "<dd><ul>", "<blockquote><ul>", "<ul><p>"])
    func whatIsNestedStaysAsItIs(_ piece: String) {
        for count in 20...56 {
            for end in ["x", "<l><ul>x", "<p>x", "<li>x<li>y"] {
                let once = Self.sanitise(String(repeating: piece, count: count) + end)
                #expect(Self.sanitise(once) == once, "\(count) times \(piece), \(end)")
            }
        }
    }

    /// Families of attacks; all of them written for these tests.
    static let attacks: [String] = [
        // Scripts, plain, broken, nested and in odd places.
        "<script>alert(1)</script>", "<SCRIPT SRC=//evil.example/x.js></SCRIPT>", "<scr<script>ipt>alert(1)</script>",
        "<script/x>alert(1)</script>", "<script\n>alert(1)</script >", "<script>alert(1)", "<script src=x",
        "<p><script><!--</p><script>alert(1)</script>--></script>", "<<script>alert(1)//<</script>",
        "<table><script>alert(1)</script><tr><td>x", "<select><script>alert(1)</script></select>",
        "<title><script>alert(1)</script></title>", "<textarea><script>alert(1)</script></textarea>",
        "</p><script>alert(1)</script><p>", "<script type=module>import('x')</script>",
        "<script type='application/ld+json'>{\"a\":\"</script><script>alert(1)</script>\"}",
        // Handlers, in all quotings.
        "<img src=x onerror=alert(1)>", "<img src=x onerror='alert(1)'>", "<img/src=x/onerror=alert(1)>",
        "<img src='x'onerror=alert(1)>", "<body onload=alert(1)>x", "<p onmouseover\n=\n\"alert(1)\">x</p>",
        "<a href=# onclick=alert(1)>x</a>", "<b oncopy=alert(1)>x</b>", "<details open ontoggle=alert(1)>x</details>",
        "<input autofocus onfocus=alert(1)>", "<marquee onstart=alert(1)>x</marquee>",
        "<video onerror=alert(1)><source>",
        "<img \"\"\"><script>alert(1)</script>\">", "<img alt='\" onerror=alert(1) x=\"' src=x.png>",
        "<a title='\"><script>alert(1)</script>' href=x>x</a>", "<img alt='`onerror=alert(1)' src=x.png>",
        // Schemes.
        "<a href=javascript:alert(1)>x</a>", "<a href='JaVaScRiPt:alert(1)'>x</a>",
        "<a href=' javascript:alert(1)'>x</a>",
        "<a href='java\nscript:alert(1)'>x</a>", "<a href='java\tscript:alert(1)'>x</a>",
        "<a href='java\rscript:alert(1)'>x</a>",
        "<a href='\u{1}javascript:alert(1)'>x</a>", "<a href='\u{0}javascript:alert(1)'>x</a>",
        "<a href='&#106;avascript:alert(1)'>x</a>", "<a href='&#x6A&#x61vascript:alert(1)'>x</a>",
        "<a href='&#0000106avascript:alert(1)'>x</a>", "<a href='javascript&colon;alert(1)'>x</a>",
        "<a href='java&Tab;script:alert(1)'>x</a>", "<a href='java&NewLine;script:alert(1)'>x</a>",
        "<a href='javascript&#58;alert(1)'>x</a>", "<a href='\u{A0}javascript:alert(1)'>x</a>",
        "<a href='javascript://example.org/%0Aalert(1)'>x</a>", "<a href='vbscript:x'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
        "<a href='blob:https://example.org/1'>x</a>", "<a href='file:///etc/passwd'>x</a>",
        "<a href='feed:javascript:x'>x</a>",
        "<a href='view-source:javascript:x'>x</a>", "<a href='jar:x'>x</a>", "<a href='about:blank'>x</a>",
        "<a href='intent://x'>x</a>", "<a href='//evil.example/\" onclick=alert(1) x=\"'>x</a>",
        "<a href='https://evil.example/<script>'>x</a>", "<a href='mailto:a\"><script>alert(1)</script>'>x</a>",
        "<img src=javascript:alert(1)>", "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
        "<img dynsrc=javascript:x lowsrc=javascript:x>", "<img srcset='javascript:alert(1) 2x'>",
        "<img srcset='data:image/png;base64,x 1x, javascript:alert(1) 9x'>", "<img data-src='javascript:alert(1)'>",
        "<picture><source srcset='javascript:x'><img></picture>", "<img longdesc=javascript:x src=i.png>",
        "<base href='javascript:alert(1)//'><a href='x'>x</a>", "<base href='data:text/html,'><img src=x>",
        "<blockquote cite='javascript:alert(1)'>x</blockquote>", "<q cite=javascript:x>x</q>",
        "<table background=javascript:x><tr><td background=javascript:x>a<td>b<tr><td>c<td>d</table>",
        "<a ping=https://evil.example href=x>x</a>", "<a href=x target=_blank rel=opener download>x</a>",
        // What loads or embeds.
        "<iframe src=javascript:alert(1)></iframe>", "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<object data=javascript:x>y</object>", "<embed src=//evil.example/x.swf>", "<applet code=x>y</applet>",
        "<frameset><frame src=javascript:x></frameset>", "<link rel=stylesheet href=//evil.example/x.css>",
        "<link rel=import href=x>", "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
        "<meta http-equiv=Set-Cookie content=x>", "<audio src=x onerror=alert(1)>",
        "<video poster=javascript:x></video>",
        "<portal src=x>", "<bgsound src=javascript:x>", "<layer src=x>", "<ilayer src=x>",
        "<image src=x onerror=alert(1)>",
        "<isindex type=image src=1 onerror=alert(1)>", "<keygen autofocus onfocus=alert(1)>", "<dialog open>x</dialog>",
        // Forms.
        "<form action=javascript:alert(1)><input type=submit></form>",
        "<button formaction=javascript:alert(1)>x</button>",
        "<form><button name=parentNode>x</button></form>", "<input type=image src=x onerror=alert(1)>",
        "<isindex action=javascript:alert(1)>", "<form id=x></form><button form=x formaction=javascript:x>y</button>",
        // Style sheets.
        "<style>@import '//evil.example';</style>", "<p style='background:url(javascript:x)'>x</p>",
        "<p style=\"width:expression(alert(1))\">x</p>", "<p style='-moz-binding:url(x)'>x</p>",
        "<p style='position:fixed;top:0;left:0;width:100%;height:100%'>x</p>",
        "<style><img src=x onerror=alert(1)></style>",
        "<div style='behavior:url(x)'>x</div>", "<font style='color:red' color='red;x:y'>x</font>",
        // Foreign content and what it does to the parser.
        "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>",
        "<svg><a xlink:href=javascript:x><text>y</text></a>",
        "<svg><animate attributeName=href to=javascript:x />", "<svg><use href='data:image/svg+xml,<svg/>#x'/>",
        "<svg><foreignObject><img src=x onerror=alert(1)></foreignObject></svg>",
        "<svg><style><img src=x onerror=alert(1)>",
        "<svg><title><style><img title='</style><img src=x onerror=alert(1)>'></title></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "<math href=javascript:x>y</math>",
        "<math><annotation-xml encoding=text/html><script>alert(1)</script></annotation-xml>",
        "<math><mi><mglyph><svg><mtext><textarea><path id='</textarea><img onerror=alert(1) src=x>'>",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
        "<svg><p><style><g title='</style><img onerror=x>'>",
        "<svg><desc><style><a title='</style><img src=x onerror=alert(1)>'></desc>",
        // Elements whose text is raw, and comments.
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
        "<xmp><p title='</xmp><img onerror=x>'></xmp>",
        "<noembed><img title='</noembed><img src=x onerror=alert(1)>'></noembed>",
        "<plaintext><script>alert(1)</script>",
        "<noframes><p title='</noframes><script>alert(1)</script>'>", "<template><script>alert(1)</script></template>",
        "<template><img src=x onerror=alert(1)></template>", "<!--<img src='--><img src=x onerror=alert(1)//'>-->",
        "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->", "<![CDATA[<script>alert(1)</script>]]>",
        "<!--><script>alert(1)</script>-->", "<?xml version='1.0'?><script>alert(1)</script>",
        "<!x><script>alert(1)</script>",
        "<comment><img src='</comment><img src=x onerror=alert(1)//'>",
        "<listing>&lt;img src=x onerror=alert(1)&gt;</listing>",
        "<pre>\n\n&lt;script&gt;</pre>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
        "<p>&amp;lt;script&amp;gt;</p>",
        // Nesting that a second parse puts elsewhere.
        "<p><table><p><a><table><a>x", "<a><a><a>x", "<b><p><i></b>x</i>", "<table><a href=x>y<table><a>z",
        "<select><option><style></option></select><b><img src=x onerror=alert(1)></style>", "<h1><h2><h3>x</h1>y",
        "<li><ul><li><table><li>x", "<dl><dd><dl><dt><dd>x", "<table><caption><table><tr><td>x<caption>y",
        "<nobr><nobr><nobr>x", "<button><button>x", "<option><p><option>x", "<table><td><form><table></form><td>x",
        // Tables that lose rows.
        "<table><caption>C</caption<x>1<td>x|y<t)d><code>`</code><tr>><tdz</table>",
        "<table><tr><td>a<td>b<tr><td><td></table>",
        "<table><tr><th><tr><td>a</table>", "<table><tr><td>a<td>b<tr hidden><td>c<td>d</table>",
        "<table><tr><td>a<td>b<tr><td>\u{200B}<td>\u{AD}</table>", "<table><tr><td>a<td>b<tr><td><img></table>",
        // Bytes that are no text.
        "<p\u{0}onclick=alert(1)>x", "<\u{0}script>alert(1)</script>", "<img\u{C}src=x\u{C}onerror=alert(1)>",
        "<p>\u{338}x</p>", "<p>a<b>\u{338}</b></p>", "<p>\u{FEFF}\u{202E}x</p>", "\u{FF1C}script\u{FF1E}alert(1)",
        "<a href='https://\u{FF45}xample.org/\u{2028}'>x</a>", "<p>\u{37E}&lt\u{37E}script&gt\u{37E}</p>",
        "+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "%3Cscript%3Ealert(1)%3C/script%3E",
        "<p>&#60;script&#62;alert(1)</p>",
        // Code languages and numbers go into attributes.
        "<pre class='language-\"><script>'>x</pre>", "<pre data-lang='\" onclick=x'>y</pre>",
        "<ol start='1\"x'><li>x</ol>",
        "<table><tr><th colspan='2\" onclick=x'>a<th>b<tr><td>1<td>2</table>",
        "<img src=x.png width='1\"x' height=1e9>",
    ]

    @Test(arguments: attacks) func attacksDoNotSurvive(_ attack: String) {
        for html in [attack, "<ul><li><b>" + attack, "<table><tr><th>a<th>\(attack)<tr><td>b<td>c", "<pre>" + attack] {
            for base in ["https://example.org/a/b", nil] {
                let output = Self.sanitise(html, base: base)
                let fault = SanitisedCheck.fault(in: Array(output.utf8))
                #expect(fault == nil, "\(html) becomes \(output)")
                #expect(Self.sanitise(output, base: base) == output, "\(html) changes when it is sanitised again")
                #expect(NormalForm.compose(output) == output)
            }
        }
    }

    /// Pieces of attacks put together at random, and attacks with bytes changed.
    /// A control that stands for nothing counts as white space, so that what is beside it is not taken for more.
    @Test func controlsInDescriptionsAreOneSpace() {
        #expect(TextBytes.line("a\u{9D}\u{10} b\u{80}\u{81}") == "a b€")
        #expect(TextBytes.line("a \u{9D} b") == "a b")
    }

    /// A block that is no part of a table can't stand between its parts: it ends the table, else a browser would move it.
    @Test func whatIsNoPartOfATableEndsIt() {
        func word(_ text: String, in builder: inout RichContentBuilder) {
            Array(text.utf8).withUnsafeBufferPointer { builder.add(word: $0) }
        }
        let cell = RichContent.Block.cell(isHeader: false, columns: 1, rows: 1)
        for inner: RichContent.Block in [.paragraph, .heading(level: 2), .quote, .table] {
            var builder = RichContentBuilder()
            _ = builder.open(.table)
            let row = builder.open(.row)
            let first = builder.open(cell)
            word("one", in: &builder)
            if let first { builder.close(to: first) }
            let depth = builder.open(inner)
            if inner == .table { for part in [.row, cell] { _ = builder.open(part) } }
            word("two", in: &builder)
            if let depth { builder.close(to: depth) }
            if let row { builder.close(to: row) }
            let html = SanitisedHTML.write(builder.finish())
            #expect(String(decoding: html, as: UTF8.self).hasPrefix("<table>\n<tr><td>one</td></tr>\n</table>\n"))
        }
    }

    @Test func mixturesAreSafeAndStay() {
        var random = Randomness(state: 11)
        let pieces =
            Self.attacks.flatMap { $0.split(separator: ">").map { $0 + ">" } } + [
                "</p>", "<table>", "<td>", "<a href=x>",
                "</a>", "<li>", "<ul>", "text ", " ", "<br>", "<b>", "</b>", "<dl>", "<dt>", "<dd>", "<figure>",
                "<figcaption>", "<h2>",
                "<blockquote>", "<pre>", "</pre>", "<tr>", "<th>", "<caption>", "<hr>", "<code>", "</code>", "<p>",
                "<img src=a.png>",
                "<div>", "</div>", "</table>", "</ul>", "</li>", "</td>",
            ]
        for _ in 0..<3000 {
            var html = ""
            for _ in 0...random.next(14) { html += pieces[random.next(pieces.count)] }
            let bytes =
                random.next(3) == 0
                ? Array(String(decoding: random.mutated(Array(html.utf8)), as: UTF8.self).utf8) : Array(html.utf8)
            let once = SanitisedHTML.write(ContentForms.content(ofFragment: bytes, base: "https://example.org/"))
            let fault = SanitisedCheck.fault(in: once)
            #expect(
                fault == nil,
                "\(String(decoding: bytes, as: UTF8.self)) becomes \(String(decoding: once, as: UTF8.self))")
            let again = SanitisedHTML.write(ContentForms.content(ofFragment: once, base: "https://example.org/"))
            #expect(once == again, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }
}
