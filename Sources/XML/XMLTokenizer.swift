import Glibc

/// What the tokenizer stands at.
public enum XMLToken: Sendable, Equatable {
    case startElement
    case endElement
    /// Character data between tags, references not yet resolved.
    case text
    case characterData
    case comment
    case processingInstruction
    case documentType
    case end
}

/// An attribute, by its places in the text.
public struct XMLAttribute: Sendable, Equatable {
    /// The name as written.
    public var name: Range<Int>
    /// Between the quotation marks, references not yet resolved.
    public var value: Range<Int>
}

/// Cuts XML into tags and text, one at a time, whatever the text is.
///
/// It never fails: what is no markup is text, what never ends is closed at the end of the input. It resolves no external
/// entity, reads no external subset, and bounds what entities of the internal subset may expand to. Input is UTF-8
/// (``Charset`` decodes). All access to the bytes is checked.
public struct XMLTokenizer {
    /// The text, UTF-8.
    public private(set) var bytes: [UInt8]
    /// What is taken of it.
    public let limits: XMLLimits
    /// The current tag's name as written, or what comes first in a processing instruction.
    public private(set) var name: Range<Int> = 0..<0
    /// The current start tag's attributes.
    public private(set) var attributes: [XMLAttribute] = []
    /// Whether the current start tag closes itself.
    public private(set) var isSelfClosing = false
    /// What is inside the current text, CDATA section, comment or declaration.
    public private(set) var content: Range<Int> = 0..<0
    /// Where the next token begins.
    public private(set) var offset = 0
    var entities = XMLEntities()

    /// A tokenizer at the beginning of `bytes`.
    public init(_ bytes: [UInt8], limits: XMLLimits = XMLLimits()) {
        self.bytes = bytes
        self.limits = limits
        entities.budget = limits.entityExpansion
    }

    /// Begins again with other bytes.
    public mutating func restart(_ bytes: [UInt8]) {
        self.bytes = bytes
        attributes.removeAll(keepingCapacity: true)
        isSelfClosing = false
        (name, content, offset) = (0..<0, 0..<0, 0)
        entities = XMLEntities()
        entities.budget = limits.entityExpansion
    }

    /// Where nothing but text, or one CDATA section, stands before the end tag `name`: moves behind that tag, makes the text
    /// ``content`` and says what it is.
    mutating func takeContent(of name: Range<Int>) -> XMLToken? {
        let isCharacterData = matches("<![CDATA[", at: offset)
        let start = isCharacterData ? offset + 9 : offset
        guard let end = isCharacterData ? find("]]>", from: start) : find(UInt8(ascii: "<"), from: start) else {
            return nil
        }
        let tag = isCharacterData ? end + 3 : end
        let tagEnd = tag + name.count + 3
        guard tagEnd <= bytes.count, bytes[tag] == UInt8(ascii: "<"), bytes[tag + 1] == UInt8(ascii: "/"),
            bytes[tagEnd - 1] == UInt8(ascii: ">"), isEqual(name, tag + 2..<tagEnd - 1)
        else { return nil }
        content = start..<end
        offset = tagEnd
        return isCharacterData ? .characterData : .text
    }

    /// Moves to the next token.
    public mutating func next() -> XMLToken {
        guard offset < bytes.count else { return .end }
        if bytes[offset] == UInt8(ascii: "<"), let token = markup() { return token }
        let start = offset
        // A '<' that begins no markup is text.
        offset = find(UInt8(ascii: "<"), from: bytes[offset] == UInt8(ascii: "<") ? offset + 1 : offset)
        content = start..<offset
        return .text
    }

