import PluginProtocol

/// The status and headers of a response, line by line as libcurl hands them over.
public struct ResponseHead: Sendable {
    /// Bytes of all header lines of one response.
    public static let limit = 256 << 10

    /// Names that go on to the normaliser with the item.
    private static let selected = [
        "age", "cache-control", "content-disposition", "content-language", "content-location", "content-type", "date",
        "etag", "expires", "last-modified", "link", "x-robots-tag",
    ]
    /// Names that only the fetcher looks at.
    private static let internalNames = ["location", "retry-after", "content-encoding"]
    /// Names that may come more than once; of any other the last one counts.
    private static let listNames = ["cache-control", "link", "x-robots-tag"]

    private struct Name {
        var text: String
        var bytes: [UInt8]
        var isList: Bool
    }

    /// What is of interest, by the number of letters.
    private static let known: [[Name]] = {
        let names = (selected + internalNames).map {
            Name(text: $0, bytes: Array($0.utf8), isList: listNames.contains($0))
        }
        return (0...(names.map(\.bytes.count).max() ?? 0)).map { count in names.filter { $0.bytes.count == count } }
    }()

    /// The last status line's code; 0 before the first.
    public private(set) var status = 0
    /// What stands after the code, if anything.
    public private(set) var reason = ""
    /// The headers that are of interest, names in lower case; repeated ones joined by a comma.
    public private(set) var headers = NamedTexts()
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
        if line.first == UInt8(ascii: "H"), line.starts(with: "HTTP/".utf8) {
            begin(line)
            return true
        }
        if line.first == 13 || line.first == 10 { isComplete = true }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon <= 64 else { return true }
        guard let name = Self.known(UnsafeBufferPointer(rebasing: line[..<colon])) else { return true }
        let value = HeaderText.trimmed(line[(colon + 1)...])
        guard !value.isEmpty else { return true }
        if name.isList, let earlier = headers[name.text] {
            headers[name.text] = earlier + ", " + value
        } else {
            headers[name.text] = value
        }
        return true
    }

    /// The headers that go with the item.
    public var forItem: NamedTexts { headers.without(Self.internalNames) }

    /// A name that is of interest, found without making strings of the others.
    private static func known(_ written: UnsafeBufferPointer<UInt8>) -> Name? {
        let names = known
        guard written.count < names.count else { return nil }
        return names[written.count].first { name in
            for index in 0..<written.count {
                let byte = written[index]
                guard name.bytes[index] == (byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) else { return false }
            }
            return true
        }
    }

    /// Takes a status line: `HTTP/1.1 200 OK`.
    private mutating func begin(_ line: UnsafeBufferPointer<UInt8>) {
        let rest = line.drop { $0 != 0x20 }.dropFirst()
        let code = rest.prefix { $0 > 0x20 }
        status =
            code.count == 3 && code.allSatisfy { (0x30...0x39).contains($0) }
            ? code.reduce(0) { $0 * 10 + Int($1 - 0x30) } : 0
        reason = HeaderText.trimmed(rest.dropFirst(code.count))
        headers = NamedTexts()
        isComplete = false
    }
}
