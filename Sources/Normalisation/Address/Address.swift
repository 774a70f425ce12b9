/// An absolute URL in its parts, by RFC 3986 with the tolerance of the WHATWG URL Standard for what the web writes.
struct Address {
    var scheme: String
    /// User, host and port; nil for addresses such as `mailto:`.
    var authority: String?
    var path: String
    var query: String?
    var fragment: String?

    /// What an address may be long; anything longer is no address.
    static let maximumLength = 8192

    /// Splits a reference into its parts; every part may be absent (RFC 3986, appendix B).
    static func split(
        _ text: String
    ) -> (scheme: String?, authority: String?, path: String, query: String?, fragment: String?) {
        // Tabs and line ends inside are left out and white space around is dropped, as browsers do.
        var rest = Substring(String(decoding: text.utf8.lazy.filter { $0 != 9 && $0 != 10 && $0 != 13 }, as: UTF8.self))
        while let first = rest.utf8.first, first <= 0x20 { rest.removeFirst() }
        while let last = rest.utf8.last, last <= 0x20 { rest.removeLast() }
        var fragment: String?
        if let place = rest.firstIndex(of: "#") {
            fragment = String(rest[rest.index(after: place)...])
            rest = rest[..<place]
        }
        var query: String?
        if let place = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: place)...])
            rest = rest[..<place]
        }
        var scheme: String?
        if let colon = rest.utf8.firstIndex(of: UInt8(ascii: ":")), colon > rest.startIndex {
            let candidate = rest[..<colon]
            let isScheme = candidate.utf8.enumerated().allSatisfy { place, byte in
                (0x61...0x7A).contains(byte | 0x20)
                    || place > 0 && ((0x30...0x39).contains(byte) || byte == 0x2B || byte == 0x2D || byte == 0x2E)
            }
            if isScheme {
                scheme = candidate.lowercased()
                rest = rest[rest.index(after: colon)...]
            }
        }
        let isWeb = scheme == nil || scheme == "http" || scheme == "https"
        if isWeb, rest.utf8.contains(UInt8(ascii: "\\")) {
            rest = Substring(String(decoding: rest.utf8.map { $0 == 0x5C ? 0x2F : $0 }, as: UTF8.self))
        }
        var authority: String?
        if rest.utf8.starts(with: "//".utf8) {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
        }
        return (scheme, authority, String(rest), query, fragment)
    }

    /// Reads an absolute URL; nil when it has no scheme, or a web address has no proper host.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength else { return nil }
        let parts = Self.split(text)
        guard let scheme = parts.scheme else { return nil }
        self.init(
            scheme: scheme, authority: parts.authority, path: parts.path, query: parts.query, fragment: parts.fragment)
    }

    private init?(scheme: String, authority: String?, path: String, query: String?, fragment: String?) {
        self.scheme = scheme
        self.query = query.map { Encoded.component($0, Encoded.query) }
        self.fragment = fragment.map { Encoded.component($0, Encoded.fragment) }
        if let authority {
            guard let normal = HostName.normalAuthority(authority, scheme: scheme) else { return nil }
            self.authority = normal
            self.path = Self.withoutDots(Encoded.component(path, Encoded.path))
            if self.path.isEmpty { self.path = "/" }
        } else {
            guard scheme != "http", scheme != "https" else { return nil }
            self.path = scheme == "file" ? Self.withoutDots(Encoded.component(path, Encoded.path)) : path
        }
    }

    /// The absolute URL that a reference means at this place (RFC 3986, section 5.2).
    func resolving(_ reference: String) -> Address? {
        guard reference.utf8.count <= Self.maximumLength else { return nil }
        var parts = Self.split(reference)
        // `http:path` without slashes means a relative path where the schemes are the same.
        if parts.scheme == scheme, parts.authority == nil, authority != nil { parts.scheme = nil }
        if let scheme = parts.scheme {
            return Address(
                scheme: scheme, authority: parts.authority, path: parts.path, query: parts.query,
                fragment: parts.fragment)
        }
        if parts.authority != nil {
            return Address(
                scheme: scheme, authority: parts.authority, path: parts.path, query: parts.query,
                fragment: parts.fragment)
        }
        guard authority != nil || scheme == "file" else { return nil }
        var path = parts.path
        var query = parts.query
        if path.isEmpty {
            path = self.path
            query = query ?? self.query
        } else if !path.hasPrefix("/") {
            let end = self.path.lastIndex(of: "/").map { self.path.index(after: $0) } ?? self.path.startIndex
            path = self.path[..<end] + path
        }
        return Address(scheme: scheme, authority: authority, path: path, query: query, fragment: parts.fragment)
    }

    /// The path with `.` and `..` carried out (RFC 3986, section 5.2.4).
    static func withoutDots(_ path: String) -> String {
        guard path.utf8.contains(UInt8(ascii: ".")) else { return path }
        var kept: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment.lowercased() {
            case ".", "%2e": if isLast { kept.append("") }
            case "..", ".%2e", "%2e.", "%2e%2e":
                if kept.count > 1 || (kept.count == 1 && kept[0] != "") { kept.removeLast() }
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        let joined = kept.joined(separator: "/")
        return path.hasPrefix("/") && !joined.hasPrefix("/") ? "/" + joined : joined
    }

    /// The whole URL.
    var text: String {
        var text = scheme + ":"
        if let authority { text += "//" + authority } else if scheme == "file" { text += "//" }
        text += path
        if let query { text += "?" + query }
        if let fragment { text += "#" + fragment }
        return text
    }
}
