import Glibc
import HTTPFetching

/// `millrace-fetch-http`: the fetch plugin for web pages, feeds and sitemaps.
@main
struct FetchHTTP {
    static func main() {
        let limits = FetchService.Limits(
            descriptors: allowManyDescriptors(), temporaryDirectory: getenv("TMPDIR").map { String(cString: $0) })
        guard let arguments = Arguments(CommandLine.arguments.dropFirst()) else {
            fail("this is a plugin, which millraced starts; it takes --websub-… and a value only")
        }
        let service = FetchService(
            input: STDIN_FILENO, output: STDOUT_FILENO, limits: limits, subscriptions: arguments.subscriptions)
        guard let service else {
            fail("libcurl or epoll could not be set up: out of memory or descriptors")
        }
        if let error = service.run() { fail("the core \(error)") }
    }

    /// Each transfer needs a descriptor or two; the soft limit is usually 1024.
    /// - Returns: how many there may be.
    private static func allowManyDescriptors() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        let before = limit.rlim_cur
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        let isRaised = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        return Int(clamping: isRaised ? limit.rlim_cur : before)
    }

    private static func fail(_ message: String) -> Never {
        let line = Array("millrace-fetch-http: \(message)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(1)
    }
}
