import CCurl
import Glibc
import Document

extension FetchFailure {
    /// What a transfer that libcurl gave up means; `code` is not `CURLE_OK`.
    init(_ code: CURLcode, of transfer: Transfer) {
        let url = transfer.current.text
        let host = transfer.current.host
        let place = "\(host):\(transfer.current.port)"
        if let violation = transfer.violation {
            self = violation
        } else if let lack = transfer.lack {
            self = transfer.starved(of: lack)
        } else if let (address, reason) = transfer.refused, !transfer.hasTried {
            self.init(
                .configuration, "\(url) leads to \(address), \(reason), which is not fetched from",
                remedy: """
                    if this is meant, set allow_private = ["\(address)"] (or its network) for the source, or give \
                    'sources add' its --allow-private
                    """)
        } else {
            let reason = transfer.easy.reason.isEmpty ? String(cString: curl_easy_strerror(code)) : transfer.easy.reason
            let answer = Self.answerToConnect(transfer)
            switch code {
            case _ where answer >= 300:
                self.init(
                    answer == 407 ? .configuration : .transient, "the proxy answered \(answer) when asked for \(place)",
                    remedy: answer == 407
                        ? "put user and password into `proxy`" : "check `proxy`, and what it lets through")
            case CURLE_COULDNT_RESOLVE_HOST:
                self.init(
                    .transient, "the name \(host) has no address (\(reason))",
                    remedy: "check the spelling of `url` and this machine's name servers")
            case CURLE_COULDNT_RESOLVE_PROXY:
                self.init(.transient, "the proxy's name has no address", remedy: "check `proxy`")
            case CURLE_COULDNT_CONNECT: self = Self.noConnection(transfer, place: place)
            case CURLE_OPERATION_TIMEDOUT: self = Self.timeout(transfer, reason: reason)
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
                CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CRL_BADFILE:
                self.init(
                    .configuration, "TLS with \(place): the certificate is not trusted: \(reason)",
                    remedy: "give the right authority in `ca_file`, or (only if you must) set insecure = true")
            case CURLE_SSL_CERTPROBLEM:
                self.init(
                    .configuration, "TLS with \(place): the client certificate can't be used: \(reason)",
                    remedy: "check `client_certificate`, `client_key` and `client_key_password`")
            case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_NOTFOUND:
                self.init(
                    .transient, "TLS with \(place) failed: \(reason)",
                    remedy: "check that the server speaks TLS 1.2 or later there")
            case CURLE_PARTIAL_FILE:
                self.init(
                    .transient, "\(url) was cut off: \(reason)", remedy: "it is tried again; the server ended too soon")
            case CURLE_GOT_NOTHING:
                self.init(.transient, "\(place) closed the connection without an answer", remedy: Self.mayPass)
            case CURLE_RECV_ERROR, CURLE_SEND_ERROR:
                self.init(.transient, "the connection with \(place) broke: \(reason)", remedy: Self.mayPass)
            case CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL:
                self.init(.transient, "\(place) does not speak proper HTTP: \(reason)", remedy: "check scheme and port")
            case CURLE_BAD_CONTENT_ENCODING:
                self.init(
                    .transient, "\(url) is not compressed as its headers say: \(reason)", remedy: Self.mayPass)
            case CURLE_FILESIZE_EXCEEDED: self = transfer.tooLarge(unpacked: false)
            case CURLE_PROXY where Self.isRejected(transfer):
                self.init(
                    .configuration, "the proxy does not take this user and password",
                    remedy: "put the right ones into `proxy`")
            case CURLE_PROXY:
                self.init(.transient, "the proxy did not connect to \(place): \(reason)", remedy: "check `proxy`")
            default: self.init(.transient, "\(url) could not be fetched: \(reason)", remedy: Self.mayPass)
            }
        }
    }

    /// What helps against what the server does.
    private static let mayPass = "it is tried again; if it stays so, tell the server's owner"

    /// What a proxy answered to CONNECT; 0 where none was asked.
    private static func answerToConnect(_ transfer: Transfer) -> Int {
        var answer = 0
        guard transfer.request.settings.proxy != nil, transfer.head.status == 0,
            ccurl_get_long(transfer.handle, CURLINFO_HTTP_CONNECTCODE, &answer) == CURLE_OK
        else { return 0 }
        return answer
    }

    /// Whether a SOCKS proxy wants another user, or another way to show who it is.
    private static func isRejected(_ transfer: Transfer) -> Bool {
        var reason = 0
        _ = ccurl_get_long(transfer.handle, CURLINFO_PROXY_ERROR, &reason)
        return [CURLPX_USER_REJECTED, CURLPX_NO_AUTH].contains { Int($0.rawValue) == reason }
    }

