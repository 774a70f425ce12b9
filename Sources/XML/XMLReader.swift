/// Reads XML element by element, with namespaces, `xml:base` and `xml:lang`.
///
/// Elements that are closed in the wrong order are put right: an end tag closes everything opened inside the nearest
/// element of its name, and one that matches nothing is passed over.
///
/// What is asked for at each element is inlined or mutating, since a large structure is copied for each other call from
/// outside of this module.
public struct XMLReader {
    /// What the reader stands at.
    public enum Event: Sendable, Equatable { case start, end, text, finished }

    @usableFromInline struct Scope {
        /// As written.
        @usableFromInline var name: Range<Int>
        /// Where the local part of the name begins.
        @usableFromInline var localStart: Int
        @usableFromInline var localNameHash: UInt64
        /// Counts before this element's own were added.
        var bindings: Int
        var bases: Int
        var languages: Int
    }

    private struct Binding {
        /// Where the prefix stands; empty for the default namespace.
        var prefix: Range<Int>
        var uri: String
        var number: Int
    }

    /// The tags and texts below the elements.
    public private(set) var tokenizer: XMLTokenizer
    /// The current element.
    @usableFromInline var current = Scope(
        name: 0..<0, localStart: 0, localNameHash: 0, bindings: 0, bases: 0, languages: 0)
    /// Whether it is open and stands in ``scopes`` not yet, which it does only when another one begins in it: most hold
    /// nothing but text.
    @usableFromInline var isInnermost = false
    /// The open elements around it.
    @usableFromInline var scopes: [Scope] = []
    private var bindings: [Binding] = []
    private var bindingsMade = 0
    /// The number of the default namespace's declaration that is in force; 0 where there is none.
    private var defaultNumber = 0
    /// Every `xml:base` in force, the outermost first; unresolved references, joined by the caller.
    public private(set) var bases: [String] = []
    private var languages: [String] = []
    private var pendingEnds = 0
    private var overflow = 0
    private var isCharacterData = false
    private var popAfter = false

    /// A reader at the beginning of `bytes`, which are UTF-8.
    public init(_ bytes: [UInt8], limits: XMLLimits = XMLLimits()) {
        tokenizer = XMLTokenizer(bytes, limits: limits)
    }

    /// Elements that are open, the current one included.
    @inlinable public var depth: Int { scopes.count + (isInnermost ? 1 : 0) }
    /// The `xml:lang` in force.
    public var language: String? { mutating get { languages.last } }

