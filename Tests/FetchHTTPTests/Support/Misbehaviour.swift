import JSON

/// What ``HostileServer`` does, and how that is to end.
struct Misbehaviour: Sendable, CustomStringConvertible {
    let path: String
    /// Of the source that meets it.
    let settings: [String: JSONValue]
    /// In the failure that it ends in.
    let words: String

    var description: String { path }

    private init(_ path: String, _ settings: [String: JSONValue], _ words: String) {
        (self.path, self.settings, self.words) = (path, settings, words)
    }

    static let all: [Misbehaviour] = [
        Misbehaviour("/slow-headers", ["request_timeout": 1.5], "timed out reading the headers after 1.5 s"),
        Misbehaviour("/silent", ["request_timeout": 1.5], "timed out waiting for the answer after 1.5 s"),
        Misbehaviour("/drip", ["request_timeout": 1.5], "timed out reading the answer"),
        Misbehaviour(
            "/drip", ["low_speed_limit": 1000, "low_speed_time": 1], "slower than 1000 bytes a second for 1 s"),
        Misbehaviour("/endless", ["max_size": 200_000], "larger than 200000 bytes"),
        Misbehaviour("/endless-error", [:], "answered 500 No"),
        Misbehaviour("/huge-length", [:], "larger than 1048576 bytes"),
        Misbehaviour("/short", [:], "was cut off"),
        Misbehaviour("/reset", [:], "broke"),
        Misbehaviour("/header-flood", [:], "bytes of headers"),
        Misbehaviour("/broken-chunk", [:], "broke"),
        Misbehaviour("/lying-gzip", [:], "not compressed as its headers say"),
        Misbehaviour("/garbage", [:], "does not speak proper HTTP"),
        Misbehaviour("/no-answer", [:], "without an answer"),
        Misbehaviour("/loop", [:], "redirects more than 10 times"),
        Misbehaviour("/inwards", ["allow_private": ["127.0.0.0/8"]], "10.0.0.1, a private address"),
        Misbehaviour("/file", [:], "redirects to the unsupported protocol 'file'"),
    ]

    static let bombs: [Misbehaviour] = CompressionBomb.allCases.map {
        Misbehaviour("/bomb/\($0.rawValue)", ["max_size": 1_000_000], "larger than 1000000 bytes")
    }
}
