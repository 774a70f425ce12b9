import CCurl

/// Header lines of a request, in a list as libcurl takes it.
///
/// libcurl writes a line of such a list once, and those that it makes of its options twice, letter by letter.
final class HeaderLines {
    /// What they were made for.
    let kind: HTTPSettings.Kind
    let isAtOrigin: Bool
    private(set) var list: UnsafeMutablePointer<curl_slist>?

    /// What every request of some settings has, its conditions aside.
    /// - Parameters:
    ///   - isAtOrigin: whether the headers that the configuration sets may be sent.
    ///   - sendsBody: whether the request has a body.
    init(_ settings: HTTPSettings, kind: HTTPSettings.Kind, isAtOrigin: Bool, sendsBody: Bool) {
        (self.kind, self.isAtOrigin) = (kind, isAtOrigin)
        if isAtOrigin {
            for header in settings.headers {
                add(header.value.isEmpty ? header.name + ";" : header.name + ": " + header.value)
            }
        }
        func isGiven(_ name: String) -> Bool { settings.headers.contains { $0.name.lowercased() == name } }
        if !isGiven("user-agent") { add("User-Agent: " + settings.userAgent) }
        if !isGiven("accept") { add(kind.acceptLine) }
        // An archive holds what came over the wire, and a body that is packed there is packed in it.
        if settings.archive == nil, !isGiven("accept-encoding") { add(Self.acceptEncodingLine) }
        if sendsBody, !isGiven("content-type") { add("Content-Type: \(settings.bodyType)") }
        // libcurl would wait a second for a server that doesn't know it.
        if settings.body != nil { add("Expect:") }
    }

    deinit { curl_slist_free_all(list) }

    private func add(_ line: String) { if let longer = curl_slist_append(list, line) { list = longer } }

    /// All that libcurl can unpack.
    private static let acceptEncodingLine: String = {
        let features = curl_version_info(CURLVERSION_FIRST).pointee.features
        let known = [
            (CURL_VERSION_LIBZ, "deflate, gzip"), (CURL_VERSION_BROTLI, "br"), (CURL_VERSION_ZSTD, "zstd"),
        ]
        return "Accept-Encoding: " + known.filter { features & $0.0 != 0 }.map(\.1).joined(separator: ", ")
    }()
}

extension HTTPSettings.Kind {
    /// The `Accept` that goes with a kind.
    fileprivate var acceptLine: String {
        switch self {
        case .auto, .page:
            "Accept: text/html,application/atom+xml,application/rss+xml,application/xml;q=0.9,*/*;q=0.8"
        case .feed:
            "Accept: application/atom+xml,application/rss+xml,application/rdf+xml,application/feed+json,"
                + "application/xml;q=0.9,text/xml;q=0.9,application/json;q=0.8,*/*;q=0.5"
        case .sitemap: "Accept: application/xml,text/xml,text/plain;q=0.8,*/*;q=0.5"
        }
    }
}
