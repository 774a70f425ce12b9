import CCurl
import JSON

/// The cookies of one source, which its transfers have in common and which its state keeps.
///
/// libcurl decides which cookie is taken and sent (RFC 6265, and the public suffix list); this only bounds them and carries
/// them from one run to the next. They are secrets, as passwords are.
final class CookieJar {
    /// Cookies, and bytes of them, that are kept.
    static let limits = (count: 100, bytes: 32 << 10)
    /// Fields of a cookie's line: domain, subdomains, path, secure, expiry, name, value.
    private static let fields = 7

    private let share: CurlShare
    /// What the state had, until a handle has put it into the share.
    private var waiting: [String]
    /// The cookies as libcurl writes them, in an order that depends on them alone.
    private(set) var lines: [String]
    /// Whether there were more than are kept.
    private(set) var hasDropped = false

    /// A jar with what an earlier run left; what is not understood in it is dropped. nil where libcurl has no memory.
    /// - Parameter sharesSessions: whether its transfers have TLS sessions in common as well.
    init?(_ state: JSONValue?, sharesSessions: Bool) {
        let kinds = sharesSessions ? [CURL_LOCK_DATA_COOKIE, CURL_LOCK_DATA_SSL_SESSION] : [CURL_LOCK_DATA_COOKIE]
        guard let share = CurlShare(kinds) else { return nil }
        self.share = share
        lines = (state?.array ?? []).prefix(Self.limits.count).compactMap(\.string).filter(Self.isCookie)
        waiting = lines
    }

    /// The value for the source's state; nil where there are none.
    var json: JSONValue? { lines.isEmpty ? nil : .array(lines.map { .string($0) }) }

    /// Gives a handle the cookies. It must give them back before another source uses it.
    func lend(to easy: EasyHandle) {
        easy.share = share
        for line in waiting { easy.set(CURLOPT_COOKIELIST, line) }
        waiting = []
    }

    /// Takes note of what a transfer brought, through the handle that had it.
    func update(from handle: UnsafeMutableRawPointer) {
        var list: UnsafeMutablePointer<curl_slist>?
        guard ccurl_get_list(handle, CURLINFO_COOKIELIST, &list) == CURLE_OK else { return }
        defer { curl_slist_free_all(list) }
        var all: [String] = []
        var entry = list
        while let line = entry {
            if let text = line.pointee.data { all.append(String(cString: text)) }
            entry = line.pointee.next
        }
        let kept = Self.kept(of: all.filter(Self.isCookie))
        if kept.count < all.count {
            // What is not kept is not sent any more either, and takes no memory.
            hasDropped = true
            _ = ccurl_set_string(handle, CURLOPT_COOKIELIST, "ALL")
            for line in kept { _ = ccurl_set_string(handle, CURLOPT_COOKIELIST, line) }
        }
        lines = kept
    }

    /// The shortest ones: what says who somebody is seldom is long.
    private static func kept(of lines: [String]) -> [String] {
        var bytes = 0
        let size = lines.reduce(0) { $0 + $1.utf8.count }
        if lines.count <= limits.count, size <= limits.bytes { return lines.sorted() }
        return lines.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }.prefix(limits.count).prefix { line in
            bytes += line.utf8.count
            return bytes <= limits.bytes
        }.sorted()
    }

    /// Whether libcurl would read a line as one cookie and nothing else.
    private static func isCookie(_ line: String) -> Bool {
        line.utf8.count(where: { $0 == 9 }) == fields - 1 && !line.utf8.contains { $0 < 9 || (10..<32).contains($0) }
            && line.utf8.count <= limits.bytes
    }
}
