import CCurl
import Glibc

/// What libcurl calls while a transfer runs.
extension Transfer {
    /// Bytes of an unwanted body (of an error page, of a hub) that are read to keep the connection.
    private static let drained = 256 << 10

    private static let contexts = [
        CURLOPT_PRIVATE, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_OPENSOCKETDATA, CURLOPT_PREREQDATA,
        CURLOPT_XFERINFODATA, CURLOPT_DEBUGDATA,
    ]

    /// Tells the handle what its callbacks are called for.
    func prepareContext() {
        let this = Unmanaged.passUnretained(self).toOpaque()
        for option in Self.contexts { _ = ccurl_set_pointer(handle, option, this) }
    }

    func prepareCallbacks() {
        _ = ccurl_set_write_function(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let chunk = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return Transfer.of(context) { $0.take(body: chunk) }
        }
        _ = ccurl_set_write_function(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count).bindMemory(to: UInt8.self)
            return Transfer.of(context) { $0.take(header: line) } ? line.count : 0
        }
        _ = ccurl_set_open_socket_function(handle) { context, _, address in
            guard let context, let address else { return -1 }
            return Transfer.of(context) { $0.openSocket(address) }
        }
        // A connection lives longer than the transfer that opened it.
        _ = ccurl_set_pointer(handle, CURLOPT_CLOSESOCKETDATA, Unmanaged.passUnretained(engine.poll).toOpaque())
        _ = ccurl_set_close_socket_function(handle) { poll, socket in
            if let poll { Unmanaged<EventPoll>.fromOpaque(poll).takeUnretainedValue().closed(socket) }
            return close(socket)
        }
        _ = ccurl_set_before_request_function(handle) { context, address, _, _, _ in
            guard let context, let address else { return CURL_PREREQFUNC_ABORT }
            let isAllowed = Transfer.of(context) { $0.maySend(to: address) }
            return isAllowed ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
        if request.shared.values.archive != nil {
            _ = ccurl_set_debug_function(handle) { _, kind, bytes, size, context in
                guard kind == CURLINFO_HEADER_OUT, let bytes, let context else { return 0 }
                let text = UnsafeRawBufferPointer(start: bytes, count: size)
                Transfer.of(context) { $0.rawRequest = Array(text.prefix(ResponseHead.limit)) }
                return 0
            }
        }
        _ = ccurl_set_long(handle, CURLOPT_NOPROGRESS, 0)
        _ = ccurl_set_progress_function(handle) { context, _, received, _, _ in
            guard let context else { return 1 }
            return Transfer.of(context) { $0.mayGoOn(received: received) } ? 0 : 1
        }
    }

    /// Calls the transfer that a callback is for. The engine holds it meanwhile; counting that for each line of a header
    /// costs more than the rest.
    private static func of<Result>(_ context: UnsafeMutableRawPointer, _ body: (Transfer) -> Result) -> Result {
        Unmanaged<Transfer>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
    }

    /// The transfer that an easy handle is at work for.
    static func of(_ handle: UnsafeMutableRawPointer) -> Transfer? {
        var this: UnsafePointer<CChar>?
        // libcurl's type for it is that of a string.
        guard ccurl_get_string(handle, CURLINFO_PRIVATE, &this) == CURLE_OK, let this else { return nil }
        return Unmanaged<Transfer>.fromOpaque(this).takeUnretainedValue()
    }

    private func take(header line: UnsafeBufferPointer<UInt8>) -> Bool {
        if request.shared.values.archive != nil {
            if line.starts(with: "HTTP/".utf8) { rawHead = [] }
            rawHead += line
        }
        if head.push(line) { return true }
        violation = FetchFailure(
            .permanent, "\(current.text) sent more than \(ResponseHead.limit) bytes of headers",
            remedy: "tell the server's owner")
        return false
    }

    private func take(body chunk: UnsafeRawBufferPointer) -> Int {
        guard wantsBody else { return drain(chunk) }
        guard bodyCount + chunk.count <= request.limit else {
            guard request.truncates else {
                violation = tooLarge(unpacked: isPacked)
                return 0
            }
            keep(UnsafeRawBufferPointer(rebasing: chunk.prefix(request.limit - bodyCount)))
            isTruncated = true
            return 0
        }
        let fits = bodyCount + chunk.count < Self.largestInMemory && engine.hasMemory(chunk.count)
        guard fits, spilled.count == 0, bodyCount > 0 || isExpectedInMemory else { return spill(chunk) }
        keep(chunk)
        return chunk.count
    }

