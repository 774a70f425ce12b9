import JSON
import PluginProtocol
import Testing

@testable import HTTPFetching

@Suite("Settings and state")
struct SettingsTests {
    @Test("The defaults")
    func defaults() throws {
        let source: JSONValue = ["url": "https://example.org/"]
        let settings = try HTTPSettings(source)
        #expect(try HTTPSettings.addresses(in: source).map(\.text) == ["https://example.org/"])
        #expect(settings.userAgent == "Millrace/0.1")
        #expect(settings.method == "GET")
        #expect(settings.maximumRedirects == 10)
        #expect(!settings.insecure)
        #expect(settings.addressPolicy == .publicOnly)
    }

    @Test("url and urls together, doubled ones once")
    func addresses() throws {
        let source: JSONValue = ["url": "http://a/1", "urls": ["http://a/2", "http://u:p@a/1", "http://a/2"]]
        #expect(try HTTPSettings.addresses(in: source).map(\.text) == ["http://a/1", "http://a/2"])
    }

    @Test("The User-Agent tells the contact")
    func userAgent() throws {
        #expect(try HTTPSettings(["url": "http://a/", "contact": "me@a"]).userAgent == "Millrace/0.1 (+me@a)")
        #expect(try HTTPSettings(["url": "http://a/", "contact": "x", "user_agent": "Mine"]).userAgent == "Mine")
    }

    @Test("A body makes it a POST")
    func body() throws {
        #expect(try HTTPSettings(["url": "http://a/", "body": "{}"]).method == "POST")
        #expect(try HTTPSettings(["url": "http://a/", "body": "{}", "method": "put"]).method == "PUT")
    }

    @Test(
        "Each fault is one of the configuration and names the setting",
        arguments: [
            ([:], "url"), (["url": "ftp://x/"], "ftp"), (["url": 3], "url"),
            (["url": "http://a/", "headers": ["A\n": "b"]], "headers"),
            (["url": "http://a/", "headers": ["A": "b\r\nC: d"]], "headers"),
            (["url": "http://a/", "user_agent": "a\nb"], "user_agent"),
            (["url": "http://a/", "password": "x"], "username"),
            (["url": "http://a/", "username": "x", "bearer_token": "y"], "bearer_token"),
            (["url": "http://a/", "allow_private": ["10.0.0.0/64"]], "allow_private"),
            (["url": "http://a/", "allow_private": "yes"], "allow_private"),
            (["url": "http://a/", "max_redirects": -1], "max_redirects"),
            (["url": "http://a/", "max_size": 1.5], "max_size"),
            (["url": "http://a/", "request_timeout": 0], "request_timeout"),
            (["url": "http://a/", "kind": "book"], "kind"), (["url": "http://a/", "method": "GET /"], "method"),
            (["url": "http://a/", "proxy": "example"], "proxy"), (["url": "http://a/", "insecure": 1], "insecure"),
        ] as [(JSONValue, String)])
    func faults(settings: JSONValue, named: String) {
        #expect {
            _ = try HTTPSettings.addresses(in: settings)
            _ = try HTTPSettings(settings)
        } throws: { error in
            guard let failure = error as? FetchFailure else { return false }
            return failure.kind == .configuration && (failure.message + (failure.remedy ?? "")).contains(named)
        }
    }

    @Test("Each setting is in the schema, with a description")
    func schema() throws {
        let properties = try #require(HTTPSettings.schema["properties"]?.object)
        for name in [
            "url", "urls", "kind", "headers", "contact", "user_agent", "method", "body", "username", "password",
            "authentication", "bearer_token", "proxy", "ca_file", "client_certificate", "client_key",
            "client_key_password", "insecure", "allow_private", "request_timeout", "connect_timeout", "low_speed_limit",
            "low_speed_time", "max_size", "max_redirects", "max_concurrency", "limit",
        ] {
            #expect(properties[name]?["description"]?.string?.isEmpty == false, "\(name)")
        }
        for secret in ["password", "bearer_token", "client_key_password", "proxy"] {
            #expect(properties[secret]?["format"] == "secret")
        }
    }

    @Test("What is remembered of an address survives its way through the state")
    func state() throws {
        let configured = try WebAddress("http://a/1")
        let other = try WebAddress("http://a/2")
        let state = AddressState(
            headers: ["etag": "W/\"x\"", "last-modified": "Tue, 24 Nov 2026 12:00:00 GMT"], effective: other,
            configured: configured)
        #expect(AddressState(state.json) == state)
        #expect(state.conditions(at: configured, configured: configured).isEmpty)
        #expect(
            state.conditions(at: other, configured: configured) == [
                .init(name: "If-None-Match", value: "W/\"x\""),
                .init(name: "If-Modified-Since", value: "Tue, 24 Nov 2026 12:00:00 GMT"),
            ])
    }

    @Test("Nothing is remembered that could not be sent back")
    func unusableState() throws {
        let address = try WebAddress("http://a/1")
        let long = String(repeating: "x", count: 5000)
        let state = AddressState(headers: ["etag": long], effective: address, configured: address)
        #expect(state.json == nil)
        #expect(AddressState(["etag": "a\r\nEvil: 1"]).entityTag == nil)
        #expect(AddressState("nonsense").json == nil)
        #expect(AddressState(nil).json == nil)
    }

    @Test("A queue gives back in order what was put in")
    func deque() {
        var queue: Deque<Int> = []
        var taken: [Int] = []
        for number in 0..<1000 {
            queue.append(number)
            if number % 3 != 0, let first = queue.popFirst() { taken.append(first) }
        }
        while let first = queue.popFirst() { taken.append(first) }
        #expect(taken == Array(0..<1000))
        #expect(queue.isEmpty && queue.first == nil)
    }
}
