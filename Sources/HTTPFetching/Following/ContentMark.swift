import CDigest

/// A short text by which changed content is told from the same: the first 64 bits of its SHA-256. Two contents with one
/// mark would only hide a change of one feed's entry from its reader.
enum ContentMark {
    static func of(_ bytes: ArraySlice<UInt8>) -> String {
        guard let digest = millrace_digest_create() else { return "" }
        defer { millrace_digest_destroy(digest) }
        millrace_digest_begin(digest)
        bytes.withUnsafeBytes { millrace_digest_add(digest, $0.baseAddress, $0.count) }
        var result = [UInt8](repeating: 0, count: 32)
        millrace_digest_end(digest, &result)
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: result.prefix(8).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
