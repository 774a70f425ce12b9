import Glibc
import TestSupport

/// A real web server on loopback, with a directory and a configuration of its own.
final class Nginx {
    static let isInstalled = NginxProcess.isInstalled
    static let canUseTLS = NginxProcess.canUseTLS

    let directory: String
    let port: UInt16
    let securePort: UInt16
    private let process: NginxProcess

    /// Where pages are.
    var pages: String { directory + "/pages" }
    /// The address of a page.
    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }
    /// The certificate that the TLS server shows.
    var certificate: String { process.certificate }

    init(secure: Bool = false) throws {
        process = NginxProcess()
        directory = process.directory
        port = try freePort()
        securePort = try freePort()
        mkdir(directory + "/pages", 0o755)
        let page = "<p>" + String(repeating: "water mill ", count: 500)
        try Command.write(directory + "/pages/page.html", Array(page.utf8))
        try Command.write(directory + "/pages/bomb.html", [UInt8](repeating: 0x20, count: 30 << 20))
        try Command.write(directory + "/pages/feed.txt", Array("\n<rss></rss>".utf8))
        try Command.write(directory + "/users", Array("mill:{PLAIN}hunter2\n".utf8))
        if secure { try process.makeCertificate(names: ["localhost"]) }
        try process.start(http: Self.configuration(directory, port, securePort, secure), port: port)
    }

    private static func configuration(_ directory: String, _ port: UInt16, _ secure: UInt16, _ usesTLS: Bool) -> String
    {
        let tls =
            usesTLS
            ? """
            listen 127.0.0.1:\(secure) ssl http2;
            ssl_certificate \(directory)/certificate.pem;
            ssl_certificate_key \(directory)/key.pem;
            """ : ""
        return """
            types { text/html html; text/plain txt; application/octet-stream bin; }
            charset utf-8;
            server {
                listen 127.0.0.1:\(port);
                listen 127.0.0.2:\(port);
                \(tls)
                root \(directory)/pages;
                gzip on;
                location /connection { default_type text/plain; return 200 "$connection"; }
                location /moved { return 301 /page.html; }
                location /loop { return 302 /loop; }
                location /elsewhere { return 302 http://127.0.0.2:\(port)/echo; }
                location /to-file { return 302 file:///etc/passwd; }
                location /nowhere { return 304; }
                location /echo {
                    default_type text/plain;
                    return 200 "host=$host method=$request_method agent=$http_user_agent auth=$http_authorization key=$http_x_api_key protocol=$server_protocol";
                }
                location /give-cookie { add_header Set-Cookie "mill=1"; return 302 /cookie; }
                location /cookie { default_type text/plain; return 200 "cookie=$http_cookie"; }
                location /secret { auth_basic mill; auth_basic_user_file \(directory)/users; try_files /page.html =404; }
                location /leak { return 302 http://127.0.0.2:\(port)/echo; }
                location /gone { return 410; }
                location /forbidden { return 403; }
                location /busy { add_header Retry-After 7 always; return 503; }
                location /slow-down { add_header Retry-After "Tue, 24 Nov 2099 12:00:00 GMT" always; return 429; }
                location /fresh { add_header Cache-Control "max-age=600"; default_type text/html; return 200 "<p>x"; }
                location /odd { default_type "text/html; charset=windows-1252"; return 200 "x"; }
                location /empty { return 204; }
            }
            """
    }
}
