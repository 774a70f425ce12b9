import CCurl

/// What several of libcurl's easy handles have in common. Used by one thread only, so that it needs no locks.
///
/// Handles that use it must have left it before it ends.
final class CurlShare {
    let handle: UnsafeMutableRawPointer

    /// A share of the given kinds of data; nil where libcurl has no memory.
    init?(_ kinds: [curl_lock_data]) {
        guard let handle = curl_share_init() else { return nil }
        self.handle = handle
        for kind in kinds where ccurl_share(handle, kind) != CURLSHE_OK { return nil }
    }

    deinit { curl_share_cleanup(handle) }
}
