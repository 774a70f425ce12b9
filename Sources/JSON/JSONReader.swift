/// Reads JSON (RFC 8259) from a buffer, value by value, without building a tree unless asked to.
///
/// The buffer must outlive the reader. Every call either moves past one whole value or throws; nesting is bounded and
/// skipping never recurses, so foreign bytes can't exhaust the stack.
public struct JSONReader {
    /// What kind of value comes next.
    public enum Kind: Sendable { case null, bool, number, string, array, object }

    /// The text of a string as it stands in the buffer, between its quotation marks.
    public struct RawString {
        /// The bytes between the quotation marks, escapes not yet resolved.
        public var bytes: UnsafeBufferPointer<UInt8>
        /// Whether `bytes` holds a backslash.
        public var hasEscapes: Bool

        /// Whether this is exactly the given ASCII name, written without escapes.
        @inlinable public static func == (left: RawString, right: StaticString) -> Bool {
            guard !left.hasEscapes, left.bytes.count == right.utf8CodeUnitCount else { return false }
            for index in 0..<left.bytes.count where left.bytes[index] != right.utf8Start[index] { return false }
            return true
        }
    }

    let buffer: UnsafeBufferPointer<UInt8>
    let maximumDepth: Int
    var depth = 0
    /// The next byte to be read, counted from 0.
    public internal(set) var offset = 0

    /// Starts at the first byte of `buffer`.
    public init(_ buffer: UnsafeBufferPointer<UInt8>, maximumDepth: Int = 128) {
        self.buffer = buffer
        self.maximumDepth = maximumDepth
    }

    mutating func move(to place: Int) { offset = place }

    func fault(_ what: String) -> JSONError { JSONError(what, offset: offset) }

    mutating func skipWhiteSpace() {
        while offset < buffer.count {
            switch buffer[offset] {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    /// The kind of the next value; does not move past it.
    public mutating func peek() throws(JSONError) -> Kind {
        skipWhiteSpace()
        guard offset < buffer.count else { throw fault("the text ends where a value is expected") }
        switch buffer[offset] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw fault("expected a JSON value")
        }
    }

    /// Throws unless only white space is left.
    public mutating func finish() throws(JSONError) {
        skipWhiteSpace()
        guard offset == buffer.count else { throw fault("more text after the JSON value") }
    }

    /// Reads an object: `body` is called with the reader standing before each member's value, which it must read or skip.
    public mutating func readObject(
        _ body: (RawString, inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        try open(UInt8(ascii: "{"), "expected an object")
        if close(UInt8(ascii: "}")) { return }
        while true {
            let name = try readName()
            try body(name, &self)
            if close(UInt8(ascii: "}")) { return }
            try comma()
        }
    }

    /// Reads an array: `body` is called with the reader standing before each element, which it must read or skip.
    public mutating func readArray(_ body: (inout JSONReader) throws(JSONError) -> Void) throws(JSONError) {
        try open(UInt8(ascii: "["), "expected an array")
        if close(UInt8(ascii: "]")) { return }
        while true {
            try body(&self)
            if close(UInt8(ascii: "]")) { return }
            try comma()
        }
    }

    private mutating func open(_ bracket: UInt8, _ what: String) throws(JSONError) {
        skipWhiteSpace()
        guard offset < buffer.count, buffer[offset] == bracket else { throw fault(what) }
        guard depth < maximumDepth else { throw fault("nested deeper than \(maximumDepth)") }
        depth += 1
        offset += 1
    }

    private mutating func close(_ bracket: UInt8) -> Bool {
        skipWhiteSpace()
        guard offset < buffer.count, buffer[offset] == bracket else { return false }
        depth -= 1
        offset += 1
        return true
    }

    private mutating func comma() throws(JSONError) {
        guard offset < buffer.count, buffer[offset] == UInt8(ascii: ",") else {
            throw fault("expected ',' or the closing bracket")
        }
        offset += 1
    }

    /// Reads `true` or `false`.
    public mutating func readBool() throws(JSONError) -> Bool {
        skipWhiteSpace()
        if match("true") { return true }
        if match("false") { return false }
        throw fault("expected true or false")
    }

    /// Reads `null`.
    public mutating func readNull() throws(JSONError) {
        skipWhiteSpace()
        guard match("null") else { throw fault("expected null") }
    }

    private mutating func match(_ word: StaticString) -> Bool {
        guard buffer.count - offset >= word.utf8CodeUnitCount else { return false }
        for index in 0..<word.utf8CodeUnitCount where buffer[offset + index] != word.utf8Start[index] { return false }
        offset += word.utf8CodeUnitCount
        return true
    }

    /// Moves past the next value, whatever it is, and returns the bytes it stands in.
    @discardableResult
    public mutating func skipValue() throws(JSONError) -> UnsafeBufferPointer<UInt8> {
        skipWhiteSpace()
        let start = offset
        switch try peek() {
        case .null: try readNull()
        case .bool: _ = try readBool()
        case .number: _ = try readNumberBytes()
        case .string: _ = try readRawString()
        // One closure frame a level; `maximumDepth` bounds them.
        case .array: try readArray { reader throws(JSONError) in try reader.skipValue() }
        case .object: try readObject { _, reader throws(JSONError) in try reader.skipValue() }
        }
        return UnsafeBufferPointer(rebasing: buffer[start..<offset])
    }

    /// Reads the next value as a tree.
    public mutating func readValue() throws(JSONError) -> JSONValue {
        switch try peek() {
        case .null:
            try readNull()
            return .null
        case .bool: return .bool(try readBool())
        case .number: return try readNumber()
        case .string: return .string(try readString())
        case .array:
            var elements: [JSONValue] = []
            try readArray { reader throws(JSONError) in elements.append(try reader.readValue()) }
            return .array(elements)
        case .object:
            return .object(try readMembers())
        }
    }

    private mutating func readMembers() throws(JSONError) -> [String: JSONValue] {
        try open(UInt8(ascii: "{"), "expected an object")
        if close(UInt8(ascii: "}")) { return [:] }
        let first = try readMember()
        if close(UInt8(ascii: "}")) { return [first.name: first.value] }
        // Made when it is known how many there are: a dictionary that grows hashes its keys again.
        var members = [first]
        members.reserveCapacity(4)
        repeat {
            try comma()
            members.append(try readMember())
        } while !close(UInt8(ascii: "}"))
        var object = [String: JSONValue](minimumCapacity: members.count)
        for (name, value) in members { object[name] = value }
        return object
    }

    private mutating func readMember() throws(JSONError) -> (name: String, value: JSONValue) {
        let name = try readName()
        return (name.text, try readValue())
    }

    /// Reads a member's name and the colon behind it.
    private mutating func readName() throws(JSONError) -> RawString {
        skipWhiteSpace()
        let name = try readRawString()
        skipWhiteSpace()
        guard offset < buffer.count, buffer[offset] == UInt8(ascii: ":") else { throw fault("expected ':'") }
        offset += 1
        return name
    }
}
