import Glibc
import JSON
import TestSupport
import Testing

@testable import HTTPFetching

/// TLS that can't be trusted, from servers whose certificates an authority made in the test has signed.
@Suite("Hostile TLS", .serialized, .enabled(if: Command.find("openssl") != nil, "openssl is not installed"))
struct TLSTests {
    /// What one server shows, and the words that its failure must hold; nil: it is fetched.
    struct Server: Sendable, CustomTestStringConvertible {
        var name: String
        var certificate: String
        var options: [String] = []
        var words: String?
        var testDescription: String { name }
    }

    private static let weak = ["-cipher", "ALL:@SECLEVEL=0"]

    @Test(
        "Each ends in its stated failure, with the remedy; a good one is fetched",
        arguments: [
            Server(name: "good", certificate: "good"),
            Server(name: "expired", certificate: "expired", words: "certificate has expired"),
            Server(name: "not yet valid", certificate: "future", words: "certificate is not yet valid"),
            Server(name: "another name", certificate: "other", words: "alternative certificate subject name"),
            Server(name: "self-signed", certificate: "self", words: "self-signed certificate"),
            Server(name: "an authority that is none", certificate: "false", words: "unable to get local issuer"),
            Server(name: "a weak key", certificate: "weak", options: weak, words: "key too weak"),
            Server(name: "a weak digest", certificate: "sha1", options: weak, words: "digest algorithm too weak"),
            Server(
                name: "an old protocol", certificate: "good", options: ["-tls1"] + weak, words: "TLS with localhost"),
        ])
    func failures(server: Server) throws {
        let place = try Authority()
        let port = try place.serve(server.certificate, server.options)
        let plugin = try PluginProcess()
        let settings: JSONValue = [
            "url": .string("https://localhost:\(port)/"), "allow_private": true, "robots": false, "kind": "page",
            "ca_file": .string(place.path("ca.pem")), "connect_timeout": 10,
        ]
        let result = try plugin.fetch(settings)
        guard let words = server.words else {
            #expect(result.items.count == 1, "\(result.failed?.message ?? "")")
            return
        }
        #expect(result.items.isEmpty)
        #expect(result.failed?.message.contains(words) == true, "\(result.failed?.message ?? "no failure")")
        #expect(result.failed?.remedy?.isEmpty == false)
    }

    @Test("A client certificate opens what asks for one, and nothing else does")
    func clientCertificate() throws {
        let place = try Authority()
        let port = try place.serve("good", ["-Verify", "1", "-verify_return_error", "-CAfile", place.path("ca.pem")])
        var settings: [String: JSONValue] = [
            "url": .string("https://localhost:\(port)/"), "allow_private": true, "robots": false, "kind": "page",
            "ca_file": .string(place.path("ca.pem")),
        ]
        let plugin = try PluginProcess()
        #expect(try plugin.fetch(.object(settings)).items.isEmpty)
        settings["client_certificate"] = .string(place.path("client.pem"))
        settings["client_key"] = .string(place.path("client.key"))
        #expect(try plugin.fetch(.object(settings)).items.count == 1)
    }
}

/// An authority with certificates of all kinds, and servers that show them.
private final class Authority {
    private let directory = TemporaryDirectory()
    private let openssl: String
    private var servers: [pid_t] = []

    func path(_ name: String) -> String { directory.file(name) }

    init() throws {
        guard let openssl = Command.find("openssl") else { throw Command.Problem(description: "no openssl") }
        self.openssl = openssl
        try Command.write(path("make.sh"), Array(Self.script.utf8))
        try Command.run(["/bin/sh", path("make.sh"), directory.path, openssl])
    }

    deinit {
        for server in servers {
            kill(server, SIGKILL)
            waitpid(server, nil, 0)
        }
    }

    /// Starts a server that shows a certificate, and gives its port.
    func serve(_ certificate: String, _ options: [String]) throws -> UInt16 {
        let port = try freePort()
        let arguments = [
            openssl, "s_server", "-quiet", "-www", "-accept", "127.0.0.1:\(port)", "-cert", path(certificate + ".pem"),
            "-key", path(certificate + ".key"),
        ]
        servers.append(try Command.start(arguments + options))
        for _ in 0..<500 {
            if Command.isListening(port) { return port }
            usleep(10_000)
        }
        throw Command.Problem(description: "openssl s_server did not start")
    }

    /// Makes the certificates: NAME.pem and NAME.key.
    private static let script = """
        set -e
        cd "$1"
        openssl="$2"
        mkdir new
        : > index.txt
        echo 01 > serial
        cat > ca.conf <<END
        [ca]
        default_ca = own
        [own]
        database = index.txt
        serial = serial
        new_certs_dir = new
        default_md = sha256
        policy = any
        unique_subject = no
        [any]
        commonName = supplied
        [local]
        subjectAltName = DNS:localhost
        [another]
        subjectAltName = DNS:elsewhere.example
        END
        key() { "$openssl" ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
        authority() {
            key "$1"
            "$openssl" req -x509 -new -key "$1.key" -days 10 -subj "/CN=$2" -out "$1.pem" \\
                -addext basicConstraints=critical,CA:TRUE
        }
        signed() { # name authority extensions begin end digest
            "$openssl" req -new -key "$1.key" -subj /CN=localhost -out "$1.csr"
            "$openssl" ca -batch -notext -config ca.conf -cert "$2.pem" -keyfile "$2.key" -in "$1.csr" -out "$1.pem" \\
                -extensions "$3" -startdate "$4" -enddate "$5" -md "$6"
        }
        authority ca "Own authority"
        authority no "No authority"
        begin=$(date -u -d '-2 days' +%Y%m%d%H%M%SZ)
        past=$(date -u -d '-1 day' +%Y%m%d%H%M%SZ)
        soon=$(date -u -d '+1 day' +%Y%m%d%H%M%SZ)
        end=$(date -u -d '+2 days' +%Y%m%d%H%M%SZ)
        for name in good expired future other false sha1 client; do key $name; done
        signed good ca local $begin $end sha256
        signed expired ca local $begin $past sha256
        signed future ca local $soon $end sha256
        signed other ca another $begin $end sha256
        signed false no local $begin $end sha256
        signed sha1 ca local $begin $end sha1
        signed client ca local $begin $end sha256
        "$openssl" genrsa -out weak.key 1024
        signed weak ca local $begin $end sha256
        key self
        "$openssl" req -x509 -new -key self.key -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -out self.pem
        """
}