    private static func noConnection(_ transfer: Transfer, place: String) -> FetchFailure {
        var number: Int = 0
        _ = ccurl_get_long(transfer.handle, CURLINFO_OS_ERRNO, &number)
        let server = transfer.request.settings.proxy == nil ? place : "the proxy"
        switch Int32(truncatingIfNeeded: number) {
        case ECONNREFUSED:
            return FetchFailure(
                .transient, "nobody listens on \(server) (connection refused)",
                remedy: "check that the server runs and the port is right")
        case ENETUNREACH, EHOSTUNREACH:
            return FetchFailure(
                .transient, "there is no route to \(server)", remedy: "check this machine's network")
        case 0:
            return FetchFailure(
                .transient, "no connection to \(server): \(transfer.easy.reason)",
                remedy: "check this machine's network")
        case let other:
            return FetchFailure(
                .transient, "no connection to \(server): \(String(cString: strerror(other)))",
                remedy: "check this machine's network")
        }
    }

    private static func timeout(_ transfer: Transfer, reason: String) -> FetchFailure {
        func time(_ information: CURLINFO) -> Bool {
            var microseconds: curl_off_t = 0
            _ = ccurl_get_size(transfer.handle, information, &microseconds)
            return microseconds > 0
        }
        let url = transfer.current.text
        let settings = transfer.request.settings
        func seconds(_ value: Double) -> String {
            value == value.rounded() ? "\(Int(value)) s" : "\(value) s"
        }
        if !transfer.wasSent {
            let phase =
                !time(CURLINFO_NAMELOOKUP_TIME_T)
                ? "looking up the name"
                : time(CURLINFO_CONNECT_TIME_T)
                    // libcurl 7.88 notes the connection only when TLS is through as well.
                    ? "the TLS handshake"
                    : transfer.current.scheme == "https" ? "connecting or the TLS handshake" : "connecting"
            return FetchFailure(
                .transient,
                "\(url): timed out in \(phase) after \(seconds(min(settings.connectTimeout, settings.requestTimeout)))",
                remedy: "check the network, or raise `connect_timeout`")
        }
        // libcurl's only way to tell the two apart is its text.
        if reason.contains("too slow") {
            return FetchFailure(
                .transient,
                "\(url): slower than \(settings.lowSpeedLimit) bytes a second for \(seconds(settings.lowSpeedTime))",
                remedy: "lower `low_speed_limit` or raise `low_speed_time` if that is normal there")
        }
        let phase =
            transfer.head.status == 0
            ? "waiting for the answer"
            : !transfer.head.isComplete
                ? "reading the headers" : "reading the answer (\(transfer.received) bytes came)"
        return FetchFailure(
            .transient, "\(url): timed out \(phase) after \(seconds(settings.requestTimeout))",
            remedy: "raise `request_timeout` if the server needs that long")
    }

    /// What an answer without content means.
    init(status: Int, of transfer: Transfer, now: Timestamp) {
        let head = transfer.head
        let words = String(head.reason.filter { $0 >= " " }.prefix(80))
        let answer = "\(transfer.current.text) answered \(status)" + (words.isEmpty ? "" : " " + words)
        let wait = head.headers["retry-after"].flatMap { ReturnHints.retryAfter($0, now: now) }
        switch status {
        case 401:
            self.init(.configuration, answer, remedy: "set `username` and `password`, or `bearer_token`; check them")
        case 407: self.init(.configuration, answer, remedy: "put user and password into `proxy`")
        case 403:
            self.init(.permanent, answer, remedy: "ask the owner for access; a `contact` in the User-Agent helps")
        case 404: self.init(.transient, answer, remedy: "check `url`; the page may have moved", retryAfter: wait)
        case 410:
            self.init(
                .gone, answer, remedy: "it is gone for good and not asked for any more: remove it, or change its `url`")
        case 429:
            self.init(
                .transient, answer, remedy: "fetch less often (`every`) or lower `max_concurrency`", retryAfter: wait)
        case 408, 425, 500...: self.init(.transient, answer, remedy: Self.mayPass, retryAfter: wait)
        case 300..<400:
            self.init(.permanent, answer + ", a redirect that leads nowhere", remedy: "check `url` in a browser")
        default: self.init(.permanent, answer, remedy: "check `url`, `method` and `headers`", retryAfter: wait)
        }
    }
}