    /// Local part of the current element's name, in lower case.
    public var localName: String {
        let bytes = tokenizer.bytes
        let range = current.localStart..<current.name.upperBound
        guard range.contains(where: { bytes[$0] &- 0x41 < 26 }) else { return string(range) }
        return String(decoding: bytes[range].map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// A hash of ``localName``, as ``NameHash`` gives it.
    @inlinable public var localNameHash: UInt64 { current.localNameHash }

    /// Whether the current element's name has a prefix.
    @inlinable public var hasPrefix: Bool { current.localStart > current.name.lowerBound }

    /// Namespace of the current element; empty where there is none, the prefix itself where it was never declared.
    public var namespace: String {
        binding().map { bindings[$0].uri }
            ?? (hasPrefix ? string(current.name.lowerBound..<current.localStart - 1) : "")
    }

    /// The number of the declaration that binds the current element's namespace, from 1 in the order of the text; 0 where
    /// there is none. The same number means the same namespace.
    public var namespaceNumber: Int {
        mutating get {
            guard hasPrefix else { return defaultNumber }
            return Self.binding(of: current, in: bindings, tokenizer.bytes).map { bindings[$0].number } ?? 0
        }
    }

    private func binding() -> Int? { Self.binding(of: current, in: bindings, tokenizer.bytes) }

    private static func binding(of scope: Scope, in bindings: [Binding], _ bytes: [UInt8]) -> Int? {
        let start = scope.name.lowerBound
        let length = max(0, scope.localStart &- 1 &- start)
        var place = bindings.count &- 1
        while place >= 0 {
            let prefix = bindings[place].prefix
            if prefix.count == length, length == 0 || bytes.span.isEqual(prefix, at: start) { return place }
            place &-= 1
        }
        return nil
    }

    /// Moves on; every start is followed by its end, whatever the text says.
    public mutating func next() -> Event {
        if popAfter {
            popAfter = false
            pop()
        }
        if pendingEnds > 0 {
            pendingEnds -= 1
            return end()
        }
        while true {
            // The end of the innermost element, as nearly all ends are.
            if overflow == 0, let name = innermost?.name, tokenizer.takeEnd(of: name) { return end() }
            switch tokenizer.next() {
            case .end:
                guard depth > 0 else { return .finished }
                pendingEnds = depth - 1
                return end()
            case .startElement:
                guard depth < tokenizer.limits.depth else {
                    if !tokenizer.isSelfClosing { overflow += 1 }
                    continue
                }
                push()
                if tokenizer.isSelfClosing { pendingEnds = 1 }
                return .start
            case .endElement:
                if overflow > 0 {
                    overflow -= 1
                    continue
                }
                guard let inside = elementsInsideMatch() else { continue }
                pendingEnds = inside
                return end()
            case .text:
                if overflow > 0 { continue }
                isCharacterData = false
                return .text
            case .characterData:
                if overflow > 0 { continue }
                isCharacterData = true
                return .text
            case .comment, .processingInstruction, .documentType: continue
            }
        }
    }

    /// The same, and passes over text.
    public mutating func nextTag() -> Event {
        while true {
            if pendingEnds == 0 { tokenizer.skipSpace() }
            let event = next()
            if event != .text { return event }
        }
    }

    /// To be called at a start: where the element holds nothing but text, moves to the element's end, so that its text is the
    /// current one, and says so.
    public mutating func takeText() -> Bool {
        guard pendingEnds == 0, overflow == 0, !popAfter, let name = innermost?.name,
            let token = tokenizer.takeContent(of: name)
        else { return false }
        isCharacterData = token == .characterData
        popAfter = true
        return true
    }

    /// The same, and appends the text, references resolved.
    public mutating func takeText(to output: inout [UInt8]) -> Bool {
        guard takeText() else { return false }
        appendText(to: &output)
        return true
    }

    /// Calls `body` with the current text where no reference in it has to be resolved; false where one has.
    public mutating func withPlainText(_ body: (Span<UInt8>) -> Void) -> Bool {
        let text = tokenizer.bytes.span.extracting(tokenizer.content)
        if !isCharacterData, text.first(UInt8(ascii: "&"), from: 0) != nil { return false }
        body(text)
        return true
    }

    /// The current text without a copy where no reference in it has to be resolved; nil where one has.
    public mutating func plainText() -> ArraySlice<UInt8>? {
        let range = tokenizer.content
        if !isCharacterData, tokenizer.bytes.span.first(UInt8(ascii: "&"), in: range) != nil { return nil }
        return tokenizer.bytes[range]
    }

    /// The element that was opened last of those that are open.
    private var innermost: Scope? { isInnermost ? current : scopes.last }

    private mutating func end() -> Event {
        if !isInnermost, let scope = scopes.popLast() {
            current = scope
            isInnermost = true
        }
        popAfter = true
        return .end
    }

    private mutating func pop() {
        guard isInnermost else { return }
        isInnermost = false
        if bindings.count > current.bindings {
            bindings.removeLast(bindings.count - current.bindings)
            defaultNumber = bindings.last { $0.prefix.isEmpty }?.number ?? 0
        }
        if bases.count > current.bases { bases.removeLast(bases.count - current.bases) }
        if languages.count > current.languages { languages.removeLast(languages.count - current.languages) }
    }

    /// How many open elements stand inside the nearest one of the current tag's name; nil where there is none.
    private func elementsInsideMatch() -> Int? {
        if isInnermost, tokenizer.bytes.span.isSameName(current.name, tokenizer.name) { return 0 }
        var place = scopes.count - 1
        while place >= 0 {
            if tokenizer.bytes.span.isSameName(scopes[place].name, tokenizer.name) { return depth - place - 1 }
            place -= 1
        }
        return nil
    }

    private mutating func push() {
        if isInnermost { scopes.append(current) }
        current = Scope(
            name: tokenizer.name, localStart: tokenizer.lexer.localStart, localNameHash: tokenizer.lexer.localNameHash,
            bindings: bindings.count, bases: bases.count, languages: languages.count)
        isInnermost = true
        if tokenizer.lexer.mayDeclare { takeDeclarations() }
    }

    /// Namespaces, bases and languages that the current start tag declares.
    private mutating func takeDeclarations() {
        var attributes = tokenizer.lexer.attributes(limit: tokenizer.limits.attributes)
        while let attribute = attributes.next(in: tokenizer.bytes.span) {
            let name = attribute.name
            guard name.count >= 5, tokenizer.bytes[name.lowerBound] == UInt8(ascii: "x") else { continue }
            if tokenizer.bytes.span.has("xmlns", at: name.lowerBound) {
                if name.count == 5 {
                    bind(name.upperBound..<name.upperBound, attribute)
                } else if tokenizer.bytes[name.lowerBound + 5] == UInt8(ascii: ":") {
                    bind(name.lowerBound + 6..<name.upperBound, attribute)
                }
            } else if name.count == 8, tokenizer.bytes.span.has("xml:base", at: name.lowerBound) {
                if bases.count == current.bases, bases.count < tokenizer.limits.bases { bases.append(value(attribute)) }
            } else if name.count == 8, tokenizer.bytes.span.has("xml:lang", at: name.lowerBound) {
                if languages.count == current.languages { languages.append(value(attribute)) }
            }
        }
    }

    private mutating func bind(_ prefix: Range<Int>, _ attribute: XMLAttribute) {
        guard bindings.count < tokenizer.limits.namespaces else { return }
        bindingsMade += 1
        bindings.append(Binding(prefix: prefix, uri: value(attribute), number: bindingsMade))
        if prefix.isEmpty { defaultNumber = bindingsMade }
    }

    private func string(_ range: Range<Int>) -> String { tokenizer.bytes.span.string(range) }

    mutating func value(_ attribute: XMLAttribute) -> String {
        if tokenizer.bytes.span.first(UInt8(ascii: "&"), in: attribute.value) == nil { return string(attribute.value) }
        var bytes: [UInt8] = []
        tokenizer.appendValue(of: attribute, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the current start tag has attributes.
    public var hasAttributes: Bool { mutating get { tokenizer.lexer.hasAttributes } }

    /// The value of the current start tag's attribute of that local name, whatever its prefix; nil when there is none.
    public mutating func attribute(_ local: StaticString) -> String? {
        guard tokenizer.lexer.hasAttributes else { return nil }
        var attributes = tokenizer.lexer.attributes(limit: tokenizer.limits.attributes)
        while let attribute = attributes.next(in: tokenizer.bytes.span) {
            let name = tokenizer.bytes.span.localPart(of: attribute.name)
            if tokenizer.bytes.span.isName(name, local) { return value(attribute) }
        }
        return nil
    }

    /// Whether the current start tag's attribute of that local name is `text`, which is of small letters, whatever its case.
    public mutating func attribute(_ local: StaticString, is text: StaticString) -> Bool {
        var attributes = tokenizer.lexer.attributes(limit: tokenizer.limits.attributes)
        while let attribute = attributes.next(in: tokenizer.bytes.span) {
            let name = tokenizer.bytes.span.localPart(of: attribute.name)
            guard tokenizer.bytes.span.isName(name, local) else { continue }
            if tokenizer.bytes.span.isName(attribute.value, text) { return true }
            // As references it may be longer.
            return attribute.value.count > text.utf8CodeUnitCount && value(attribute).lowercased() == text.description
        }
        return false
    }

    /// Appends the current text, references resolved.
    public mutating func appendText(to output: inout [UInt8]) {
        tokenizer.appendContent(to: &output, isCharacterData: isCharacterData)
    }
}
