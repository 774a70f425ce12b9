import Glibc

/// Cuts XML into tags and text, one at a time, whatever the text is.
///
/// It holds places in the text, and no text: its caller hands over the same bytes (UTF-8) at each call. It never fails: what
/// is no markup is text, what never ends is closed at the end of the input. All access to the bytes is checked.
public struct XMLLexer: Sendable {
    /// The current tag's name as written, or what comes first in a processing instruction.
    public private(set) var name: Range<Int> = 0..<0
    /// Where the local part of the current tag's name begins, behind the prefix.
    public private(set) var localStart = 0
    /// A hash of the local part, as ``NameHash`` gives it.
    public private(set) var localNameHash: UInt64 = 0
    /// Whether the current start tag has attributes.
    public private(set) var hasAttributes = false
    /// Whether the current start tag may declare namespaces, bases or languages.
    private(set) var mayDeclare = false
    /// Whether the current start tag closes itself.
    public private(set) var isSelfClosing = false
    /// What is inside the current text, CDATA section, comment or declaration.
    public private(set) var content: Range<Int> = 0..<0
    /// Where the next token begins.
    public private(set) var offset = 0

    /// A lexer at the beginning of a text.
    public init() {}

    /// Goes on at `offset`, which is the beginning of a token or stands in a text.
    package mutating func move(to offset: Int) { self.offset = offset }

    /// Moves to the next token.
    public mutating func next(in bytes: Span<UInt8>) -> XMLToken {
        guard offset < bytes.count else { return .end }
        let isMarkup = bytes[offset] == UInt8(ascii: "<")
        if isMarkup, let token = markup(bytes) { return token }
        // A '<' that begins no markup is text.
        let end = bytes.first(UInt8(ascii: "<"), from: isMarkup ? offset + 1 : offset) ?? bytes.count
        content = offset..<end
        offset = end
        return .text
    }

    /// Where nothing but text, or one CDATA section, stands before the end tag `name`: moves behind that tag, makes the text
    /// ``content`` and says what it is.
    mutating func takeContent(of name: Range<Int>, in bytes: Span<UInt8>) -> XMLToken? {
        let isCharacterData = bytes.has("<![CDATA[", at: offset)
        let start = isCharacterData ? offset + 9 : offset
        guard let end = isCharacterData ? bytes.first("]]>", from: start) : bytes.first(UInt8(ascii: "<"), from: start)
        else { return nil }
        let tag = isCharacterData ? end + 3 : end
        let tagEnd = tag + name.count + 3
        guard tagEnd <= bytes.count, bytes[tag] == UInt8(ascii: "<"), bytes[tag + 1] == UInt8(ascii: "/"),
            bytes[tagEnd - 1] == UInt8(ascii: ">"), bytes.isEqual(name, at: tag + 2)
        else { return nil }
        content = start..<end
        offset = tagEnd
        return isCharacterData ? .characterData : .text
    }

    private mutating func markup(_ bytes: Span<UInt8>) -> XMLToken? {
        guard offset + 1 < bytes.count else { return nil }
        let byte = bytes[offset + 1]
        if byte == UInt8(ascii: "/") { return endTag(bytes) }
        if byte.beginsXMLName { return startTag(bytes) }
        if byte == UInt8(ascii: "!") { return declaration(bytes) }
        guard byte == UInt8(ascii: "?") else { return nil }
        let start = offset + 2
        let end = bytes.first("?>", from: start) ?? bytes.first(UInt8(ascii: ">"), from: start) ?? bytes.count
        takeName(bytes, from: start)
        content = start..<end
        offset = min(bytes.count, end + (end < bytes.count && bytes[end] == UInt8(ascii: "?") ? 2 : 1))
        return .processingInstruction
    }

    private mutating func endTag(_ bytes: Span<UInt8>) -> XMLToken? {
        let start = offset + 2
        guard start < bytes.count, bytes[start].beginsXMLName else { return nil }
        takeName(bytes, from: start)
        // A '<' before the '>' means that the '>' was forgotten.
        var index = name.upperBound
        while index < bytes.count, bytes[index] != UInt8(ascii: ">"), bytes[index] != UInt8(ascii: "<") { index += 1 }
        offset = index < bytes.count && bytes[index] == UInt8(ascii: ">") ? index + 1 : index
        return .endElement
    }

    private mutating func startTag(_ bytes: Span<UInt8>) -> XMLToken {
        isSelfClosing = false
        hasAttributes = false
        mayDeclare = false
        takeName(bytes, from: offset + 1)
        var index = name.upperBound
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: ">") {
                index += 1
                break
            }
            if byte == UInt8(ascii: "<") { break }
            if byte.beginsXMLName {
                hasAttributes = true
                if byte == UInt8(ascii: "x") { mayDeclare = true }
                index = XMLAttributes.attribute(in: bytes, at: index).end
                continue
            }
            if byte == UInt8(ascii: "/") {
                isSelfClosing = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: ">")
            }
            index += 1
        }
        offset = index
        return .startElement
    }

    /// The current start tag's attributes, as many as `limit`.
    public func attributes(limit: Int) -> XMLAttributes {
        XMLAttributes(from: name.upperBound, to: hasAttributes ? offset : name.upperBound, limit: limit)
    }

    /// The current start tag's first attribute of that name, which is in lower case.
    public func attribute(_ name: StaticString, in bytes: Span<UInt8>, limit: Int) -> XMLAttribute? {
        guard hasAttributes else { return nil }
        var attributes = attributes(limit: limit)
        while let attribute = attributes.next(in: bytes) {
            if bytes.isName(attribute.name, name) { return attribute }
        }
        return nil
    }

    private mutating func declaration(_ bytes: Span<UInt8>) -> XMLToken? {
        let start = offset
        if bytes.has("<!--", at: start) { return section(bytes, from: start + 4, to: "-->", .comment) }
        if bytes.has("<![CDATA[", at: start) { return section(bytes, from: start + 9, to: "]]>", .characterData) }
        guard start + 2 < bytes.count, bytes[start + 2].beginsXMLName else { return nil }
        var index = start + 2
        var quote: UInt8 = 0
        var brackets = 0
        while index < bytes.count {
            let byte = bytes[index]
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if brackets > 0, bytes.has("<!--", at: index) {
                index = (bytes.first("-->", from: index + 4) ?? bytes.count - 3) + 2
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
        return .documentType
    }

    /// What stands before `end`, which is three bytes long.
    private mutating func section(
        _ bytes: Span<UInt8>, from start: Int, to end: StaticString, _ token: XMLToken
    ) -> XMLToken {
        let end = bytes.first(end, from: start) ?? bytes.count
        content = start..<max(start, end)
        offset = min(bytes.count, end + 3)
        return token
    }

    private mutating func takeName(_ bytes: Span<UInt8>, from start: Int) {
        var index = start
        var localStart = start
        while true {
            // Nearly all names are of letters.
            index = bytes.endOfLetters(from: index)
            guard index < bytes.count, bytes[index].isInXMLName else { break }
            if bytes[index] == UInt8(ascii: ":"), localStart == start { localStart = index + 1 }
            index += 1
        }
        name = start..<index
        self.localStart = localStart
        localNameHash = NameHash.of(bytes, localStart..<index)
    }

    /// Whether the current tag's name has a prefix.
    public var hasPrefix: Bool { localStart > name.lowerBound }
}
