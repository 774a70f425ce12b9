import Document
import HTML
import Testing

@testable import Normalisation

/// Pictures of pages: where they are, what stands under them, who made them, and which are none.
@Suite struct PageImagesTests {
    static func images(_ body: String, head: String = "") -> [Document.Image] {
        let document = HTMLParser.parse(Array("<html><head>\(head)</head><body>\(body)</body></html>".utf8))
        let metadata = PageMetadata(document, url: "https://canals.example/locks/page")
        let nodes = document.nodes.indices.map { Int32($0) }.filter { document.isElement($0, .img) }
        return PageImages.find(nodes, document, metadata).map(\.image)
    }

    @Test(arguments: [
        ("<img src=lock.jpg>", "https://canals.example/locks/lock.jpg"),
        ("<img src='data:image/gif;base64,R0' data-src=/late.jpg>", "https://canals.example/late.jpg"),
        ("<img src=low.jpg data-original=high.jpg>", "https://canals.example/locks/high.jpg"),
        ("<img srcset='a.jpg 320w, b.jpg 1280w, c.jpg 640w'>", "https://canals.example/locks/b.jpg"),
        ("<img srcset='a.jpg, b.jpg 2x'>", "https://canals.example/locks/b.jpg"),
        ("<img src='' srcset='/x,y=1.jpg 1x, /x,y=2.jpg 3x'>", "https://canals.example/x,y=2.jpg"),
        (
            "<picture><source srcset='s.webp 100w, t.webp 900w'><img alt=x></picture>",
            "https://canals.example/locks/t.webp"
        ),
    ])
    func sources(_ html: String, _ url: String) { #expect(Self.images(html).map(\.url) == [url]) }

    @Test(arguments: [
        "<img src=a.jpg width=1 height=1>", "<img src=a.jpg width=32 height=32>", "<img src='data:image/png;base64,x'>",
        "<img src=/assets/icons/a.png>", "<img src=/u/avatar-7.jpg>", "<img src=a.jpg class='emoji'>",
        "<img src=a.jpg class='site-logo'>", "<img src=a.jpg role=presentation>", "<img src=/blank.gif>",
        "<img src='javascript:alert(1)'>", "<img src='file:///etc/passwd'>", "<img>",
    ])
    func whatIsNone(_ html: String) { #expect(Self.images(html).isEmpty) }

    @Test func captionsAndCredits() {
        let figure = Self.images(
            """
            <figure><picture><img src=a.jpg alt=Alternative width=800 height=600></picture><figcaption>The upper gate
            <b>opens</b><span class="photo-credit">Photo: Ines Carvalho</span></figcaption></figure>
            """)
        #expect(
            figure == [
                Document.Image(
                    url: "https://canals.example/locks/a.jpg", caption: "The upper gate opens", credit: "Ines Carvalho",
                    width: 800, height: 600)
            ])
        let wordpress = Self.images(
            "<div class=wp-caption><a href=/a.jpg><img src=a.jpg></a><p class=wp-caption-text>At the weir. Foto: Jan Sluis</p></div>"
        )
        #expect(wordpress.first?.caption == "At the weir. Foto: Jan Sluis")
        #expect(wordpress.first?.credit == "Jan Sluis")
        let microdata = Self.images(
            "<div itemscope itemtype=https://schema.org/ImageObject><img src=a.jpg><div><span itemprop=caption>Low water</span>"
                + "<span itemprop=copyrightHolder>Canal Trust</span></div></div>")
        #expect(microdata.first?.caption == "Low water")
        #expect(microdata.first?.credit == "Canal Trust")
        #expect(Self.images("<p><img src=a.jpg alt='A  lock'></p>").first?.caption == "A lock")
        // What stands around two pictures is the caption of neither.
        let gallery = Self.images("<div><img src=a.jpg><img src=b.jpg><p class=caption>Both</p></div>")
        #expect(gallery.map(\.caption) == [nil, nil])
    }

    @Test func structuredDataSaysMore() {
        let head = """
            <meta property="og:image" content="https://canals.example/lead-1200x630.jpg">
            <script type="application/ld+json">{"@type":"NewsArticle","headline":"Locks","image":[
            {"@type":"ImageObject","url":"https://canals.example/locks/a.jpg","caption":"Gate &amp; paddle",
            "creditText":"Ines Carvalho","width":"1600px","height":{"@type":"QuantitativeValue","value":900}},
            {"@type":"ImageObject","contentUrl":"/lead-1200x630.jpg","creator":{"@type":"Person","name":"Jan Sluis"},
            "width":1200,"height":630}]}</script>
            """
        let images = Self.images("<img src=a.jpg>", head: head)
        #expect(
            images == [
                Document.Image(
                    url: "https://canals.example/lead-1200x630.jpg", credit: "Jan Sluis", width: 1200, height: 630),
                Document.Image(
                    url: "https://canals.example/locks/a.jpg", caption: "Gate & paddle", credit: "Ines Carvalho",
                    width: 1600, height: 900),
            ])
        // The lead picture is named once, in whatever size it stands in the content.
        #expect(Self.images("<img src=/lead-640x320.jpg>", head: head).count == 1)
        #expect(Self.images("<img src='/lead-1200x630.jpg?w=640'>", head: head).first?.credit == "Jan Sluis")
    }

    @Test func graphsOfObjects() {
        let head = """
            <script type="application/ld+json">{"@graph":[{"@type":"Article","headline":"Locks"},
            {"@type":"ImageObject","@id":"#i","url":"https://canals.example/locks/a.jpg","caption":"From the graph"}]}</script>
            """
        #expect(Self.images("<img src=a.jpg>", head: head).first?.caption == "From the graph")
    }
}
