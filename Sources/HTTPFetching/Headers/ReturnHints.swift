import Document
import PluginProtocol

/// What a response says of when to come again.
public enum ReturnHints {
    /// No server decides for longer than this: 30 days, in seconds.
    public static let longest: Double = 30 * 86_400

    /// No answer counts as fresh for longer than this: a day, in seconds. Longer is meant for caches of what never changes.
    public static let longestFreshness: Double = 86_400

    /// `Retry-After` in either form (RFC 9110, section 10.2.3), in seconds from `now`; never negative.
    public static func retryAfter(_ value: String, now: Timestamp) -> Double? {
        if let seconds = HeaderText.digits(value) { return min(Double(seconds), longest) }
        guard let date = HTTPDate.parse(value) else { return nil }
        return min(max(0, Double(date.seconds &- now.seconds)), longest)
    }

    /// Seconds for which the response stays fresh by `Cache-Control` and `Age`, else by `Expires` (RFC 9111,
    /// section 4.2); nil where it says nothing or forbids keeping.
    public static func freshness(_ headers: NamedTexts, now: Timestamp) -> Double? {
        if let control = headers["cache-control"] {
            var maximum: Int64?
            for directive in control.split(separator: ",") {
                let parts = directive.split(separator: "=", maxSplits: 1).map { HeaderText.trimmed($0).lowercased() }
                switch parts.first {
                case "no-store", "no-cache": return nil
                case "max-age" where parts.count == 2:
                    maximum = HeaderText.digits(parts[1].filter { $0 != "\"" }) ?? maximum
                default: break
                }
            }
            if let maximum {
                let age = headers["age"].flatMap { HeaderText.digits($0) } ?? 0
                return min(max(0, Double(maximum) - Double(age)), longest)
            }
        }
        guard let expires = headers["expires"].flatMap(HTTPDate.parse) else { return nil }
        let seconds = Double(expires.seconds &- (headers["date"].flatMap(HTTPDate.parse) ?? now).seconds)
        return seconds > 0 ? min(seconds, longest) : nil
    }
}