    private mutating func markup() -> XMLToken? {
        guard offset + 1 < bytes.count else { return nil }
        switch bytes[offset + 1] {
        case UInt8(ascii: "/"): return endTag()
        case UInt8(ascii: "!"): return declaration()
        case UInt8(ascii: "?"):
            let start = offset + 2
            let end = find("?>", from: start) ?? (find(UInt8(ascii: ">"), from: start))
            name = start..<nameEnd(start)
            content = start..<min(end, bytes.count)
            offset = min(bytes.count, end + (end < bytes.count && bytes[end] == UInt8(ascii: "?") ? 2 : 1))
            return .processingInstruction
        case let byte where Self.beginsName(byte): return startTag()
        default: return nil
        }
    }

    private mutating func endTag() -> XMLToken? {
        let start = offset + 2
        guard start < bytes.count, Self.beginsName(bytes[start]) else { return nil }
        name = start..<nameEnd(start)
        // A '<' before the '>' means that the '>' was forgotten.
        var index = name.upperBound
        while index < bytes.count, bytes[index] != UInt8(ascii: ">"), bytes[index] != UInt8(ascii: "<") { index += 1 }
        offset = index < bytes.count && bytes[index] == UInt8(ascii: ">") ? index + 1 : index
        return .endElement
    }

