import Testing
import XML

@Suite("XML")
struct XMLTests {
    /// The events of a text as one line: `<a>` starts, `</a>` ends, text as it reads.
    private func events(_ text: String, limits: XMLLimits = XMLLimits()) -> String {
        var reader = XMLReader(Array(text.utf8), limits: limits)
        var result = ""
        while true {
            switch reader.next() {
            case .finished: return result
            case .start: result += "<\(reader.localName)>"
            case .end: result += "</\(reader.localName)>"
            case .text:
                var bytes: [UInt8] = []
                reader.appendText(to: &bytes)
                result += String(decoding: bytes, as: UTF8.self)
            }
        }
    }

    @Test(
        "Whatever the text, every start has its end",
        arguments: [
            ("<a><b>x</b></a>", "<a><b>x</b></a>"), ("<a><b>x</a>", "<a><b>x</b></a>"), ("<a>x</b>y</a>", "<a>xy</a>"),
            ("<a><b/>x", "<a><b></b>x</a>"), ("<A>x</a>", "<a>x</a>"), ("a < b", "a < b"),
            ("<a>1 < 2</a>", "<a>1 < 2</a>"),
            ("<a b=c d='<e>'>x</a>", "<a>x</a>"), ("<a><![CDATA[<b>&amp;]]></a>", "<a><b>&amp;</a>"),
            ("<a><![CDATA[never ends", "<a>never ends</a>"), ("<a><!-- <b> -->x</a>", "<a>x</a>"),
            ("<?xml version='1.0'?><a/>", "<a></a>"), ("<a x=\"1", "<a></a>"), ("", ""), ("<", "<"), ("<a", "<a></a>"),
            ("<a></a", "<a></a>"), ("<a b<c>x", "<a><c>x</c></a>"),
        ])
    func recovery(_ text: String, _ expected: String) { #expect(events(text) == expected) }

    @Test(
        "References of XML, HTML and numbers; what means nothing stays",
        arguments: [
            ("&lt;&amp;&#65;&#x42;", "<&AB"), ("&eacute;&nbsp;&mdash;", "é\u{A0}—"),
            ("&nothing; & &#; AT&T", "&nothing; & &#; AT&T"),
            ("&#146;", "’"), ("&#xD800;&#x110000;&#0;", "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ("&#99999999999999999999;", "\u{FFFD}99999999;"),
        ])
    func references(_ text: String, _ expected: String) { #expect(events("<a>\(text)</a>") == "<a>\(expected)</a>") }

    @Test("Entities of the internal subset are resolved within a bound, external ones never")
    func entities() {
        #expect(events("<!DOCTYPE a [<!ENTITY x 'y &amp; z'>]><a>&x;</a>") == "<a>y & z</a>")
        #expect(events("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>") == "<a>&x;</a>")
        var bomb = "<!DOCTYPE a [<!ENTITY l0 'ha'>"
        for level in 1...20 { bomb += "<!ENTITY l\(level) '" + String(repeating: "&l\(level - 1);", count: 10) + "'>" }
        #expect(events(bomb + "]><a>&l20;</a>").utf8.count < 256 * 1024)
        #expect(events("<!DOCTYPE a [<!ENTITY x '&x;&x;'>]><a>&x;</a>").utf8.count < 256 * 1024)
    }

    @Test("Namespaces, bases and languages are inherited")
    func scopes() {
        let text = """
            <feed xmlns="urn:one" xmlns:d="urn:two" xml:base="http://a.example/" xml:lang="en"><d:x xml:lang="de">\
            <y xmlns=""/></d:x><undeclared:z/></feed>
            """
        var reader = XMLReader(Array(text.utf8))
        var seen: [String] = []
        while true {
            let event = reader.next()
            if event == .finished { break }
            if event == .start {
                seen.append("\(reader.localName) \(reader.namespace) \(reader.language ?? "") \(reader.bases.count)")
            }
        }
        #expect(seen == ["feed urn:one en 1", "x urn:two de 1", "y  de 1", "z undeclared en 1"])
    }

    @Test("A hundred thousand nested elements and a million attributes end within the limits")
    func depth() {
        let text = String(repeating: "<a>", count: 100_000) + "x"
        var reader = XMLReader(Array(text.utf8))
        var deepest = 0
        while reader.next() != .finished { deepest = max(deepest, reader.depth) }
        #expect(deepest == XMLLimits().depth)
        var tokenizer = XMLTokenizer(Array(("<a" + String(repeating: " b=c", count: 1_000_000) + ">").utf8))
        #expect(tokenizer.next() == .startElement)
        #expect(tokenizer.attributes.count == XMLLimits().attributes)
    }

    @Test("Mutated text never brings the reader down and starts balance ends")
    func mutations() {
        let seed = Array(
            """
            <?xml version="1.0" encoding="utf-8"?><!DOCTYPE rss [<!ENTITY e "v">]><rss version="2.0" xmlns:x="u"><channel>\
            <title a='1' b="2">T &amp; &#x41; &e;</title><!-- c --><x:y><![CDATA[ d ]]></x:y><z/></channel></rss>
            """.utf8)
        var state: UInt64 = 7
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<3000 {
            var bytes = seed
            for _ in 0...random(6) {
                let place = random(bytes.count)
                switch random(3) {
                case 0: bytes[place] = UInt8(random(256))
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + random(12)))
                default: bytes.insert(contentsOf: seed[random(seed.count)...].prefix(random(20)), at: place)
                }
                if bytes.isEmpty { bytes = seed }
            }
            var reader = XMLReader(bytes)
            var open = 0
            var steps = 0
            loop: while true {
                steps += 1
                switch reader.next() {
                case .finished: break loop
                case .start: open += 1
                case .end: open -= 1
                case .text:
                    var text: [UInt8] = []
                    reader.appendText(to: &text)
                }
                if steps > 10_000 { break }
            }
            #expect(open == 0 && steps < 10_000)
        }
    }
}