    /// Adds a piece to the body in memory.
    func keep(_ chunk: UnsafeRawBufferPointer) {
        body.append(contentsOf: chunk)
        engine.held += chunk.count
    }

    /// Whether libcurl unpacks the body.
    var isPacked: Bool { request.settings.archive == nil && head.headers["content-encoding"] != nil }

    /// Reads the body of a redirect or an error; an archive keeps its beginning.
    private func drain(_ chunk: UnsafeRawBufferPointer) -> Int {
        unwanted += chunk.count
        if request.shared.values.archive != nil {
            let rest = chunk.prefix(max(0, min(Self.drained, request.limit) - body.count))
            // An archive goes on without what there is no room for, and says so.
            if engine.mayHold(rest.count, for: self) {
                body.append(contentsOf: rest)
                engine.held += rest.count
            }
        }
        return unwanted <= Self.drained ? chunk.count : 0
    }

    /// Whether the body that begins is to be one in memory; makes room for an announced length.
    private var isExpectedInMemory: Bool {
        var announced: curl_off_t = -1
        _ = ccurl_get_size(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced)
        guard announced < curl_off_t(Self.largestInMemory) else { return false }
        if announced <= curl_off_t(TransferEngine.largestSpareBuffer) { body = engine.takeBuffer() }
        // No more than a liar, or many bodies that only begin, could make us waste.
        if announced > 0 { body.reserveCapacity(min(Int(announced), request.limit, TransferEngine.largestSpareBuffer)) }
        return true
    }

    private func mayGoOn(received bytes: curl_off_t) -> Bool {
        // It is asked several times for each piece.
        guard bytes != curl_off_t(received) else { return true }
        received = Int(bytes)
        // What unpacks to nothing never ends either.
        if ignoresBody, received > Self.drained { return false }
        guard wantsBody, received > request.limit else { return true }
        guard !request.truncates else {
            isTruncated = true
            return false
        }
        if violation == nil { violation = tooLarge(unpacked: false) }
        return false
    }

    func tooLarge(unpacked: Bool) -> FetchFailure {
        FetchFailure(
            .permanent, "\(current.text) is larger than \(request.limit) bytes\(unpacked ? " (unpacked)" : "")",
            remedy: "raise `max_size` (and the source's max_item_size) if it is meant to be that large")
    }

    /// Opens a socket to an address that libcurl is about to connect to: the last moment at which DNS can't lie any more.
    private func openSocket(_ target: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return -1 }
        let bytes = UnsafeRawBufferPointer(
            start: UnsafeRawPointer(target) + offset, count: Int(target.pointee.addrlen))
        let address = IPAddress(bytes)
        guard isAllowed(address) else { return -1 }
        if isLookingUp {
            // Not every proxy reaches IPv6.
            if case .v4 = lookedUp {
            } else if case .v4 = address {
                lookedUp = address
            } else {
                lookedUp = lookedUp ?? address
            }
            return -1
        }
        hasTried = true
        let descriptor = socket(
            target.pointee.family, target.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), target.pointee.protocol)
        engine.poll.opened(descriptor)
        return descriptor
    }

    /// Looks at the peer again before each request: the connection may be one that another source opened.
    private func maySend(to text: UnsafePointer<CChar>) -> Bool {
        guard !isLookingUp else { return false }
        wasSent = true
        return isAllowed(IPAddress(text))
    }

    /// Whether a connection to `peer` is one that the source may use; remembers why not.
    private func isAllowed(_ peer: IPAddress?) -> Bool {
        let settings = request.shared
        var peer = peer
        if settings.values.proxy != nil, !isLookingUp {
            // The proxy's own address is the configuration's choice, and names are resolved behind it: what is left to
            // look at is the address as it is written.
            // To a name server, and to some proxies, a dot at the end changes nothing.
            let host = current.host.hasSuffix(".") ? String(current.host.dropLast()) : current.host
            let isLocal = host == "localhost" || host.hasSuffix(".localhost")
            guard let written = IPAddress(isLocal ? "127.0.0.1" : host) else { return true }
            peer = written
        }
        guard let peer else { return false }
        guard let reason = settings.values.addressPolicy.refusal(of: peer) else { return true }
        refused = (peer, reason)
        return false
    }
}
