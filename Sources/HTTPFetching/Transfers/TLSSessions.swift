import CCurl

/// The TLS sessions that later connections resume (RFC 8446, section 2.2), over all sources that trust the same.
///
/// libcurl 7.88 keeps eight sessions in a share, so the hosts are spread over many shares. A resumed session is one whose
/// certificate is not looked at again. So sources with a `ca_file` of their own have shares of their own, and what is not
/// verified, or shows a client certificate, has none: see ``HTTPSettings/resumesSessions``. That libcurl compares the
/// settings of a session with those of a connection as well is a second lock on the same door.
final class TLSSessions {
    private struct Key: Hashable {
        var authorities: String?
        var part: Int
    }

    /// Shares for the hosts of sources that trust the same authorities.
    private static let parts = 128
    /// Shares in all: four thousand sessions, of some kilobytes each.
    private static let most = 512

    private var shares: [Key: CurlShare] = [:]

    /// The share that has a host's sessions; nil where there is no room for another.
    /// - Parameter authorities: the file with the certificates that are trusted, where it is not the system's.
    func share(for host: String, authorities: String?) -> CurlShare? {
        // Not Swift's hash, whose seed is another one in each process: so that a run can be repeated.
        let hash = host.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        let key = Key(authorities: authorities, part: Int(hash % UInt32(Self.parts)))
        if let share = shares[key] { return share }
        guard shares.count < Self.most, let share = CurlShare([CURL_LOCK_DATA_SSL_SESSION]) else { return nil }
        shares[key] = share
        return share
    }
}
