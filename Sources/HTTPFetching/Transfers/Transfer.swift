import CCurl
import Glibc

/// One request and its answer, in one of libcurl's easy handles. Redirects reuse it with the next address.
///
/// Used by one thread only. libcurl holds an unretained pointer to it while the transfer is active; the engine keeps it
/// alive until then.
final class Transfer {
    /// What a transfer asks for.
    struct Request {
        /// Where it begins.
        var address: WebAddress
        /// As the configuration or a list names it; another one where that has moved.
        var named: WebAddress
        /// The configured address that led here: credentials are only for its origin.
        var configured: WebAddress
        var settings: HTTPSettings
        /// What is expected there.
        var kind: HTTPSettings.Kind
        /// `If-None-Match` and `If-Modified-Since`, where the address is known from earlier.
        var conditions: [HTTPSettings.Header] = []
        /// Bytes of a body, both as sent and unpacked.
        var limit: Int
        /// Whether a longer body is cut at the limit, where it is a failure else.
        var truncates = false
    }

    let handle: UnsafeMutableRawPointer
    /// Rises with each transfer: the lowest is the oldest.
    let serial: UInt64
    var request: Request
    /// Where the request stands now; differs from the request's address after a redirect.
    var current: WebAddress
    var method: String
    var redirects = 0
    /// Whether every redirect so far says that it is meant for good (301, 308).
    var movedForGood = true

    var head = ResponseHead()
    var body: [UInt8] = []
    /// Bytes of the body as they came over the wire.
    var received = 0
    /// What the callbacks found wrong; goes before libcurl's own code.
    var violation: FetchFailure?
    /// The last address that the policy refused, and why.
    var refused: (address: IPAddress, reason: String)?
    /// Since when it waits for the host that a redirect leads to, on the monotonic clock.
    var parked: UInt64?
    /// Whether the body was cut at the limit.
    var isTruncated = false
    /// Whether the request went out: a timeout then is the server's silence.
    var wasSent = false

    unowned let engine: TransferEngine
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>
    private var started: UInt64

    init(handle: UnsafeMutableRawPointer, serial: UInt64, request: Request, engine: TransferEngine) {
        self.handle = handle
        self.serial = serial
        self.request = request
        self.engine = engine
        current = request.address
        method = request.settings.method
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        started = MonotonicClock.milliseconds
        prepare()
    }

