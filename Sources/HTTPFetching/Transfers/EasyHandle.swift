import CCurl

/// One of libcurl's easy handles, which one transfer after the other uses, with what may stay in it between them.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    /// The settings that the handle has been given, where it may keep them for the next transfer.
    var preparedFor: SharedSettings?
    /// The header lines of the last request, as far as the next one may have the same.
    var lines: HeaderLines?
    /// What the handle has in common with others; it must not end before.
    var share: CurlShare? {
        didSet { if share !== oldValue { _ = ccurl_set_pointer(pointer, CURLOPT_SHARE, share?.handle) } }
    }
    /// Bytes that libcurl reads at a time, for which it has room as long as a transfer is on its way.
    var bufferSize = EasyHandle.smallBuffer {
        didSet { if bufferSize != oldValue { set(CURLOPT_BUFFERSIZE, bufferSize) } }
    }
    /// What a handle has that was told nothing else.
    static let smallBuffer = Int(CURL_MAX_WRITE_SIZE)
    private let errorText: UnsafeMutablePointer<CChar>

    /// A handle; nil where libcurl has no memory.
    init?() {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(pointer)
        errorText.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) { _ = ccurl_set_long(pointer, option, value) }
    func set(_ option: CURLoption, _ value: String?) {
        guard let value else { return _ = ccurl_set_string(pointer, option, nil) }
        // A string that is handed over as it is would be copied into an array first.
        value.withCString { _ = ccurl_set_string(pointer, option, $0) }
    }

    /// Takes everything out of the handle but its connections.
    func reset() {
        curl_easy_reset(pointer)
        (preparedFor, lines, bufferSize) = (nil, nil, Self.smallBuffer)
        _ = ccurl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText)
    }

    /// Forgets what libcurl said of an earlier transfer.
    func forgetReason() { errorText[0] = 0 }

    /// libcurl's own words for what went wrong.
    var reason: String { String(cString: errorText) }
}
