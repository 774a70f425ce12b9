import Testing

@testable import HTTPFetching

@Suite("Web addresses")
struct WebAddressTests {
    @Test("User name and password are taken out of the text")
    func credentials() throws {
        let address = try WebAddress("https://us%40er:p%3Aw@Example.org/a?b=c#d")
        #expect(address.text == "https://example.org/a?b=c" || address.text == "https://Example.org/a?b=c")
        #expect(address.username == "us@er")
        #expect(address.password == "p:w")
        #expect(address.host == "example.org")
        #expect(address.port == 443)
        #expect(address.origin == "https://example.org:443")
    }

    @Test("IPv6 and ports")
    func hosts() throws {
        let address = try WebAddress("http://[2001:db8::1]:8080/")
        #expect(address.host == "2001:db8::1")
        #expect(address.port == 8080)
    }

    @Test("The odd notations of IPv4 come out as what they are")
    func oddNotations() throws {
        for text in ["http://0x7f000001/", "http://2130706433/", "http://0177.0.0.1/", "http://127.1/"] {
            #expect(try WebAddress(text).host == "127.0.0.1", "\(text)")
        }
    }

    @Test("What is taken apart without libcurl is what libcurl makes of it")
    func plainAddresses() throws {
        let base = try WebAddress("https://base.example/")
        let hosts = [
            "a", "z9", "-", "127", "0", "255", "256", "1", "01", ".", "0x7f", "xn--a", "A", "%41", "[::1]", "@",
        ]
        let paths = ["/", "a", "Z9", ".", "..", "?", "=", "&", "%2e", "~", "_", ";", "#", ":", "\\", " "]
        var plain = 0
        for _ in 0..<50_000 {
            var text = Bool.random() ? "http://" : "https://"
            for _ in 0..<Int.random(in: 1...8) { text += hosts.randomElement() ?? "" }
            text += ["", "", ":80", ":443", ":0", ":08", ":65535", ":65536", ":"].randomElement() ?? ""
            text += ["/", "/", "", "?"].randomElement() ?? ""
            for _ in 0..<Int.random(in: 0...6) { text += paths.randomElement() ?? "" }
            guard let parts = PlainAddress(text) else { continue }
            plain += 1
            let address = try WebAddress(text, relativeTo: base)
            #expect(address.text == text)
            #expect((parts.scheme, parts.host, parts.port) == (address.scheme, address.host, address.port), "\(text)")
        }
        #expect(plain > 100)
        for text in [
            "http://127.1/", "http://0x7f.1/", "http://1.2.3.4.5/", "http://a/./b", "http://a/../b", "http://a.1/",
        ] {
            #expect(PlainAddress(text) == nil, "\(text)")
        }
        #expect(PlainAddress("https://www.example.org/a/b.html?c=d&e=1") != nil)
        #expect(PlainAddress("http://127.1.0.25:8080/new/1") != nil)
    }

    @Test(
        "What can't be fetched is refused",
        arguments: ["", "example.org", "/a", "http://", "http://a b/", "http://a\r\nX: y/", "https://h:99999/"])
    func malformed(text: String) {
        #expect { try WebAddress(text) } throws: {
            guard case WebAddress.Fault.malformed = $0 else { return false }
            return true
        }
    }

    @Test("What a redirect names is relative to where it came from")
    func relative() throws {
        let base = try WebAddress("https://user:secret@example.org:8443/a/b?c")
        func resolved(_ location: String) throws -> String { try WebAddress(location, relativeTo: base).text }
        #expect(try resolved("d") == "https://example.org:8443/a/d")
        #expect(try resolved("/d e#f") == "https://example.org:8443/d%20e")
        #expect(try resolved("?x") == "https://example.org:8443/a/b?x")
        #expect(try resolved("//other/x") == "https://other/x")
        #expect(try resolved("http://u:p@other/") == "http://other/")
        #expect(try WebAddress("d", relativeTo: base).username == nil)
        #expect(throws: WebAddress.Fault.unsupportedScheme("file")) {
            try WebAddress("file:///etc/passwd", relativeTo: base)
        }
    }

    @Test("Other protocols are named", arguments: ["ftp", "wss", "gopher", "dict", "javascript"])
    func unsupported(scheme: String) {
        #expect(throws: WebAddress.Fault.unsupportedScheme(scheme)) { try WebAddress("\(scheme)://host/") }
    }

    @Test("No message holds what stands before the @")
    func redaction() {
        for text in [
            "http://user:hunter2@example.org/a", "ftp://user:hunter2@example.org/", "http://user:hunter2@ bad host/",
            "user:hunter2@host", "http://user:hunter2@a@b/",
        ] {
            #expect(!WebAddress.redacted(text).contains("hunter2"), "\(text)")
        }
        #expect(WebAddress.redacted("http://user:x@example.org/a") == "http://example.org/a")
    }
}
