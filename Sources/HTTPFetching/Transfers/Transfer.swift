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
        var shared: SharedSettings
        /// What is expected there.
        var kind: HTTPSettings.Kind
        /// Bytes of a body, both as sent and unpacked.
        var limit: Int
        /// Whether a longer body is cut at the limit, where it is a failure else.
        var truncates = false
        /// The cookies of the source, where it keeps them.
        var jar: CookieJar?

        var settings: HTTPSettings { shared.values }
    }

    let easy: EasyHandle
    var handle: UnsafeMutableRawPointer { easy.pointer }
    /// Rises with each transfer: the lowest is the oldest.
    let serial: UInt64
    let request: Request
    /// What it was begun for, where that is a job's.
    var target: FetchTarget?
    /// Its place among its job's transfers.
    var placeInJob = 0
    /// `If-None-Match` and `If-Modified-Since`, where the address is known from earlier.
    var conditions: [HTTPSettings.Header]
    /// Where the request stands now; differs from the request's address after a redirect.
    var current: WebAddress
    var method: String
    var redirects = 0
    /// Whether every redirect so far says that it is meant for good (301, 308).
    var movedForGood = true

    var head = ResponseHead()
    /// What came of the body, or what follows that which is on the disk.
    var body: [UInt8] = []
    /// The beginning of the body, or all of it, where there was no room for it in memory.
    var spilled = SpillFile.Region()
    /// Why there was no room for the body when it came to a stop; nil while it comes.
    var lack: String?
    /// Bytes of the body as they came over the wire.
    var received = 0
    /// Bytes, unpacked, of the body of a redirect or an error.
    var unwanted = 0
    /// The header lines of the last response and of the last request, where an archive is kept.
    var rawHead: [UInt8] = []
    var rawRequest: [UInt8] = []
    /// What was written to the archive of the body.
    var archived: ArchivedPayload?
    /// What the callbacks found wrong; goes before libcurl's own code.
    var violation: FetchFailure?
    /// The last address that the policy refused, and why.
    var refused: (address: IPAddress, reason: String)?
    /// Whether a connection to an address that the policy allows was tried: of many answers of DNS that one counts.
    var hasTried = false
    /// What the name of the current address stands for, where that is looked up here for a proxy.
    var lookedUp: IPAddress?
    /// Whether it is on its way only to look that up.
    private(set) var isLookingUp = false
    private var detour: UnsafeMutablePointer<curl_slist>?
    /// Since when it waits for the host that a redirect leads to, on the monotonic clock.
    var parked: UInt64?
    /// Whether the body was cut at the limit.
    var isTruncated = false
    /// Whether the request went out: a timeout then is the server's silence.
    var wasSent = false

    /// Whose it is; none once it was let go.
    var owner: FetchService.Owner?
    /// Its place among the engine's transfers while it is on its way.
    var place: Int?

    unowned let engine: TransferEngine
    /// Where libcurl does its work: the one of the host that it is on its way to.
    var lane: TransferLane
    /// Whether libcurl forgets old names when it ends.
    var prunesNames = false
    /// The lines of the request that make it a conditional one; those that all have follow in the same list.
    private var conditionLines: UnsafeMutablePointer<curl_slist>?
    private var conditionCount = 0
    private var started: UInt64

    /// Makes a transfer ready.
    init(
        _ easy: EasyHandle, serial: UInt64, request: consuming Request, conditions: [HTTPSettings.Header],
        engine: TransferEngine, lane: TransferLane
    ) {
        self.easy = easy
        self.lane = lane
        self.serial = serial
        self.conditions = conditions
        self.engine = engine
        current = request.address
        method = request.settings.method
        self.request = request
        started = MonotonicClock.milliseconds
        prepare()
    }

    deinit {
        freeConditions()
        curl_slist_free_all(detour)
    }

    /// Whether the current address may be given the source's credentials.
    private var isAtOrigin: Bool { current.hasOrigin(of: request.configured) }

    /// Whether the answer's body is wanted: only a success has content, and what a hub says to a request is of no interest.
    var wantsBody: Bool { (200..<300).contains(head.status) && !request.settings.isForHub }

    /// Whether there is an answer, and it is of no interest what its body holds and how it ends.
    var ignoresBody: Bool { head.status >= 200 && !wantsBody }

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
        (received, unwanted) = (0, 0)
        (rawHead, rawRequest) = ([], [])
        refused = nil
        hasTried = false
        wasSent = false
        lookedUp = nil
        prepare()
    }

    /// Makes a hop that had to wait ready; the time of waiting is not the server's.
    func renew(waited milliseconds: UInt64) {
        started &+= milliseconds
        prepare()
    }

    /// Makes ready to go through the proxy where a look for its name, which ends with no connection, found an address.
    /// - Returns: whether it did.
    func takesLookedUp() -> Bool {
        guard isLookingUp, lookedUp != nil else { return false }
        refused = nil
        prepare()
        return true
    }

    /// Forgets the body.
    func dropBody() {
        engine.held -= body.count
        body = []
        lack = nil
        engine.spillFile.remove(&spilled)
    }

    /// Hands the body over; whoever takes it takes its bytes off `engine.held` once they are handed on.
    func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    private func set(_ option: CURLoption, _ value: Int) { easy.set(option, value) }
    private func set(_ option: CURLoption, _ value: String?) { easy.set(option, value) }

    private func prepare() {
        let settings = request.shared
        easy.forgetReason()
        // What has nothing that is meant for one origin, and none of libcurl's options changed by a hop, stays as it is.
        let isKept = !settings.values.hasCredentials && request.configured.username == nil && method == "GET"
        if !isKept || easy.preparedFor !== request.shared {
            // Everything from scratch: nothing of one source, or of one hop, may reach the next.
            easy.reset()
            prepareOptions(settings)
        }
        easy.preparedFor = isKept ? request.shared : nil
        // Most pages come in one piece then, where libcurl's 16 KiB would take two waits. With thousands it is memory that counts.
        easy.bufferSize = engine.count < TransferEngine.manyTransfers ? 32 << 10 : EasyHandle.smallBuffer
        set(CURLOPT_URL, current.text)
        let remaining = remaining
        set(CURLOPT_TIMEOUT_MS, remaining)
        set(CURLOPT_CONNECTTIMEOUT_MS, min(remaining, Int(settings.values.connectTimeout * 1000)))
        _ = ccurl_set_size(handle, CURLOPT_MAXFILESIZE_LARGE, request.truncates ? 0 : curl_off_t(request.limit))
        prepareHeaders(settings)
        if settings.values.looksUpForProxy { prepareLookup(settings) }
        prepareSessions(settings)
        prepareContext()
    }

    /// libcurl would look a name up for a SOCKS proxy and hand over whatever it found. So the name is looked up as for a
    /// connection of our own, which is never made: what ``openSocket`` is asked for is what the name stands for. The proxy
    /// gets an address that the source may fetch from.
    private func prepareLookup(_ settings: SharedSettings) {
        isLookingUp = lookedUp == nil && IPAddress(current.host) == nil
        set(CURLOPT_PROXY, isLookingUp ? "" : settings.values.proxy)
        set(CURLOPT_FRESH_CONNECT, isLookingUp ? 1 : 0)
        let address = lookedUp.map { if case .v6 = $0 { "[\($0)]" } else { "\($0)" } }
        let old = detour
        // For any host and any port.
        detour = address.flatMap { curl_slist_append(nil, "::\($0):") }
        _ = ccurl_set_pointer(handle, CURLOPT_CONNECT_TO, detour)
        curl_slist_free_all(old)
    }

    /// Gives the handle the TLS sessions of the host, or those of the source together with its cookies, since a handle has
    /// one share. None are kept by the handle itself, which serves any source.
    private func prepareSessions(_ settings: SharedSettings) {
        if let jar = request.jar {
            jar.lend(to: easy)
            return set(CURLOPT_SSL_SESSIONID_CACHE, settings.values.resumesSessions ? 1 : 0)
        }
        guard current.scheme == "https" else { return }
        easy.share =
            settings.values.resumesSessions
            ? engine.sessions.share(for: current.host, authorities: settings.values.caFile) : nil
        set(CURLOPT_SSL_SESSIONID_CACHE, easy.share == nil ? 0 : 1)
    }

    /// Takes out of the handle what lives no longer than the transfer.
    func detach() {
        _ = ccurl_set_pointer(handle, CURLOPT_HTTPHEADER, nil)
        if detour != nil { _ = ccurl_set_pointer(handle, CURLOPT_CONNECT_TO, nil) }
        if request.jar != nil {
            // Without a jar of its own again: what it had stays with the source.
            easy.share = nil
            easy.preparedFor = nil
        }
        // A reset does not forget cookies: they are not the next source's.
        set(CURLOPT_COOKIELIST, "ALL")
    }

    /// Sets what is the same for all transfers with these settings.
    private func prepareOptions(_ settings: SharedSettings) {
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        // Redirects are followed by the service itself: libcurl follows none unless it is told to.
        set(CURLOPT_NOSIGNAL, 1)
        // Unpack what comes; the header that asks for it is one of ours.
        if settings.values.archive == nil { set(CURLOPT_ACCEPT_ENCODING, "") } else { set(CURLOPT_VERBOSE, 1) }
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        // Several transfers on one connection of HTTP/2, rather than a connection for each that begins at the same time.
        set(CURLOPT_PIPEWAIT, 1)
        // No cookie, which switches cookies on. CURLOPT_COOKIEFILE would too, but a reset leaks it (libcurl 7.88).
        set(CURLOPT_COOKIELIST, "Set-Cookie: ")
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_LOW_SPEED_LIMIT, settings.values.lowSpeedLimit)
        set(CURLOPT_LOW_SPEED_TIME, Int(settings.values.lowSpeedTime.rounded(.up)))
        prepareMethod(settings)
        prepareSecurity(settings)
        prepareCallbacks()
    }

    private func prepareMethod(_ settings: SharedSettings) {
        guard method != "GET" else { return set(CURLOPT_HTTPGET, 1) }
        if let body = settings.values.body {
            _ = ccurl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            // Copied by libcurl: it outlives this call.
            _ = body.withUnsafeBytes { bytes in
                ccurl_set_pointer(
                    handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            }
        }
        set(CURLOPT_CUSTOMREQUEST, method)
    }

    private func prepareHeaders(_ settings: SharedSettings) {
        let lines: HeaderLines
        if let kept = easy.lines, kept.kind == request.kind, kept.isAtOrigin == isAtOrigin {
            lines = kept
        } else {
            let sendsBody = settings.values.body != nil && method != "GET"
            lines = HeaderLines(settings.values, kind: request.kind, isAtOrigin: isAtOrigin, sendsBody: sendsBody)
            easy.lines = lines
        }
        freeConditions()
        // From the last to the first, each in front of those that are there already.
        for header in conditions.reversed() {
            let text = header.name + ": " + header.value
            guard let line = text.withCString({ curl_slist_append(nil, $0) }) else { continue }
            line.pointee.next = conditionLines ?? lines.list
            conditionLines = line
            conditionCount += 1
        }
        _ = ccurl_set_pointer(handle, CURLOPT_HTTPHEADER, conditionLines ?? lines.list)
    }

    private func freeConditions() {
        while conditionCount > 0, let line = conditionLines {
            conditionLines = line.pointee.next
            conditionCount -= 1
            line.pointee.next = nil
            curl_slist_free_all(line)
        }
        // What is left of the list belongs to the lines that all requests have.
        conditionLines = nil
    }

    private func prepareSecurity(_ settings: SharedSettings) {
        // The environment's proxy is none that the source's configuration shows.
        set(CURLOPT_PROXY, settings.values.proxy ?? "")
        if let file = settings.values.caFile {
            set(CURLOPT_CAINFO, file)
            set(CURLOPT_CAPATH, nil as String?)
        }
        if settings.values.insecure {
            set(CURLOPT_SSL_VERIFYPEER, 0)
            set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        guard isAtOrigin else { return }
        if let file = settings.values.clientCertificate { set(CURLOPT_SSLCERT, file) }
        if let file = settings.values.clientKey { set(CURLOPT_SSLKEY, file) }
        if let password = settings.values.clientKeyPassword { set(CURLOPT_KEYPASSWD, password) }
        if let token = settings.values.bearerToken {
            set(CURLOPT_HTTPAUTH, 1 << 6)
            set(CURLOPT_XOAUTH2_BEARER, token)
        } else if let username = settings.values.username ?? request.configured.username {
            set(CURLOPT_HTTPAUTH, settings.values.authentication == .digest ? 1 << 1 : 1 << 0)
            set(CURLOPT_USERNAME, username)
            let isOwn = settings.values.username != nil
            set(CURLOPT_PASSWORD, (isOwn ? settings.values.password : request.configured.password) ?? "")
        }
    }
}
