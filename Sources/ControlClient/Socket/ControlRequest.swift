/// A request to the daemon.
public struct ControlRequest: Sendable, Equatable {
    /// As HTTP has it, in capitals.
    public var method: String
    /// Parts of the path behind `/v1`.
    public var path: [String]
    /// In the order in which they are sent.
    public var query: [(name: String, value: String)] = []
    /// Media type of the body.
    public var contentType: String?
    /// Sent with its length; empty for none.
    public var body: [UInt8] = []

    /// A request without body.
    public init(_ method: String, _ path: String...) {
        self.method = method
        self.path = path
    }

    /// Adds a parameter when there is a value for it.
    public mutating func add(_ name: String, _ value: String?) {
        if let value { query.append((name, value)) }
    }

    /// Path and query, percent-encoded.
    public var target: String {
        var result = "/v1"
        for part in path { result += "/" + Self.encode(part) }
        for (index, parameter) in query.enumerated() {
            result += (index == 0 ? "?" : "&") + Self.encode(parameter.name) + "=" + Self.encode(parameter.value)
        }
        return result
    }

    /// Encodes all but RFC 3986's unreserved characters; `keeping` names ASCII characters to be kept as well.
    public static func encode(_ text: String, keeping: String = "") -> String {
        let kept = Set("-._~".utf8).union(keeping.utf8)
        var result: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                result.append(byte)
            case _ where kept.contains(byte): result.append(byte)
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Equal when they ask for the same.
    public static func == (left: ControlRequest, right: ControlRequest) -> Bool {
        left.method == right.method && left.target == right.target && left.contentType == right.contentType
            && left.body == right.body
    }
}
