import Glibc

/// What references stand for: characters, the names of XML and HTML 4, and what the internal subset declares.
public struct XMLEntities: Sendable {
    private var declared: [String: [UInt8]] = [:]
    /// Bytes that expansions may still add.
    private var budget: Int
    private let limit: Int

    /// Those that every text knows.
    public init(_ limits: XMLLimits = XMLLimits()) {
        budget = limits.entityExpansion
        limit = limits.declaredEntities
    }

    /// Reads the `<!ENTITY name "value">` of a declaration of the document's type; parameter and external entities are passed
    /// over.
    public mutating func declare(from bytes: Span<UInt8>, in range: Range<Int>) {
        // Up to the end of the declaration.
        let bytes = bytes.extracting(first: range.upperBound)
        let keyword: StaticString = "<!ENTITY"
        var index = range.lowerBound
        while declared.count < limit, let place = bytes.first(keyword, from: index) {
            let nameStart = bytes.endOfSpace(from: place + keyword.utf8CodeUnitCount)
            index = nameStart
            while index < bytes.count, bytes[index].isInXMLName { index += 1 }
            let name = bytes.string(nameStart..<index)
            index = bytes.endOfSpace(from: index)
            guard !name.isEmpty, index < bytes.count,
                bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "'"),
                let end = bytes.first(bytes[index], from: index + 1)
            else { continue }
            // The first declaration counts, as XML says.
            if declared[name] == nil { declared[name] = bytes.array(index + 1..<end) }
            index = end + 1
        }
    }

    /// Appends `bytes[range]` with its references resolved; those that mean nothing stay as they are.
    public mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>, to output: inout [UInt8]) {
        append(bytes, range, to: &output, depth: 0)
    }

    private mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>, to output: inout [UInt8], depth: Int) {
        var start = range.lowerBound
        while let index = bytes.first(UInt8(ascii: "&"), in: start..<range.upperBound) {
            output.append(bytes, start..<index)
            start = appendReference(bytes, at: index, limit: range.upperBound, to: &output, depth: depth)
        }
        output.append(bytes, start..<range.upperBound)
    }

    private mutating func appendReference(
        _ bytes: Span<UInt8>, at start: Int, limit: Int, to output: inout [UInt8], depth: Int
    ) -> Int {
        if let (value, end) = Self.numeric(bytes, at: start, limit: limit) {
            appendScalar(value, to: &output)
            return end
        }
        var index = start + 1
        while index < limit, index - start < 40, bytes[index].isInXMLName { index += 1 }
        if index < limit, bytes[index] == UInt8(ascii: ";"), index > start + 1 {
            if declared.isEmpty, let character = Self.predefined(bytes, start + 1..<index) {
                output.append(character)
                return index + 1
            }
            let name = bytes.string(start + 1..<index)
            if let value = declared[name] {
                guard depth < 8, value.count <= budget else { return index + 1 }
                budget -= value.count
                append(value.span, 0..<value.count, to: &output, depth: depth + 1)
                return index + 1
            }
            if let scalar = HTMLEntities.table[name] {
                appendScalar(scalar, to: &output)
                return index + 1
            }
        }
        output.append(UInt8(ascii: "&"))
        return start + 1
    }

    /// The character of a name that XML itself knows, which nearly all references are.
    private static func predefined(_ bytes: Span<UInt8>, _ name: Range<Int>) -> UInt8? {
        switch name.count {
        case 2 where bytes.has("lt", at: name.lowerBound): UInt8(ascii: "<")
        case 2 where bytes.has("gt", at: name.lowerBound): UInt8(ascii: ">")
        case 3 where bytes.has("amp", at: name.lowerBound): UInt8(ascii: "&")
        case 4 where bytes.has("quot", at: name.lowerBound): UInt8(ascii: "\"")
        case 4 where bytes.has("apos", at: name.lowerBound): UInt8(ascii: "'")
        default: nil
        }
    }

    private static func numeric(_ bytes: Span<UInt8>, at start: Int, limit: Int) -> (UInt32, Int)? {
        guard start + 2 < limit, bytes[start + 1] == UInt8(ascii: "#") else { return nil }
        var index = start + 2
        let isHexadecimal = bytes[index] | 0x20 == UInt8(ascii: "x")
        if isHexadecimal { index += 1 }
        let first = index
        var value: UInt32 = 0
        while index < limit, index - first < 12 {
            let byte = bytes[index]
            let digit: UInt32
            switch byte {
            case 0x30...0x39: digit = UInt32(byte - 0x30)
            case 0x61...0x66 where isHexadecimal: digit = UInt32(byte - 0x61) + 10
            case 0x41...0x46 where isHexadecimal: digit = UInt32(byte - 0x41) + 10
            default:
                guard index > first else { return nil }
                return (value, byte == UInt8(ascii: ";") ? index + 1 : index)
            }
            value = min(value &* (isHexadecimal ? 16 : 10) &+ digit, 0x11_0000)
            index += 1
        }
        return index > first ? (value, index) : nil
    }
}

/// Appends a character by its number; C1 controls mean what windows-1252 has there, as in HTML.
func appendScalar(_ value: UInt32, to output: inout [UInt8]) {
    var value = value
    if (0x80...0x9F).contains(value) { value = UInt32(windows1252Controls[Int(value) - 0x80]) }
    if value == 0 { value = 0xFFFD }
    output.append(contentsOf: String(UnicodeScalar(value) ?? "\u{FFFD}").utf8)
}

private let windows1252Controls: [UInt16] = [
    0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D, 0x8F,
    0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E,
    0x178,
]

extension [UInt8] {
    /// Appends `bytes[range]` in one piece.
    package mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        bytes.extracting(range).withUnsafeBufferPointer { source in
            append(addingCapacity: source.count) { output in
                output.withUnsafeMutableBufferPointer { target, count in
                    // In bounds: there is room for all of them.
                    guard let start = target.baseAddress, let bytes = source.baseAddress else { return }
                    memcpy(start + count, bytes, source.count)
                    count &+= source.count
                }
            }
        }
    }
}
