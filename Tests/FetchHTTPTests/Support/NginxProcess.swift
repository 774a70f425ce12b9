import Glibc
import TestSupport

/// An nginx with a directory of its own, ended with this value.
final class NginxProcess {
    static let isInstalled = Command.find("nginx") != nil
    static let canUseTLS = isInstalled && Command.find("openssl") != nil

    private let temporary = TemporaryDirectory()
    var directory: String { temporary.path }
    private var process: pid_t?

    /// The certificate and key that ``makeCertificate(names:)`` writes.
    var certificate: String { directory + "/certificate.pem" }
    var key: String { directory + "/key.pem" }

    deinit {
        if let process {
            kill(process, SIGTERM)
            waitpid(process, nil, 0)
        }
    }

    /// Writes a certificate for these names, signed by itself.
    func makeCertificate(names: [String]) throws {
        guard let openssl = Command.find("openssl") else { return }
        try Command.run([
            openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=mill", "-addext", "subjectAltName=" + names.map { "DNS:\($0)" }.joined(separator: ","),
            "-keyout", key, "-out", certificate,
        ])
    }

    /// Starts it with what stands in its `http` block, and waits until it listens on a port.
    func start(http: String, port: UInt16) throws {
        guard let nginx = Command.find("nginx") else { throw Command.Problem(description: "nginx is not installed") }
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(directory)/temporary_\($0);" }.joined(separator: "\n")
        let configuration = """
            daemon off;
            master_process off;
            pid \(directory)/pid;
            events {}
            http {
            \(temporary)
            access_log off;
            \(http)
            }
            """
        try Command.write(directory + "/nginx.conf", Array(configuration.utf8))
        process = try Command.start([nginx, "-p", directory, "-c", directory + "/nginx.conf", "-e", directory + "/log"])
        for _ in 0..<500 {
            if Command.isListening(port) { return }
            usleep(10_000)
        }
        throw Command.Problem(description: "nginx did not start; see \(directory)/log")
    }
}
