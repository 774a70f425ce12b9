import ArgumentParser
import CSpawn
import Glibc
import JSON

/// Many slow transfers at the same time: how many connections they take, and how much memory.
struct TransfersBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfers",
        abstract: "Connections and memory of the http fetcher with many slow transfers by HTTP/2 over TLS.",
        discussion: """
            An nginx on loopback, with a certificate that is made for the run, sends each body slowly. Each number of transfers \
            has a fetcher of its own; all of them are begun at once.
            """)

    @Option(help: "Numbers of transfers, with commas between them.")
    var transfers = "100,1000,4000"
    @Option(help: "Hosts that they are spread over.")
    var hosts = 64
    @Option(help: "Bytes of a body.")
    var bodyBytes = 1 << 20
    @Option(help: "Seconds that a body takes at least.")
    var seconds = 10

    func validate() throws {
        guard !numbers.isEmpty, numbers.allSatisfy({ $0 > 0 && $0 <= 100_000 }) else {
            throw ValidationError("--transfers is a list of numbers from 1 to 100000")
        }
        guard (1...250).contains(hosts) else { throw ValidationError("--hosts is 1 to 250") }
        guard (1...(32 << 20)).contains(bodyBytes) else { throw ValidationError("--body-bytes is 1 to 33554432") }
        guard (1...600).contains(seconds) else { throw ValidationError("--seconds is 1 to 600") }
    }

    private var numbers: [Int] { transfers.split(separator: ",").map { Int($0) ?? 0 } }

    func run() throws {
        let scratch = try ScratchDirectory(in: "/tmp")
        HTTPBenchmark.allowManyDescriptors()
        let server = try SlowServer(in: scratch.path, hosts: hosts, bodyBytes: bodyBytes, seconds: seconds)
        var rows: [JSONValue] = []
        for number in numbers {
            Progress.show("transfers: \(number) at a time")
            let fetcher = try MeasuredFetcher()
            let idle = fetcher.figures.resident
            let before = try server.accepted()
            let addresses = (0..<number).map { "https://127.2.0.\($0 % hosts + 1):\(server.port)/body?\($0)" }
            let begin = ContinuousClock.now
            let result = try fetcher.fetch(
                addresses,
                settings: [
                    "ca_file": .string(server.certificate), "allow_private": true, "robots": false,
                    "max_concurrency": 64, "request_timeout": .integer(Int64(seconds * 60)),
                ])
            let taken = (ContinuousClock.now - begin).seconds
            guard result.changed == number, result.bytes == number * bodyBytes else {
                throw BenchmarkError(
                    "\(result.changed) of \(number) bodies came, \(result.failed) failed; "
                        + (result.lastFailure ?? "no failure"))
            }
            let figures = fetcher.figures
            rows.append([
                "transfers": .integer(Int64(number)),
                "connections": .integer(Int64(try server.accepted() - before - 1)),
                "seconds": taken.rounded2, "idle_mebibytes": (Double(idle) / 1_048_576).rounded2,
                "peak_mebibytes": (Double(figures.peak) / 1_048_576).rounded2,
                "processor_seconds": figures.processor.rounded2,
            ])
        }
        Progress.clear()
        printResult([
            "benchmark": "transfers", "hosts": .integer(Int64(hosts)), "body_bytes": .integer(Int64(bodyBytes)),
            "seconds_of_a_body": .integer(Int64(seconds)), "rounds": .array(rows),
        ])
    }
}

/// An nginx that speaks HTTP/2 over TLS and sends what it has slowly.
private final class SlowServer {
    let port: UInt16
    let certificate: String
    private let statusPort: UInt16
    private let process: pid_t

    init(in directory: String, hosts: Int, bodyBytes: Int, seconds: Int) throws {
        (port, statusPort) = (try MeasuredNginx.freePort(), try MeasuredNginx.freePort())
        certificate = "\(directory)/certificate.pem"
        let names = (1...hosts).map { "IP:127.2.0.\($0)" }.joined(separator: ",")
        try Self.run([
            "/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", "/CN=mill", "-addext", "subjectAltName=\(names)", "-keyout", "\(directory)/key.pem",
            "-out", certificate,
        ])
        guard mkdir("\(directory)/slow", 0o755) == 0 else { throw BenchmarkError("can't make \(directory)/slow") }
        try Files.write("\(directory)/slow/body", String(repeating: "x", count: bodyBytes))
        try Files.write(
            "\(directory)/slow.conf",
            """
            daemon off; master_process off; pid \(directory)/slow.pid; worker_rlimit_nofile 16384;
            events { worker_connections 8192; }
            http {
                \(MeasuredNginx.temporaryPaths(directory))
                access_log off; etag off; if_modified_since off; keepalive_requests 100000; default_type text/html;
                server {
                    listen 0.0.0.0:\(port) ssl http2 backlog=8192;
                    ssl_certificate \(certificate);
                    ssl_certificate_key \(directory)/key.pem;
                    root \(directory)/slow;
                    location = /body { limit_rate \(max(1, bodyBytes / seconds)); }
                    location / { return 404; }
                }
                server { listen 127.0.0.1:\(statusPort); stub_status; }
            }
            """)
        process = try MeasuredNginx.start(directory, configuration: "slow.conf", port: statusPort)
    }

    deinit {
        kill(process, SIGTERM)
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
    }

    /// Connections that it took so far, that of the question included.
    func accepted() throws -> Int {
        let descriptor = try MeasuredNginx.socket(port: statusPort, connects: true)
        defer { close(descriptor) }
        let question = Array("GET / HTTP/1.0\r\n\r\n".utf8)
        guard send(descriptor, question, question.count, Int32(MSG_NOSIGNAL)) == question.count else {
            throw BenchmarkError("nginx does not answer")
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            answer += chunk[..<count]
        }
        // "server accepts handled requests", and under it the three numbers (ngx_http_stub_status_module).
        let lines = String(decoding: answer, as: UTF8.self).split(separator: "\n")
        guard let title = lines.firstIndex(where: { $0.hasPrefix("server accepts") }), title + 1 < lines.count,
            let accepts = lines[title + 1].split(separator: " ").first.flatMap({ Int($0) })
        else { throw BenchmarkError("nginx has no stub_status") }
        return accepts
    }

    private static func run(_ arguments: [String]) throws {
        let process = try MeasuredNginx.spawn(arguments)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw BenchmarkError("\(arguments[0]) ended with status \(status)") }
    }
}