    private mutating func startTag() -> XMLToken {
        if !attributes.isEmpty { attributes.removeAll(keepingCapacity: true) }
        isSelfClosing = false
        name = (offset + 1)..<nameEnd(offset + 1)
        var index = name.upperBound
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: ">") {
                index += 1
                break
            }
            if byte == UInt8(ascii: "<") { break }
            if byte == UInt8(ascii: "/") {
                isSelfClosing = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: ">")
                index += 1
                continue
            }
            guard Self.beginsName(byte) else {
                index += 1
                continue
            }
            index = attribute(at: index)
        }
        offset = index
        return .startElement
    }

    private mutating func attribute(at start: Int) -> Int {
        let nameRange = start..<nameEnd(start)
        var index = skipSpace(nameRange.upperBound)
        guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else {
            add(XMLAttribute(name: nameRange, value: nameRange.upperBound..<nameRange.upperBound))
            return nameRange.upperBound
        }
        index = skipSpace(index + 1)
        guard index < bytes.count else { return index }
        let quote = bytes[index]
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            let end = find(quote, from: index + 1)
            add(XMLAttribute(name: nameRange, value: (index + 1)..<end))
            return min(end + 1, bytes.count)
        }
        var end = index
        while end < bytes.count, !Self.isSpace(bytes[end]), bytes[end] != UInt8(ascii: ">"),
            !(bytes[end] == UInt8(ascii: "/") && end + 1 < bytes.count && bytes[end + 1] == UInt8(ascii: ">"))
        {
            end += 1
        }
        add(XMLAttribute(name: nameRange, value: index..<end))
        return end
    }

    private mutating func add(_ attribute: XMLAttribute) {
        if attributes.count < limits.attributes { attributes.append(attribute) }
    }

    private mutating func declaration() -> XMLToken? {
        let start = offset
        if matches("<!--", at: start) {
            let end = find("-->", from: start + 4) ?? bytes.count
            content = (start + 4)..<max(start + 4, end)
            offset = min(bytes.count, end + 3)
            return .comment
        }
        if matches("<![CDATA[", at: start) {
            let end = find("]]>", from: start + 9) ?? bytes.count
            content = (start + 9)..<max(start + 9, end)
            offset = min(bytes.count, end + 3)
            return .characterData
        }
        guard start + 2 < bytes.count, Self.beginsName(bytes[start + 2]) else { return nil }
        var index = start + 2
        var quote: UInt8 = 0
        var brackets = 0
        while index < bytes.count {
            let byte = bytes[index]
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if brackets > 0, matches("<!--", at: index) {
                index = (find("-->", from: index + 4) ?? bytes.count - 3) + 2
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: "[") {
                brackets += 1
            } else if byte == UInt8(ascii: "]") {
                brackets = max(0, brackets - 1)
            } else if byte == UInt8(ascii: ">"), brackets == 0 {
                break
            }
            index += 1
        }
        content = (start + 2)..<min(index, bytes.count)
        offset = min(bytes.count, index + 1)
        entities.declare(from: bytes, in: content, limit: limits.declaredEntities)
        return .documentType
    }

    // MARK: - Looking at bytes

    func matches(_ text: StaticString, at start: Int) -> Bool {
        guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
        for place in 0..<text.utf8CodeUnitCount where bytes[start + place] != text.utf8Start[place] { return false }
        return true
    }

    /// The first such byte at or after `start`, or the end.
    func find(_ byte: UInt8, from start: Int) -> Int {
        guard start < bytes.count else { return bytes.count }
        return bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, let hit = memchr(base + start, Int32(byte), buffer.count - start)
            else { return buffer.count }
            return UnsafeRawPointer(hit) - base
        }
    }

    func find(_ text: StaticString, from start: Int) -> Int? {
        guard text.utf8CodeUnitCount > 0, start < bytes.count else { return nil }
        var index = start
        while true {
            index = find(text.utf8Start[0], from: index)
            if index >= bytes.count { return nil }
            if matches(text, at: index) { return index }
            index += 1
        }
    }

    /// Whether the byte stands in `range`.
    func contains(_ byte: UInt8, in range: Range<Int>) -> Bool {
        Self.find(byte, in: bytes, range) != nil
    }

    /// The first such byte of `bytes[range]`.
    static func find(_ byte: UInt8, in bytes: [UInt8], _ range: Range<Int>) -> Int? {
        guard !range.isEmpty, range.upperBound <= bytes.count else { return nil }
        return bytes.withUnsafeBytes { buffer in
            // In bounds by the condition.
            guard let base = buffer.baseAddress, let hit = memchr(base + range.lowerBound, Int32(byte), range.count)
            else { return nil }
            return UnsafeRawPointer(hit) - base
        }
    }

    /// Where the local part of a name begins.
    func localStart(_ name: Range<Int>) -> Int {
        for index in name where bytes[index] == UInt8(ascii: ":") { return index + 1 }
        return name.lowerBound
    }

    /// Whether the same bytes stand in both ranges.
    func isEqual(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        guard one.count == other.count, one.upperBound <= bytes.count, other.upperBound <= bytes.count else {
            return false
        }
        return bytes.withUnsafeBytes { buffer in
            // In bounds by the condition.
            guard let base = buffer.baseAddress else { return true }
            return memcmp(base + one.lowerBound, base + other.lowerBound, one.count) == 0
        }
    }

    /// Whether two names are the same but for the case of ASCII letters.
    func isSameName(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        guard one.count == other.count else { return false }
        let distance = other.lowerBound - one.lowerBound
        for index in one where bytes[index] | 0x20 != bytes[index + distance] | 0x20 { return false }
        return true
    }

    /// A hash of the current tag's name, as ``NameHash`` gives it.
    public var nameHash: UInt64 { NameHash.of(bytes, name) }

    /// Whether a name is this one, which is in lower case.
    public func isName(_ range: Range<Int>, _ name: StaticString) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        for place in 0..<range.count where bytes[range.lowerBound + place] | 0x20 != name.utf8Start[place] | 0x20 {
            return false
        }
        return true
    }

    private func nameEnd(_ start: Int) -> Int {
        bytes.withUnsafeBufferPointer { buffer in
            var index = start
            while index < buffer.count, Self.isName(buffer[index]) { index += 1 }
            return index
        }
    }

    private func skipSpace(_ start: Int) -> Int {
        var index = start
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
        return index
    }

    @inline(__always) static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    @inline(__always) static func beginsName(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":")
    }

    @inline(__always) static func isName(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (byte < 64 ? nameBytes.low : nameBytes.high) &>> UInt64(byte & 63) & 1 != 0
    }

    /// A bit for each byte of ASCII that a name may hold: digits, `-`, `.` and `:`, then letters and `_`.
    private static var nameBytes: (low: UInt64, high: UInt64) { (0x07FF_6000_0000_0000, 0x07FF_FFFE_87FF_FFFE) }
}
