import Glibc
import HTTPFetching

/// `millrace-fetch-http`: the fetch plugin for web pages, feeds and sitemaps.
@main
struct FetchHTTP {
    static func main() {
        guard let service = FetchService(input: STDIN_FILENO, output: STDOUT_FILENO) else {
            fail("libcurl or epoll could not be set up: out of memory or descriptors")
        }
        if let error = service.run() { fail("the core \(error)") }
    }

    private static func fail(_ message: String) -> Never {
        let line = Array("millrace-fetch-http: \(message)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(1)
    }
}
