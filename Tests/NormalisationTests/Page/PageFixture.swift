import Testing

/// A page of each kind, written for the tests: with what surrounds content everywhere, and texts that tell whether the
/// content was found.
struct PageFixture: Sendable, CustomTestStringConvertible {
    var kind: String
    var url: String
    var html: String
    /// Sentences that belong to the content.
    var wanted: [String]
    /// Texts that stand around it.
    var unwanted = ["Skip to content", "Our privacy choices", "Careers at the guild"]

    var testDescription: String { kind }

    static let all = [article, documentation, forum, listing, collection, product, service]

    private init(_ kind: String, _ url: String, title: String, head: String = "", main: String, wanted: [String]) {
        self.kind = kind
        self.url = url
        self.wanted = wanted
        html = """
            <!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>\(title)</title>\(head)
            <style>.x{color:red}</style><script>var a = "<p>not shown</p>";</script></head><body>
            <a class=skip-link href=#main>Skip to content</a>
            <header class=site-header><a class=logo href=/>Guild</a><nav class=main-nav><ul>
            <li><a href=/>Home</a></li><li><a href=/news>News</a></li><li><a href=/shop>Shop</a></li><li><a
            href=/help>Help</a></li>
            <li><a href=/about>About us</a></li><li><a href=/contact>Contact</a></li></ul></nav></header>
            <main id=main>\(main)</main>
            <footer class=site-footer><ul><li><a href=/privacy>Our privacy choices</a></li><li><a
            href=/jobs>Careers at the guild</a></li>
            <li><a href=/terms>Terms</a></li></ul><p>© 2026 The Guild. All rights reserved.</p></footer></body></html>
            """
    }

    /// A first line and what follows it, parted by empty lines.
    private static func pairs(_ text: String) -> [(String, String)] {
        text.replacing("\n\n", with: "\u{1}").split(separator: "\u{1}").map { pair in
            let lines = pair.split(separator: "\n")
            return (String(lines.first ?? ""), lines.dropFirst().joined(separator: " "))
        }
    }

    private static let forumPosts = pairs(
        """
        tomasb
        My wheel has squeaked since the thaw. I greased both bearings twice and it made no difference at
        all, so what else could it be?

        wheelwright_77
        Have a look at the shaft first. If the frost lifted the stone below it, the bearing sits at an
        angle and no grease will help you.

        ines
        I had the same last year. It was a cracked paddle that touched the wall once a turn, which you
        only hear when the pond is full.

        tomasb
        Thanks, both of you! It was the stone indeed. I put a wedge below it, and the noise is gone.
        """)

    private static let blogPosts = pairs(
        """
        How we cast a new bell
        The old one had a crack from rim to crown. We tell how the mould was made and what went wrong
        twice.

        A winter without ice
        For the first time since the records began the basin stayed open, and the ferries with it.

        Meet the eel counter
        Every spring somebody has to sit by the ladder and count. This year it is a retired teacher.

        Five walks along the towpath
        From an easy hour to a whole day, with inns where you can dry your boots.

        What a lock keeper earns
        Less than you think, but the house comes with it, and so do the ducks.

        The mill that became a school
        Forty children learn to read where flour used to fall through the floor.

        Old tools, new hands
        Our workshop takes six apprentices a year; we asked what brought them here.

        When the river runs backwards
        Twice a year the tide is stronger than the stream, and the harbour fills with watchers.
        """)

    private static let lanterns = [
        "Harbour", "Barn", "Cellar", "Garden", "Boat", "Stable", "Attic", "Porch", "Tower", "Chapel", "Coach", "Miner",
    ]

    static let article = PageFixture(
        "article", "https://guild.example/news/2026/03/02/the-night-the-weir-gave-way",
        title: "The night the weir gave way | Guild",
        head: "<meta property=og:type content=article>"
            + linkedData(
                #"{"@type":"NewsArticle","headline":"The night the weir gave way","datePublished":"2026-03-02T06:00:00Z","author":{"@type":"Person","name":"Ines Carvalho"}}"#
            ),
        main: """
            <article class=post><header><h1>The night the weir gave way</h1><p class=byline>By <a rel=author
            href=/people/ines>Ines
            Carvalho</a> · <time datetime=2026-03-02>2 March 2026</time></p></header><div class=entry-content>
            <p>It had rained for nine days when the keeper of the upper lock heard the first beam crack, a
            little after two in the
            morning, and went out with a lamp to see what the river was doing.</p>
            <p>What he saw, he told the council on Monday, was a wall of brown water with a haystack on top of
            it. He rang the bell, woke
            his brother, and together they opened every gate that still moved.</p>
            <h2>Nobody slept below the bridge</h2>
            <p>By dawn the meadow had become a lake, and forty families had carried their beds upstairs. The
            school kept its doors open
            as a shelter, and the baker, whose oven stood on the hill, baked for all of them.</p>
            <blockquote><p>“We were lucky that somebody listens at night,” said the mayor.</p></blockquote>
            <p>Engineers will look at the foundations as soon as the water falls. Until then boats have to wait
            at the lower basin, which
            may take until the end of the month.</p></div></article>
            <aside class=related-posts><h3>More stories</h3><ul><li><a href=/news/1>Eels return to the
            canal</a></li><li><a
            href=/news/2>Ferry fares rise</a></li></ul></aside>
            """,
        wanted: ["nine days when the keeper", "carried their beds upstairs", "until the end of the month"])

