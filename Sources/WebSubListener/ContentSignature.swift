import CDigest

/// The header `X-Hub-Signature` (W3C WebSub, section 7.1): `method=` and an HMAC of the body in hexadecimal digits.
enum ContentSignature {
    /// Whether a signature is that of the body under the secret; the comparison takes as long for any wrong one.
    static func isRight(_ header: String, secret: String, body: [UInt8]) -> Bool {
        guard let equals = header.firstIndex(of: "="), header.utf8.count <= 256 else { return false }
        let method = header[..<equals].lowercased()
        let given = header[header.index(after: equals)...].utf8
        // The methods that the recommendation names.
        guard ["sha1", "sha256", "sha384", "sha512"].contains(method), given.count % 2 == 0 else { return false }
        var digest: [UInt8] = []
        var high: UInt8?
        for byte in given {
            guard let digit = byte.hexadecimalDigit else { return false }
            if let first = high {
                digest.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        let key = Array(secret.utf8)
        return millrace_hmac_matches(method, key, key.count, body, body.count, digest, digest.count)
    }
}
