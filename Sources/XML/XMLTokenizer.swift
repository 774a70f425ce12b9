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

/// Cuts XML into tags and text, one at a time, whatever the text is: an ``XMLLexer`` with its bytes, and with what references
/// stand for.
///
/// It resolves no external entity, reads no external subset, and bounds what entities of the internal subset may expand to.
/// Input is UTF-8 (``Charset`` decodes).
public struct XMLTokenizer {
    /// The text, UTF-8.
    public let bytes: [UInt8]
    /// What is taken of it.
    public let limits: XMLLimits
    var lexer = XMLLexer()
    var entities: XMLEntities

    /// A tokenizer at the beginning of `bytes`.
    public init(_ bytes: [UInt8], limits: XMLLimits = XMLLimits()) {
        self.bytes = bytes
        self.limits = limits
        entities = XMLEntities(limits)
    }

    /// The current tag's name as written, or what comes first in a processing instruction.
    public var name: Range<Int> { lexer.name }
    /// Whether the current start tag closes itself.
    public var isSelfClosing: Bool { lexer.isSelfClosing }
    /// What is inside the current text, CDATA section, comment or declaration.
    public var content: Range<Int> { lexer.content }
    /// Where the next token begins.
    public var offset: Int { lexer.offset }

    /// The current start tag's attributes.
    public var attributes: [XMLAttribute] {
        var found: [XMLAttribute] = []
        var attributes = lexer.attributes(limit: limits.attributes)
        while let attribute = attributes.next(in: bytes.span) { found.append(attribute) }
        return found
    }

    /// Moves to the next token.
    public mutating func next() -> XMLToken {
        let token = Self.next(&lexer, bytes)
        if token == .documentType {
            let bytes = bytes
            entities.declare(from: bytes.span, in: lexer.content)
        }
        return token
    }

    // A span of the bytes can't be made while the lexer is changed in its place, unless they come as two.
    @inline(__always) private static func next(_ lexer: inout XMLLexer, _ bytes: [UInt8]) -> XMLToken {
        lexer.next(in: bytes.span)
    }

    /// Moves behind white space that a tag follows, if it stands here.
    mutating func skipSpace() {
        let offset = lexer.offset
        let end = bytes.span.endOfSpace(from: offset)
        if end > offset, end < bytes.count, bytes[end] == UInt8(ascii: "<") { lexer.move(to: end) }
    }

    /// Moves behind the end tag `name` if it stands here, written in the same way.
    mutating func takeEnd(of name: Range<Int>) -> Bool {
        let offset = lexer.offset
        let end = offset + name.count + 2
        guard end < bytes.count, bytes[offset] == UInt8(ascii: "<"), bytes[offset + 1] == UInt8(ascii: "/"),
            bytes[end] == UInt8(ascii: ">"), bytes.span.isEqual(name, at: offset + 2)
        else { return false }
        lexer.move(to: end + 1)
        return true
    }

    /// Moves behind the end tag `name` where nothing but text, or one CDATA section, stands before it.
    mutating func takeContent(of name: Range<Int>) -> XMLToken? {
        Self.takeContent(of: name, &lexer, bytes)
    }

    @inline(__always)
    private static func takeContent(of name: Range<Int>, _ lexer: inout XMLLexer, _ bytes: [UInt8]) -> XMLToken? {
        lexer.takeContent(of: name, in: bytes.span)
    }

    /// Appends the current text or CDATA section as it reads, references resolved.
    public mutating func appendContent(to output: inout [UInt8], isCharacterData: Bool) {
        append(lexer.content, holdsReferences: !isCharacterData, to: &output)
    }

    /// Appends an attribute's value with its references resolved.
    public mutating func appendValue(of attribute: XMLAttribute, to output: inout [UInt8]) {
        append(attribute.value, holdsReferences: true, to: &output)
    }

    private mutating func append(_ range: Range<Int>, holdsReferences: Bool, to output: inout [UInt8]) {
        guard holdsReferences, bytes.span.first(UInt8(ascii: "&"), in: range) != nil else {
            return output.append(bytes.span, range)
        }
        let bytes = bytes
        entities.append(bytes.span, range, to: &output)
    }

    /// Appends `text` with the references of HTML resolved once: for markup that was escaped twice.
    public static func appendResolving(_ text: [UInt8], _ range: Range<Int>, to output: inout [UInt8]) {
        var entities = XMLEntities()
        entities.append(text.span, range, to: &output)
    }
}
