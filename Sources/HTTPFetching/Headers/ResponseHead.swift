/// The status and headers of a response, line by line as libcurl hands them over.
public struct ResponseHead: Sendable {
    /// Bytes of all header lines of one response.
    public static let limit = 256 << 10

    /// Names that go on to the normaliser with the item.
    private static let selected: Set<String> = [
        "age", "cache-control", "content-disposition", "content-language", "content-location", "content-type", "date",
        "etag", "expires", "last-modified", "link", "x-robots-tag",
    ]
    /// Names that only the fetcher looks at.
    private static let internalNames: Set<String> = ["location", "retry-after", "content-encoding"]

    /// The last status line's code; 0 before the first.
    public private(set) var status = 0
    /// What stands after the code, if anything.
    public private(set) var reason = ""
    /// The headers that are of interest, names in lower case; repeated ones joined by a comma.
    public private(set) var headers: [String: String] = [:]
    /// Whether the empty line after the headers has come.
    public private(set) var isComplete = false
    /// Bytes of header lines so far, over all responses of the transfer.
    public private(set) var size = 0

    /// A head before its first line.
    public init() {}

    /// Takes one line, line end included.
    /// - Returns: false where the head has grown over its limit.
    public mutating func push(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        size += line.count
        guard size <= Self.limit else { return false }
        if line.starts(with: "HTTP/".utf8) {
            begin(String(decoding: line, as: UTF8.self))
            return true
        }
        if line.first == 13 || line.first == 10 { isComplete = true }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon <= 64 else { return true }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        guard Self.selected.contains(name) || Self.internalNames.contains(name) else { return true }
        let value = HeaderText.trimmed(String(decoding: line[(colon + 1)...], as: UTF8.self))
        guard !value.isEmpty else { return true }
        // Only lists may be repeated; of anything else the last one counts.
        if let earlier = headers[name], name == "link" || name == "cache-control" || name == "x-robots-tag" {
            headers[name] = earlier + ", " + value
        } else {
            headers[name] = value
        }
        return true
    }

    /// The headers that go with the item.
    public var forItem: [String: String] { headers.filter { Self.selected.contains($0.key) } }

    private mutating func begin(_ line: String) {
        let parts = line.split(separator: " ", maxSplits: 2)
        status = parts.count > 1 ? Int(HeaderText.trimmed(parts[1])) ?? 0 : 0
        reason = parts.count > 2 ? HeaderText.trimmed(parts[2]) : ""
        headers = [:]
        isComplete = false
    }
}
