import CCurl

/// A URL with the scheme `http` or `https`, taken apart by libcurl's own parser, so that what is checked here is what
/// is connected to there.
public struct WebAddress: Sendable, Hashable {
    /// Addresses are handed on many times and never change: a copy is a reference.
    private final class Parts: Sendable {
        let text: String
        let scheme: String
        let host: String
        let port: Int
        let username: String?
        let password: String?

        init(text: String, scheme: String, host: String, port: Int, username: String?, password: String?) {
            (self.text, self.scheme, self.host, self.port) = (text, scheme, host, port)
            (self.username, self.password) = (username, password)
        }
    }

    private let parts: Parts

    /// The whole URL without user name, password and fragment: fit for logs, keys and states.
    public var text: String { parts.text }
    /// `http` or `https`.
    public var scheme: String { parts.scheme }
    /// The host in lower case; IPv6 addresses without brackets.
    public var host: String { parts.host }
    /// The port, also where the URL leaves it out.
    public var port: Int { parts.port }
    /// The user name that the URL held, decoded.
    public var username: String? { parts.username }
    /// The password that the URL held, decoded.
    public var password: String? { parts.password }

    /// Whether both are the same URL with the same credentials.
    public static func == (left: WebAddress, right: WebAddress) -> Bool {
        left.parts === right.parts
            || left.text == right.text && left.username == right.username && left.password == right.password
    }

    /// The URL's text.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// Two addresses with equal origins may share credentials.
    public var origin: String { scheme + "://" + host + ":" + String(port) }

    /// Whether both have one origin.
    func hasOrigin(of other: WebAddress) -> Bool { port == other.port && host == other.host && scheme == other.scheme }

    /// Path and query, as in a request line.
    public var requestTarget: String {
        let rest = text.utf8.dropFirst(scheme.utf8.count + 3)
        guard let start = rest.firstIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }) else {
            return "/"
        }
        return rest[start] == UInt8(ascii: "/") ? String(text[start...]) : "/" + text[start...]
    }

    /// The same address with a parameter of its query set, in place of all that it had of that name.
    func setting(_ parameter: String, to value: String) -> WebAddress? {
        let name = Self.encoded(parameter)
        let parts = text.split(separator: "?", maxSplits: 1)
        let kept = (parts.count > 1 ? parts[1].split(separator: "&") : []).filter {
            $0.split(separator: "=", omittingEmptySubsequences: false).first.map { $0 != name } ?? true
        }
        return try? WebAddress("\(parts[0])?" + (kept + ["\(name)=\(Self.encoded(value))"]).joined(separator: "&"))
    }

    /// A text as it stands in a query: everything but letters, digits and `-._~` percent-encoded.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = text.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return [byte]
            default:
                if "-._~".utf8.contains(byte) { return [byte] }
                return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether both are of one site: one host, with or without `www.`.
    func isSameSite(as other: WebAddress) -> Bool {
        func site(_ host: String) -> Substring { host.hasPrefix("www.") ? host.dropFirst(4) : host[...] }
        return site(host) == site(other.host)
    }

    /// Why a text is no address that can be fetched.
    public enum Fault: Error, Equatable {
        /// No URL, for that reason.
        case malformed(String)
        /// Neither `http` nor `https`, but this.
        case unsupportedScheme(String)
    }

    /// Bytes of a URL.
    private static let longest = 8192

    /// Takes a URL apart.
    public init(_ text: String) throws(Fault) {
        if let plain = PlainAddress(text), text.utf8.count <= Self.longest {
            self.init(
                parts: Parts(
                    text: text, scheme: plain.scheme, host: plain.host, port: plain.port, username: nil, password: nil))
            return
        }
        guard !text.utf8.contains(0x20) else { throw .malformed("it holds white space") }
        try self.init(text, base: nil)
    }

    private init(parts: Parts) { self.parts = parts }

    /// Takes a URL apart that a server sent and that may be relative to `base`.
    public init(_ text: String, relativeTo base: WebAddress) throws(Fault) { try self.init(text, base: base) }

    private init(_ text: String, base: WebAddress?) throws(Fault) {
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw .malformed("it holds white space or control characters")
        }
        guard text.utf8.count <= Self.longest else { throw .malformed("it is longer than \(Self.longest) bytes") }
        guard let url = curl_url() else { throw .malformed("out of memory") }
        defer { curl_url_cleanup(url) }
        if let base { curl_url_set(url, CURLUPART_URL, base.text, 0) }
        // Any scheme is taken here, to be able to name the one that isn't.
        let lenient = base == nil ? 0 : CURLU_URLENCODE | CURLU_ALLOW_SPACE
        let code = curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME | lenient))
        guard code == CURLUE_OK else { throw .malformed(String(cString: curl_url_strerror(code)).lowercased()) }
        func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            guard curl_url_get(url, part, &value, UInt32(flags)) == CURLUE_OK, let value else { return nil }
            defer { curl_free(value) }
            return String(cString: value)
        }
        let scheme = part(CURLUPART_SCHEME)?.lowercased() ?? ""
        guard scheme == "http" || scheme == "https" else { throw .unsupportedScheme(scheme) }
        guard var host = part(CURLUPART_HOST)?.lowercased(), !host.isEmpty else { throw .malformed("it has no host") }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap { Int($0) } ?? (scheme == "https" ? 443 : 80)
        var (username, password): (String?, String?)
        // What holds neither sign, nor could have taken it from its base, has nothing to be taken out.
        if base != nil || text.utf8.contains(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "#") }) {
            username = part(CURLUPART_USER, CURLU_URLDECODE)
            password = part(CURLUPART_PASSWORD, CURLU_URLDECODE)
            for secret in [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_FRAGMENT] {
                curl_url_set(url, secret, nil, 0)
            }
        }
        guard let clean = part(CURLUPART_URL) else { throw .malformed("it can't be put together again") }
        parts = Parts(
            text: clean, scheme: scheme, host: host, port: port, username: username, password: password)
    }

    /// A text that was meant as a URL, fit for a message: nothing that stands before an `@` is shown.
    public static func redacted(_ text: String) -> String {
        if let address = try? WebAddress(text) { return address.text }
        let shown = text.prefix(200)
        guard let at = shown.lastIndex(of: "@") else { return String(shown) }
        let scheme = shown.firstRange(of: "://").map { shown[..<$0.upperBound] } ?? ""
        return scheme + "…" + shown[at...]
    }
}
