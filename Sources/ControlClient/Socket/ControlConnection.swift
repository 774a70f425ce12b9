import CCurl
import ControlAPI
import Glibc
import JSON

/// Speaks HTTP with the daemon over its Unix socket, by libcurl; one request at a time over one kept connection.
public final class ControlConnection {
    private let handle: UnsafeMutableRawPointer
    private let socket: String
    /// Bytes of an answer that is held as a whole.
    private static let answerLimit = 256 << 20

    /// A connection to `socket`, made with the first request.
    public init(socket: String) throws(CommandFailure) {
        guard let handle = curl_easy_init() else { throw CommandFailure(.refused, "libcurl can't be started") }
        self.handle = handle
        self.socket = socket
    }

    deinit { curl_easy_cleanup(handle) }

    /// Sends a request and returns the body of its answer; an answer of 4xx or 5xx is thrown.
    public func answer(to request: ControlRequest) throws(CommandFailure) -> [UInt8] {
        let (status, body) = try exchange(request, sink: nil)
        guard status < 400 else { throw Self.refusal(status, body) }
        return body
    }

    /// Sends a request and returns its answer whatever its status.
    public func exchange(_ request: ControlRequest) throws(CommandFailure) -> (status: Int, body: [UInt8]) {
        try exchange(request, sink: nil)
    }

    /// Sends a request and hands on the lines of its answer as they come; ends when the daemon ends the answer.
    public func stream(_ request: ControlRequest, line: @escaping (ArraySlice<UInt8>) -> Void) throws(CommandFailure) {
        let (status, body) = try exchange(request, sink: line)
        guard status < 400 else { throw Self.refusal(status, body) }
    }

    /// Sends a request and reads the message that answers it.
    public func message<Message: ControlMessage>(_ request: ControlRequest) throws(CommandFailure) -> Message {
        try Self.read(try answer(to: request))
    }

    /// Reads an answer.
    public static func read<Message: ControlMessage>(_ body: [UInt8]) throws(CommandFailure) -> Message {
        do { return try Message(bytes: body) } catch {
            throw CommandFailure(
                .refused, "the daemon's answer is not understood: \(error)",
                remedy: "check that millracectl and millraced are of the same version")
        }
    }

    private static func refusal(_ status: Int, _ body: [UInt8]) -> CommandFailure {
        guard let error = try? ControlError(bytes: body) else {
            return CommandFailure(.refused, "the daemon answered with status \(status)")
        }
        return CommandFailure(.refused, error.what, remedy: error.remedy)
    }

    private func exchange(
        _ request: ControlRequest, sink: ((ArraySlice<UInt8>) -> Void)?
    ) throws(CommandFailure) -> (status: Int, body: [UInt8]) {
        curl_easy_reset(handle)
        let transfer = Transfer(handle: handle, sink: sink, limit: Self.answerLimit)
        var headers: UnsafeMutablePointer<curl_slist>?
        // libcurl would otherwise wait for a "100 Continue" before a larger body.
        headers = curl_slist_append(headers, "Expect:")
        // Without a value libcurl leaves out the type that it would set itself.
        let type = request.contentType.map { " " + Self.headerValue($0) } ?? ""
        headers = curl_slist_append(headers, "Content-Type:" + type)
        defer { curl_slist_free_all(headers) }
        ccurl_set_string(handle, CURLOPT_UNIX_SOCKET_PATH, socket)
        ccurl_set_string(handle, CURLOPT_URL, "http://millrace" + request.target)
        ccurl_set_string(handle, CURLOPT_PROXY, "")
        ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method)
        ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT, 10)
        ccurl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
        ccurl_set_write_function(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
        ccurl_set_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(transfer).toOpaque())
        let code = request.body.withUnsafeBytes { body in
            if request.method == "POST" {
                ccurl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
                // An empty array may have no address, and libcurl would then ask for a body to read.
                ccurl_set_pointer(
                    handle, CURLOPT_POSTFIELDS,
                    body.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) }
                        ?? UnsafeMutableRawPointer(handle))
            }
            return withExtendedLifetime(transfer) { curl_easy_perform(handle) }
        }
        transfer.finish()
        guard code == CURLE_OK else { throw failure(code, transfer) }
        return (transfer.status, transfer.body)
    }

    private func failure(_ code: CURLcode, _ transfer: Transfer) -> CommandFailure {
        if transfer.isTooLarge {
            return CommandFailure(
                .refused, "the daemon's answer is over \(Self.answerLimit) bytes", remedy: "ask for less with --limit")
        }
        guard code == CURLE_COULDNT_CONNECT else {
            return CommandFailure(
                .noDaemon, "the daemon on \(socket) ended the connection: \(String(cString: curl_easy_strerror(code)))",
                remedy: "see its log: 'journalctl -u millraced'")
        }
        var number = 0
        ccurl_get_long(handle, CURLINFO_OS_ERRNO, &number)
        switch Int32(truncatingIfNeeded: number) {
        case EACCES, EPERM:
            return CommandFailure(
                .noDaemon, "no permission to use the socket \(socket)",
                remedy: "run it as root or as a member of the group 'millrace'")
        default:
            return CommandFailure(.noDaemon, "no daemon answers on \(socket)", remedy: ControlSocket.startRemedy)
        }
    }

    private static func headerValue(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value < 0x7F }))
    }
}

/// What libcurl's write function fills.
private final class Transfer {
    let handle: UnsafeMutableRawPointer
    let sink: ((ArraySlice<UInt8>) -> Void)?
    let limit: Int
    var body: [UInt8] = []
    var isTooLarge = false

    init(handle: UnsafeMutableRawPointer, sink: ((ArraySlice<UInt8>) -> Void)?, limit: Int) {
        self.handle = handle
        self.sink = sink
        self.limit = limit
    }

    var status: Int {
        var status = 0
        ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= limit - body.count else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        if sink != nil, status < 400 { handOn() }
        return true
    }

    private func handOn() {
        guard let sink, let end = body.lastIndex(of: UInt8(ascii: "\n")) else { return }
        for line in body[...end].split(separator: UInt8(ascii: "\n")) { sink(line) }
        body.removeSubrange(...end)
    }

    func finish() {
        if let sink, status < 400, !body.isEmpty {
            sink(body[...])
            body = []
        }
    }
}
