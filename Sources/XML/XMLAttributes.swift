/// An attribute, by its places in the text.
public struct XMLAttribute: Sendable, Equatable {
    /// The name as written.
    public var name: Range<Int>
    /// Between the quotation marks, references not yet resolved.
    public var value: Range<Int>
}

/// Goes through the attributes of a start tag, which nobody collects: nearly all tags have none or one.
public struct XMLAttributes: Sendable {
    private var index: Int
    private let end: Int
    private var left: Int

    init(from start: Int, to end: Int, limit: Int) {
        index = start
        self.end = end
        left = limit
    }

    /// The next attribute; nil behind the last one.
    public mutating func next(in bytes: Span<UInt8>) -> XMLAttribute? {
        while index < end, !bytes[index].beginsXMLName { index += 1 }
        guard index < end, left > 0 else { return nil }
        left -= 1
        let (attribute, end) = Self.attribute(in: bytes, at: index)
        index = end
        return attribute
    }

    /// The attribute that begins at `start`, and where the next may begin; none where the text ends before its value.
    static func attribute(in bytes: Span<UInt8>, at start: Int) -> (attribute: XMLAttribute?, end: Int) {
        var nameEnd = bytes.endOfLetters(from: start)
        while nameEnd < bytes.count, bytes[nameEnd].isInXMLName { nameEnd += 1 }
        func attribute(_ value: Range<Int>) -> XMLAttribute { XMLAttribute(name: start..<nameEnd, value: value) }
        var index = bytes.endOfSpace(from: nameEnd)
        guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else {
            return (attribute(nameEnd..<nameEnd), nameEnd)
        }
        index = bytes.endOfSpace(from: index + 1)
        guard index < bytes.count else { return (nil, index) }
        let quote = bytes[index]
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            let end = bytes.first(quote, from: index + 1) ?? bytes.count
            return (attribute(index + 1..<end), min(end + 1, bytes.count))
        }
        var end = index
        while end < bytes.count, !bytes[end].isXMLSpace, bytes[end] != UInt8(ascii: ">"),
            !(bytes[end] == UInt8(ascii: "/") && end + 1 < bytes.count && bytes[end + 1] == UInt8(ascii: ">"))
        {
            end += 1
        }
        return (attribute(index..<end), end)
    }
}
