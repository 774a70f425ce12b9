import Glibc
import JSON
import TestSupport
import Testing

/// Which connections go on with the TLS session of an earlier one, as a real server sees it.
@Suite("TLS sessions", .serialized, .enabled(if: Nginx.canUseTLS, "nginx or openssl is not installed"))
struct TLSSessionTests {
    /// More than the eight sessions that libcurl keeps in one place.
    private static let hosts = (1...40).map { "mill\($0).localhost" }

    @Test("Sessions of forty hosts are resumed, each by its own", arguments: ["TLSv1.2", "TLSv1.3"])
    func manyHosts(version: String) throws {
        let server = try SessionServer(hosts: Self.hosts, version: version)
        let plugin = try PluginProcess()
        let settings: JSONValue = [
            "urls": .array(Self.hosts.map { .string(server.url($0)) }), "allow_private": true, "robots": false,
            "ca_file": .string(server.certificate),
        ]
        let first = try plugin.fetch(settings)
        #expect(first.items.map { String(decoding: $0.body, as: UTF8.self) } == Self.hosts.map { _ in "new" })
        let second = try plugin.fetch(settings)
        let answers = second.items.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(answers.count == Self.hosts.count)
        // Of those that share a place the ninth would push out the first.
        #expect(answers.count { $0 == "resumed" } == Self.hosts.count, "\(answers)")
    }

    @Test("Who verifies otherwise, or not at all, or shows a certificate, neither takes a session nor gives one")
    func separation() throws {
        let host = "mill1.localhost"
        let server = try SessionServer(hosts: [host], version: "TLSv1.3")
        let plugin = try PluginProcess()
        let other = server.directory + "/another.pem"
        try Command.run(["/bin/cp", server.certificate, other])
        let ways: [(name: String, settings: [String: JSONValue])] = [
            ("an authority", ["ca_file": .string(server.certificate)]),
            ("not verified", ["ca_file": .string(server.certificate), "insecure": true]),
            ("nothing trusted", ["insecure": true]),
            ("another authority", ["ca_file": .string(other)]),
            (
                "a client certificate",
                [
                    "ca_file": .string(server.certificate), "client_certificate": .string(server.certificate),
                    "client_key": .string(server.key),
                ]
            ),
        ]
        func fetch(_ way: [String: JSONValue]) throws -> String {
            let settings: [String: JSONValue] = [
                "url": .string(server.url(host)), "allow_private": true, "robots": false,
            ]
            let result = try plugin.fetch(.object(settings.merging(way) { $1 }))
            return result.items.first.map { String(decoding: $0.body, as: UTF8.self) }
                ?? result.failed?.message ?? "nothing"
        }
        // Each of them has left what it has when the next one comes.
        for (name, settings) in ways { #expect(try fetch(settings) == "new", "\(name)") }
        for (name, settings) in ways {
            let keeps = name == "an authority" || name == "another authority"
            #expect(try fetch(settings) == (keeps ? "resumed" : "new"), "\(name)")
        }
        // With the system's authorities it is not trusted, whatever sessions there are.
        #expect(try fetch([:]).contains("certificate is not trusted"))
    }
}

/// An nginx that ends each connection after its answer, which is whether the TLS session was resumed.
private final class SessionServer {
    private let nginx: NginxProcess
    private let port: UInt16

    var directory: String { nginx.directory }
    var certificate: String { nginx.certificate }
    var key: String { nginx.key }
    func url(_ host: String) -> String { "https://\(host):\(port)/" }

    init(hosts: [String], version: String) throws {
        nginx = NginxProcess()
        port = try freePort()
        try nginx.makeCertificate(names: hosts)
        try nginx.start(
            http: """
                keepalive_timeout 0;
                map $ssl_session_reused $answer { r resumed; default new; }
                server {
                    listen 127.0.0.1:\(port) ssl;
                    ssl_protocols \(version);
                    ssl_session_cache shared:sessions:1m;
                    ssl_certificate \(nginx.certificate);
                    ssl_certificate_key \(nginx.key);
                    location / { default_type text/plain; return 200 $answer; }
                }
                """, port: port)
    }
}
