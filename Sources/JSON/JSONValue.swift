/// Any JSON value (RFC 8259) as a tree.
///
/// Used for settings, checkpoints and control messages. Bulk data (records, documents) goes through ``JSONReader`` and
/// ``JSONWriter`` instead, which build no tree.
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue {
    /// Parses exactly one JSON text.
    ///
    /// - Parameters:
    ///   - bytes: the text in UTF-8; ill-formed sequences inside strings become U+FFFD.
    ///   - maximumDepth: how deep arrays and objects may nest.
    /// - Throws: ``JSONError`` with the byte offset of the first fault.
    public static func parse(_ bytes: [UInt8], maximumDepth: Int = 128) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try parse(buffer, maximumDepth: maximumDepth)
        }
    }

    /// Parses exactly one JSON text from a buffer that need only live during the call.
    public static func parse(
        _ buffer: UnsafeBufferPointer<UInt8>, maximumDepth: Int = 128
    ) throws(JSONError) -> JSONValue {
        var reader = JSONReader(buffer, maximumDepth: maximumDepth)
        let value = try reader.readValue()
        try reader.finish()
        return value
    }

    /// Parses what is meant to be one JSON text of the web's: where it is none, what can be read of it.
    ///
    /// - Throws: what is wrong with it, where nothing can be made of it.
    public static func recover(_ bytes: [UInt8], maximumDepth: Int = 128) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            do throws(JSONError) {
                return try parse(buffer, maximumDepth: maximumDepth)
            } catch {
                guard let repaired = JSONRepair.repaired(buffer, maximumDepth: maximumDepth) else { throw error }
                return try parse(repaired, maximumDepth: maximumDepth)
            }
        }
    }

    /// Parses exactly one JSON text from a string.
    public static func parse(_ text: String) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8))
    }

    /// The member of that name, or nil where this is no object or has none.
    public subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { return members[key] }
        return nil
    }

    /// The element at that place, or nil where this is no array or is shorter.
    public subscript(index: Int) -> JSONValue? {
        if case .array(let elements) = self, elements.indices.contains(index) { return elements[index] }
        return nil
    }

    /// The text of a string value.
    public var string: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    /// The value of an integer, or of a number without a fraction.
    public var integer: Int64? {
        switch self {
        case .integer(let value): return value
        case .number(let value): return Int64(exactly: value)
        default: return nil
        }
    }

    /// The value of any number.
    public var number: Double? {
        switch self {
        case .integer(let value): return Double(value)
        case .number(let value): return value
        default: return nil
        }
    }

    /// The value of a boolean.
    public var bool: Bool? {
        if case .bool(let value) = self { return value }
        return nil
    }

    /// The elements of an array.
    public var array: [JSONValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    /// The members of an object.
    public var object: [String: JSONValue]? {
        if case .object(let members) = self { return members }
        return nil
    }

    /// Whether this is `null`.
    public var isNull: Bool { self == .null }

    /// The value as one line of UTF-8 JSON, members sorted by key so that equal values give equal bytes.
    public var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as one line of JSON.
    public var description: String { String(decoding: encoded, as: UTF8.self) }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// A string value.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An integer value.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A boolean value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object; of a doubled key the last value counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
    /// `null`.
    public init(nilLiteral: ()) { self = .null }
}
