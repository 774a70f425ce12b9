import CCurl
import Document

/// Dates in headers (RFC 9110, section 5.6.7).
public enum HTTPDate {
    /// Reads any of the three forms, by libcurl's parser, which knows them all.
    public static func parse(_ text: String) -> Timestamp? {
        guard text.utf8.count <= 64 else { return nil }
        let seconds = curl_getdate(text, nil)
        return seconds == -1 ? nil : Timestamp(seconds: Int64(seconds))
    }
}
