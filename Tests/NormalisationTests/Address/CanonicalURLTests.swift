import Normalisation
import Testing

@Suite("URLs")
struct CanonicalURLTests {
    @Test(
        "Canonical form: no fragment, no tracking, normal spelling",
        arguments: [
            ("http://Example.ORG:80", "http://example.org/"),
            ("HTTPS://example.org:443/a/./b/../c", "https://example.org/a/c"),
            ("https://example.org/a?utm_source=x&id=7&fbclid=y#top", "https://example.org/a?id=7"),
            ("https://example.org/?gclid=1", "https://example.org/"),
            ("https://example.org/%7ebob/%e4", "https://example.org/~bob/%E4"),
            ("https://example.org/a b/é", "https://example.org/a%20b/%C3%A9"),
            ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
            (" https://example.org/\n ", "https://example.org/"), ("https:\\\\example.org\\a", "https://example.org/a"),
            ("https://example.org:8080/a", "https://example.org:8080/a"),
            ("https://example.org/a?b=%zz", "https://example.org/a?b=%25zz"),
            ("https://example.org/a?b=1&amp=2", "https://example.org/a?b=1&amp=2"),
            ("http://[2001:DB8::1]/", "http://[2001:db8::1]/"),
        ])
    func canonical(_ url: String, _ expected: String) {
        #expect(CanonicalURL.of(url) == expected)
        #expect(CanonicalURL.of(expected) == expected)
    }

    @Test(
        "What is no web address has no canonical form",
        arguments: [
            "", "example.org", "/a", "mailto:a@b.example", "javascript:alert(1)", "http://", "http:///a", "http://a b/",
            "ftp://a/b",
            "http://exa<mple/", "https://a:99999999/",
        ])
    func noAddress(_ url: String) { #expect(CanonicalURL.of(url) == nil) }

    // RFC 3986, section 5.4, with the trailing marks that its examples have.
    @Test(
        "References against a base",
        arguments: [
            ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"), ("#s", "http://a/b/c/d;p?q#s"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"), ("..", "http://a/b/"), ("../g", "http://a/b/g"), ("../../../../g", "http://a/g"),
            ("/./g", "http://a/g"), ("g.", "http://a/b/c/g."), ("..g", "http://a/b/c/..g"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("http:g", "http://a/b/c/g"), ("https://x/y", "https://x/y"),
        ])
    func references(_ reference: String, _ expected: String) {
        #expect(CanonicalURL.resolve(reference, against: "http://a/b/c/d;p?q") == expected)
    }

    @Test("Mutated addresses: what is canonical stays so")
    func mutations() {
        var random = Randomness(state: 11)
        let seeds = ["https://user@Bücher.example:8080/a/../b;c?d=e&utm_x=f#g", "//x/y", "../..//a?b#c", "file:///a/b"]
        for round in 0..<8000 {
            let text = String(decoding: random.mutated(Array(seeds[round % seeds.count].utf8)), as: UTF8.self)
            if let url = CanonicalURL.of(text) { #expect(CanonicalURL.of(url) == url, "\(text)") }
            _ = CanonicalURL.resolve(text, against: "https://example.org/x/y")
            _ = CanonicalURL.resolve("a/b", against: text)
        }
    }
}