    static let documentation = PageFixture(
        "documentation", "https://docs.guild.example/reference/v2/api/gates",
        title: "Gates API reference — Guild documentation",
        main: """
            <div class=docs-container><aside class=docs-sidebar><ul class=toctree><li><a
            href=/docs/start>Getting started</a></li><li><a
            href=/docs/install>Installation</a></li><li><a href=/docs/api/gates>Gates</a></li><li><a
            href=/docs/api/pumps>Pumps</a></li>
            </ul></aside><div class="document markdown-body"><h1>Gates API reference<a class=headerlink
            href=#gates>¶</a></h1>
            <p>The <code>gates</code> module opens and closes the gates of a lock. All functions return the
            position that the gate has
            reached, as a number between 0 and 100.</p>
            <h2>Installation</h2><pre><code>pip install lockgates</code></pre>
            <h2>open_gate(name, speed=10)</h2><p>Opens the gate called <code>name</code>. The default of
            <code>speed</code> is ten percent
            a second; a value below one raises <code>ValueError</code>.</p>

            <table><thead><tr><th>Parameter</th><th>Type</th><th>Description</th></tr></thead><tbody><tr><td><code>name</code></td>
            <td>str</td><td>The name of the gate in the configuration
            file</td></tr><tr><td><code>speed</code></td><td>float</td><td>How
            fast it moves</td></tr></tbody></table>
            <h3>Example</h3><pre><code class=language-python>from lockgates import
            open_gate\n\nopen_gate("upper", speed=5)\n</code></pre>
            <h2>close_gate(name)</h2><p>Closes the gate and waits until its sensor confirms it. See <a
            href=#open>open_gate</a> for the
            parameters.</p><div class="admonition note"><p>Note: this function is not thread
            safe.</p></div></div></div>
            """,
        wanted: [
            "opens and closes the gates of a lock", #"open_gate("upper", speed=5)"#,
            "waits until its sensor confirms it",
        ])

