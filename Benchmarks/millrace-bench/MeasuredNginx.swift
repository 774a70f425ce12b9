import CSpawn
import Glibc

/// A web server on every loopback address, for as long as the object lives.
final class MeasuredNginx {
    /// The entity tag of everything below `/same/`, which answers 304 to it; what is below `/new/` always comes anew.
    let tag: String
    let port: UInt16
    private let process: pid_t

    /// Starts it with one page of `pageBytes`.
    init(in directory: String, pageBytes: Int) throws {
        guard mkdir("\(directory)/pages", 0o755) == 0 else { throw BenchmarkError("can't make \(directory)/pages") }
        var page = "<!DOCTYPE html><title>A page</title><p>"
        while page.utf8.count < pageBytes { page += "Water runs downhill only, and the mill takes what comes. " }
        try Files.write("\(directory)/pages/page.html", page)
        port = try Self.freePort()
        tag = "\"mill\""
        try Files.write(
            "\(directory)/nginx.conf",
            """
            daemon off; master_process off; pid \(directory)/nginx.pid; worker_rlimit_nofile 16384;
            events { worker_connections 8192; }
            http {
                \(Self.temporaryPaths(directory))
                access_log off; sendfile on; tcp_nopush on; etag off; if_modified_since off; keepalive_requests 100000;
                types { text/html html; }
                map $http_if_none_match $is_known { default 0; '\(tag)' 1; }
                server {
                    listen 0.0.0.0:\(port) backlog=8192;
                    root \(directory)/pages;
                    location /same/ {
                        add_header ETag '\(tag)' always;
                        if ($is_known) { return 304; }
                        rewrite ^ /page.html break;
                    }
                    location /new/ { rewrite ^ /page.html break; }
                    location / { return 404; }
                }
            }
            """)
        process = try Self.start(directory, configuration: "nginx.conf", port: port)
    }

    /// Where it keeps what does not fit into memory: all in the directory, whoever runs it.
    static func temporaryPaths(_ directory: String) -> String {
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(directory)/temporary;" }.joined(separator: " ")
    }

    /// Starts nginx with a configuration of the directory, and waits until it answers.
    static func start(_ directory: String, configuration: String, port: UInt16) throws -> pid_t {
        let programs: [String] = ["/usr/sbin/nginx", "/usr/bin/nginx"]
        guard let program = programs.first(where: { access($0, X_OK) == 0 }) else {
            throw BenchmarkError("there is no nginx; install the package nginx-light")
        }
        let process = try spawn([
            program, "-p", directory, "-c", "\(directory)/\(configuration)", "-e", "\(directory)/nginx.log",
        ])
        for _ in 0..<500 {
            if let descriptor = try? socket(port: port, connects: true) {
                close(descriptor)
                return process
            }
            usleep(10_000)
        }
        kill(process, SIGKILL)
        throw BenchmarkError("nginx does not answer; see \(directory)/nginx.log")
    }

    /// Starts a program without input and output.
    static func spawn(_ arguments: [String]) throws -> pid_t {
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var options = millrace_spawn_options()
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(nothing) }
        (options.standard_input, options.standard_output, options.standard_error) = (nothing, nothing, nothing)
        options.extra_descriptor = -1
        var failure: Int32 = 0
        let process = millrace_spawn(arguments[0], &pointers, environ, &options, &failure)
        guard process > 0 else {
            throw BenchmarkError("can't start \(arguments[0]): \(String(cString: strerror(failure)))")
        }
        return process
    }

    deinit {
        kill(process, SIGTERM)
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
    }

    var figures: ProcessFigures { ProcessFigures(of: process) }

    static func freePort() throws -> UInt16 {
        let descriptor = try socket(port: 0, connects: false)
        defer { close(descriptor) }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    static func socket(port: UInt16, connects: Bool) throws -> Int32 {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                let size = socklen_t(MemoryLayout<sockaddr_in>.size)
                return connects ? connect(descriptor, $0, size) : bind(descriptor, $0, size)
            }
        }
        guard descriptor >= 0, result == 0 else {
            close(descriptor)
            throw BenchmarkError("no socket on loopback: \(String(cString: strerror(errno)))")
        }
        return descriptor
    }
}