    deinit {
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// libcurl's own words for what went wrong.
    var curlReason: String {
        String(
            decoding: UnsafeBufferPointer(start: errorText, count: Int(CURL_ERROR_SIZE)).prefix { $0 != 0 }
                .map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether the current address may be given the source's credentials.
    private var isAtOrigin: Bool { current.origin == request.configured.origin }

    /// Whether the answer's body is wanted: only a success has content.
    var wantsBody: Bool { (200..<300).contains(head.status) }

    /// Milliseconds that are left of the request's time.
    private var remaining: Int {
        let total = Int(request.settings.requestTimeout * 1000)
        return max(1, total - Int(clamping: MonotonicClock.milliseconds &- started))
    }

    /// Makes ready for the next hop. It may begin later: ``renew()`` then counts the time that is left anew.
    func follow(to address: WebAddress, method: String) {
        current = address
        self.method = method
        redirects += 1
        head = ResponseHead()
        dropBody()
        received = 0
        refused = nil
        wasSent = false
        prepare()
    }

    /// Makes a hop that had to wait ready; the time of waiting is not the server's.
    func renew(waited milliseconds: UInt64) {
        started &+= milliseconds
        prepare()
    }

    /// Forgets the body.
    func dropBody() {
        engine.held -= body.count
        body = []
    }

    /// Hands the body over; whoever takes it takes its bytes off `engine.held` once they are handed on.
    func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    private func set(_ option: CURLoption, _ value: Int) { _ = ccurl_set_long(handle, option, value) }
    private func set(_ option: CURLoption, _ value: String?) { _ = ccurl_set_string(handle, option, value) }

    private func prepare() {
        // Everything from scratch: nothing of one source, or of one hop, may reach the next.
        curl_easy_reset(handle)
        errorText[0] = 0
        let settings = request.settings
        set(CURLOPT_URL, current.text)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_USERAGENT, settings.userAgent)
        set(CURLOPT_ACCEPT_ENCODING, "")
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        // No cookie, which switches cookies on. CURLOPT_COOKIEFILE would too, but a reset leaks it (libcurl 7.88).
        set(CURLOPT_COOKIELIST, "Set-Cookie: ")
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_TIMEOUT_MS, remaining)
        set(CURLOPT_CONNECTTIMEOUT_MS, min(remaining, Int(settings.connectTimeout * 1000)))
        set(CURLOPT_LOW_SPEED_LIMIT, settings.lowSpeedLimit)
        set(CURLOPT_LOW_SPEED_TIME, Int(settings.lowSpeedTime.rounded(.up)))
        if !request.truncates { _ = ccurl_set_size(handle, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(request.limit)) }
        _ = ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
        prepareMethod(settings)
        prepareHeaders(settings)
        prepareSecurity(settings)
        prepareCallbacks()
    }

    private func prepareMethod(_ settings: HTTPSettings) {
        guard method != "GET" else { return set(CURLOPT_HTTPGET, 1) }
        if let body = settings.body {
            _ = ccurl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            // Copied by libcurl: it outlives this call.
            _ = body.withUnsafeBytes { bytes in
                ccurl_set_pointer(
                    handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            }
        }
        set(CURLOPT_CUSTOMREQUEST, method)
    }

    private func prepareHeaders(_ settings: HTTPSettings) {
        curl_slist_free_all(headerList)
        headerList = nil
        var lines: [String] = []
        if isAtOrigin {
            for header in settings.headers {
                lines.append(header.value.isEmpty ? header.name + ";" : header.name + ": " + header.value)
            }
        }
        let given = Set(settings.headers.map { $0.name.lowercased() })
        if !given.contains("accept") { lines.append("Accept: " + request.kind.accept) }
        for header in request.conditions { lines.append(header.name + ": " + header.value) }
        if settings.body != nil, method != "GET", !given.contains("content-type") {
            lines.append("Content-Type: application/json")
        }
        // libcurl would wait a second for a server that doesn't know it.
        lines.append("Expect:")
        for line in lines {
            guard let longer = curl_slist_append(headerList, line) else { break }
            headerList = longer
        }
        _ = ccurl_set_pointer(handle, CURLOPT_HTTPHEADER, headerList)
    }

    private func prepareSecurity(_ settings: HTTPSettings) {
        // The environment's proxy is none that the source's configuration shows.
        set(CURLOPT_PROXY, settings.proxy ?? "")
        if let file = settings.caFile {
            set(CURLOPT_CAINFO, file)
            set(CURLOPT_CAPATH, nil as String?)
        }
        if settings.insecure {
            set(CURLOPT_SSL_VERIFYPEER, 0)
            set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        guard isAtOrigin else { return }
        if let file = settings.clientCertificate { set(CURLOPT_SSLCERT, file) }
        if let file = settings.clientKey { set(CURLOPT_SSLKEY, file) }
        if let password = settings.clientKeyPassword { set(CURLOPT_KEYPASSWD, password) }
        if let token = settings.bearerToken {
            set(CURLOPT_HTTPAUTH, 1 << 6)
            set(CURLOPT_XOAUTH2_BEARER, token)
        } else if let username = settings.username ?? request.configured.username {
            set(CURLOPT_HTTPAUTH, settings.authentication == .digest ? 1 << 1 : 1 << 0)
            set(CURLOPT_USERNAME, username)
            set(CURLOPT_PASSWORD, (settings.username == nil ? request.configured.password : settings.password) ?? "")
        }
    }
}

extension HTTPSettings.Kind {
    /// The value of `Accept` that goes with a kind.
    var accept: String {
        switch self {
        case .auto, .page:
            "text/html, application/xhtml+xml, application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.8"
        case .feed:
            "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, application/xml;q=0.9, "
                + "text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
        case .sitemap: "application/xml, text/xml, text/plain;q=0.8, */*;q=0.5"
        }
    }
}