    static let forum = PageFixture(
        "forum", "https://forum.guild.example/threads/water-wheel-squeaks-after-winter.4711/",
        title: "Water wheel squeaks after winter | Guild Forum",
        head: linkedData(#"{"@type":"DiscussionForumPosting","headline":"Water wheel squeaks after winter"}"#),
        main: """
            <div class=breadcrumb><a href=/forums/>Forums</a> › <a href=/forums/wheels/>Wheels</a></div>
            <h1 class=thread-title>Water wheel squeaks after winter</h1><div class="thread posts">
            """
                + forumPosts.enumerated().map { number, post in
                    """
                    <article class="message post" id=post-\(number + 1)><div class=message-user><a class=username
                    href=/members/\(post.0)/>\(post.0)</a>
                    <span class=user-title>Member</span><dl><dt>Joined</dt><dd>Jan 4,
                    2019</dd><dt>Messages</dt><dd>12\(number)</dd></dl></div>
                    <div class=message-main><a href=#post-\(number + 1)><time
                    datetime=2026-03-0\(number + 1)T10:00:00Z>Mar \(number + 1), 2026</time></a>
                    <div class="message-body post-content"><p>\(post.1)</p></div><div class=message-actions><a
                    href=#like>Like</a> <a
                    href=#reply>Reply</a> <a href=#quote>Quote</a></div></div></article>
                    """
                }.joined() + "</div><form class=reply-form><p>You must log in to reply here.</p></form>",
        wanted: ["squeaked since the thaw", "the frost lifted the stone", "cracked paddle", "put a wedge below it"])

    static let listing = PageFixture(
        "listing", "https://guild.example/blog/", title: "Blog | Guild",
        main: "<h1>Blog</h1><p>News from the workshop, the river and the people who live by it.</p><div class=posts>"
            + blogPosts.enumerated().map { number, post in
                """
                <article class="post-card teaser"><h2 class=card-title><a
                href=/blog/post-\(number)>\(post.0)</a></h2><p
                class=card-meta>March \(number + 1), 2026</p><p class=excerpt>\(post.1)</p><a class=read-more
                href=/blog/post-\(number)>Read more</a></article>
                """
            }.joined()
            + "</div><nav class=pagination><a href=/blog/page/2>2</a><a href=/blog/page/2>Next</a></nav>",
        wanted: [
            "How we cast a new bell", "count. This year it is a retired teacher", "the harbour fills with watchers",
        ])

    static let collection = PageFixture(
        "collection", "https://shop.guild.example/collections/lanterns", title: "Lanterns – Guild Shop",
        head: linkedData(#"{"@type":"CollectionPage","name":"Lanterns"}"#),
        main: """
            <nav class=breadcrumbs><a href=/>Home</a> / Lanterns</nav><div class="collection
            collection-header"><h1>Lanterns</h1><p
            class=collection-description>Our lanterns are soldered by hand from copper and glass. They burn oil or
            candles, and hang from a hook as well as they stand on a table.</p></div><div class="collection-filters"><h3>Filter by
            price</h3><ul><li>Under $50</li>
            <li>$50 to $100</li></ul><label>Sort by<select><option>Featured</option></select></label></div><ul
            class="product-grid">
            """
                + lanterns.enumerated().map { number, name in
                    """
                    <li class="product-card grid-item"><a href=/products/\(name.lowercased())-lantern><img
                    src=/i/\(number).jpg alt="\(name)
                    lantern"><h3 class=product-title>\(name) lantern</h3></a><span class=price>$\(number + 39).00</span><button
                    class=add-to-cart>Add to cart</button></li>
                    """
                }.joined() + "</ul><nav class=pagination><a href=?page=2>2</a></nav>",
        wanted: ["soldered by hand from copper and glass"])

    static let product = PageFixture(
        "product", "https://shop.guild.example/products/harbour-lantern", title: "Harbour lantern – Guild Shop",
        head: "<meta property=og:type content=product>"
            + linkedData(
                #"{"@type":"Product","name":"Harbour lantern","offers":{"@type":"Offer","price":"39.00","priceCurrency":"USD"}}"#
            ),
        main: """
            <div class="product product-single"><div class=product-gallery><img src=/i/1.jpg alt="Harbour
            lantern"></div><div
            class=product-info><h1 class=product-title>Harbour lantern</h1><div class=price>$39.00</div><form
            action=/cart/add><label>Quantity
            <input name=quantity value=1></label><button class=add-to-cart>Add to cart</button></form><div
            class=product-description>
            <p>A lantern for wind and spray: the door closes with a brass latch, and the glass sits in felt, so
            that it can't rattle.</p>
            <p>It burns eleven hours on one filling. The handle stays cool enough for a bare
            hand.</p><ul><li>Copper, glass, brass</li>
            <li>31 cm high, 1.4 kg</li><li>Made to order within two weeks</li></ul></div></div></div>
            <section class=related-products><h2>You may also like</h2><ul><li><a
            href=/products/barn-lantern>Barn lantern</a> $44.00</li>
            <li><a href=/products/boat-lantern>Boat lantern</a> $59.00</li></ul></section><section
            class=reviews><h2>Customer reviews</h2><p>No
            reviews yet.</p></section>
            """,
        wanted: ["the door closes with a brass latch", "eleven hours on one filling"])

    static let service = PageFixture(
        "service", "https://guild.example/services/lock-maintenance", title: "Lock maintenance services | Guild",
        head: linkedData(#"{"@type":"Service","name":"Lock maintenance"}"#),
        main: """
            <section class=hero><h1>Lock maintenance you can rely on</h1><p>We keep gates, paddles and pumps in
            order for towns, harbours
            and private owners, all year round.</p><a class=cta href=/contact>Get a free quote</a></section>
            <section class=features><h2>Our services</h2><div class=feature><h3>Inspection</h3><p>Our divers
            check walls and sills twice a
            year, and you get a report with pictures within a week.</p></div><div
            class=feature><h3>Repair</h3><p>We replace beams, seals and
            hinges, and bring our own crane on a barge.</p></div><div class=feature><h3>Emergency
            service</h3><p>A team is on call day and
            night, and reaches every lock of the valley within ninety minutes.</p></div></section>
            <section class=why-us><h2>Why work with us?</h2><p>We have looked after locks for three generations,
            and our customers stay
            with us for twenty years on average.</p></section><section class=testimonials><h2>What our clients
            say</h2><blockquote>They came
            on Christmas Eve, and the ferry ran in the morning.</blockquote></section><section
            class=faq><h2>Frequently asked
            questions</h2><h3>How much does an inspection cost?</h3><p>It depends on the depth of the chamber; a
            small lock takes half a
            day.</p></section><section class=cta><h2>Ready to talk?</h2><a href=/contact>Contact us
            today</a></section>
            """,
        wanted: ["Our divers check walls and sills", "looked after locks for three generations"])
}
