/// What references stand for: characters, the names of XML and HTML 4, and what the internal subset declares.
struct XMLEntities {
    private var declared: [String: [UInt8]] = [:]
    /// Bytes that expansions may still add.
    var budget = 0

    /// Reads `<!ENTITY name "value">` declarations; parameter and external entities are passed over.
    mutating func declare(from bytes: [UInt8], in range: Range<Int>, limit: Int) {
        var index = range.lowerBound
        let keyword = Array("<!ENTITY".utf8)
        while index + keyword.count < range.upperBound, declared.count < limit {
            guard bytes[index] == keyword[0], bytes[index..<index + keyword.count].elementsEqual(keyword) else {
                index += 1
                continue
            }
            index += keyword.count
            skipSpace(bytes, &index, range.upperBound)
            let nameStart = index
            while index < range.upperBound, XMLTokenizer.isName(bytes[index]) { index += 1 }
            let name = String(decoding: bytes[nameStart..<index], as: UTF8.self)
            skipSpace(bytes, &index, range.upperBound)
            guard !name.isEmpty, index < range.upperBound,
                bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "'"),
                let end = bytes[(index + 1)..<range.upperBound].firstIndex(of: bytes[index])
            else { continue }
            // The first declaration counts, as XML says.
            if declared[name] == nil { declared[name] = Array(bytes[(index + 1)..<end]) }
            index = end + 1
        }
    }

    private func skipSpace(_ bytes: [UInt8], _ index: inout Int, _ end: Int) {
        while index < end, XMLTokenizer.isSpace(bytes[index]) { index += 1 }
    }

    /// Appends `bytes[range]` with its references resolved; those that mean nothing stay as they are.
    mutating func append(_ bytes: [UInt8], _ range: Range<Int>, to output: inout [UInt8], depth: Int = 0) {
        var start = range.lowerBound
        while let index = XMLTokenizer.find(UInt8(ascii: "&"), in: bytes, start..<range.upperBound) {
            output.append(bytes, start..<index)
            start = appendReference(bytes, at: index, limit: range.upperBound, to: &output, depth: depth)
        }
        output.append(bytes, start..<range.upperBound)
    }

    private mutating func appendReference(
        _ bytes: [UInt8], at start: Int, limit: Int, to output: inout [UInt8], depth: Int
    ) -> Int {
        if let (value, end) = Self.numeric(bytes, at: start, limit: limit) {
            appendScalar(value, to: &output)
            return end
        }
        var index = start + 1
        while index < limit, index - start < 40, XMLTokenizer.isName(bytes[index]) { index += 1 }
        if index < limit, bytes[index] == UInt8(ascii: ";"), index > start + 1 {
            let name = String(decoding: bytes[(start + 1)..<index], as: UTF8.self)
            if let value = declared[name] {
                guard depth < 8, value.count <= budget else { return index + 1 }
                budget -= value.count
                append(value, 0..<value.count, to: &output, depth: depth + 1)
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

    static func numeric(_ bytes: [UInt8], at start: Int, limit: Int) -> (UInt32, Int)? {
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
    fileprivate mutating func append(_ bytes: [UInt8], _ range: Range<Int>) {
        bytes.withUnsafeBufferPointer { append(contentsOf: UnsafeBufferPointer(rebasing: $0[range])) }
    }
}

extension XMLTokenizer {
    /// Appends the current text or CDATA section as it reads, references resolved.
    public mutating func appendContent(to output: inout [UInt8], isCharacterData: Bool) {
        if isCharacterData {
            output.append(bytes, content)
        } else {
            entities.append(bytes, content, to: &output)
        }
    }

    /// Appends an attribute's value with its references resolved.
    public mutating func appendValue(of attribute: XMLAttribute, to output: inout [UInt8]) {
        entities.append(bytes, attribute.value, to: &output)
    }

    /// Appends `text` with the references of HTML resolved once: for markup that was escaped twice.
    public static func appendResolving(_ text: [UInt8], _ range: Range<Int>, to output: inout [UInt8]) {
        var entities = XMLEntities()
        entities.append(text, range, to: &output)
    }
}
