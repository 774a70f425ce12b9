/// Reads XML element by element, with namespaces, `xml:base` and `xml:lang`.
///
/// Elements that are closed in the wrong order are put right: an end tag closes everything opened inside the nearest
/// element of its name, and one that matches nothing is passed over.
public struct XMLReader {
    /// What the reader stands at.
    public enum Event: Sendable, Equatable { case start, end, text, finished }

    struct Scope {
        var name: Range<Int>
        var bindings: Int
        var base: String?
        var language: String?
    }

    /// The tags and texts below the elements.
    public private(set) var tokenizer: XMLTokenizer
    /// Local part of the current element's name, in lower case.
    public private(set) var localName = ""
    /// Namespace of the current element; empty where there is none, the prefix itself where it was never declared.
    public private(set) var namespace = ""
    /// Whether the current element's name has a prefix.
    public private(set) var hasPrefix = false
    private var scopes: [Scope] = []
    private var bindings: [(prefix: String, uri: String)] = []
    private var pendingEnds = 0
    private var overflow = 0
    private var isCharacterData = false
    private var popAfter = false

    /// A reader at the beginning of `bytes`, which are UTF-8.
    public init(_ bytes: [UInt8], limits: XMLLimits = XMLLimits()) {
        tokenizer = XMLTokenizer(bytes, limits: limits)
    }

    /// Elements that are open, the current one included.
    public var depth: Int { scopes.count }
    /// The `xml:base` in force for the current element, unresolved references joined by the caller.
    public var bases: [String] { scopes.compactMap(\.base) }
    /// The `xml:lang` in force.
    public var language: String? { scopes.last { $0.language != nil }?.language }

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
            switch tokenizer.next() {
            case .end:
                guard !scopes.isEmpty else { return .finished }
                pendingEnds = scopes.count - 1
                return end()
            case .startElement:
                guard scopes.count < tokenizer.limits.depth else {
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
                guard let place = matchingScope() else { continue }
                pendingEnds = scopes.count - place - 1
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

    private mutating func end() -> Event {
        if let scope = scopes.last { setName(scope.name) }
        popAfter = true
        return .end
    }

    private mutating func pop() {
        guard let scope = scopes.popLast() else { return }
        bindings.removeLast(bindings.count - scope.bindings)
    }

    private func matchingScope() -> Int? {
        let wanted = tokenizer.bytes[tokenizer.name]
        var place = scopes.count - 1
        while place >= 0 {
            let name = tokenizer.bytes[scopes[place].name]
            if name.count == wanted.count, zip(name, wanted).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) { return place }
            place -= 1
        }
        return nil
    }

    private mutating func push() {
        var scope = Scope(name: tokenizer.name, bindings: bindings.count, base: nil, language: nil)
        for attribute in tokenizer.attributes {
            guard tokenizer.bytes[attribute.name.lowerBound] | 0x20 == UInt8(ascii: "x"), attribute.name.count >= 5
            else {
                continue
            }
            let name = string(attribute.name)
            if name == "xmlns" {
                bindings.append(("", value(attribute)))
            } else if name.hasPrefix("xmlns:") {
                bindings.append((String(name.dropFirst(6)), value(attribute)))
            } else if name == "xml:base" {
                scope.base = value(attribute)
            } else if name == "xml:lang" {
                scope.language = value(attribute)
            }
        }
        scopes.append(scope)
        setName(tokenizer.name)
    }

    private mutating func setName(_ range: Range<Int>) {
        let bytes = tokenizer.bytes[range]
        if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            hasPrefix = true
            localName = lowercased((colon + 1)..<range.upperBound)
            namespace = uri(string(range.lowerBound..<colon))
        } else {
            hasPrefix = false
            localName = lowercased(range)
            namespace = bindings.isEmpty ? "" : uri("")
        }
    }

    private func uri(_ prefix: String) -> String {
        bindings.last { $0.prefix == prefix }?.uri ?? prefix
    }

    private func string(_ range: Range<Int>) -> String { String(decoding: tokenizer.bytes[range], as: UTF8.self) }

    private func lowercased(_ range: Range<Int>) -> String {
        let bytes = tokenizer.bytes
        guard range.contains(where: { (0x41...0x5A).contains(bytes[$0]) }) else { return string(range) }
        return String(decoding: bytes[range].map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    private mutating func value(_ attribute: XMLAttribute) -> String {
        var bytes: [UInt8] = []
        tokenizer.appendValue(of: attribute, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value of the current start tag's attribute of that local name, whatever its prefix; nil when there is none.
    public mutating func attribute(_ local: String) -> String? {
        for attribute in tokenizer.attributes {
            var range = attribute.name
            if let colon = tokenizer.bytes[range].firstIndex(of: UInt8(ascii: ":")) {
                range = (colon + 1)..<range.upperBound
            }
            if range.count == local.utf8.count,
                zip(tokenizer.bytes[range], local.utf8).allSatisfy({ $0 | 0x20 == $1 | 0x20 })
            {
                return value(attribute)
            }
        }
        return nil
    }

    /// Appends the current text, references resolved.
    public mutating func appendText(to output: inout [UInt8]) {
        tokenizer.appendContent(to: &output, isCharacterData: isCharacterData)
    }

    /// Appends the current start tag as HTML, its name without prefix.
    public mutating func appendStartTag(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "<"))
        output.append(contentsOf: localName.utf8)
        for attribute in tokenizer.attributes {
            output.append(UInt8(ascii: " "))
            output.append(contentsOf: tokenizer.bytes[attribute.name])
            output.append(contentsOf: "=\"".utf8)
            for byte in value(attribute).utf8 {
                switch byte {
                case UInt8(ascii: "\""): output.append(contentsOf: "&quot;".utf8)
                case UInt8(ascii: "&"): output.append(contentsOf: "&amp;".utf8)
                default: output.append(byte)
                }
            }
            output.append(UInt8(ascii: "\""))
        }
        output.append(UInt8(ascii: ">"))
    }

    /// Appends the current end tag as HTML; elements of HTML that have no content get none.
    public func appendEndTag(to output: inout [UInt8]) {
        if Self.voidElements.contains(localName) { return }
        output.append(contentsOf: "</".utf8)
        output.append(contentsOf: localName.utf8)
        output.append(UInt8(ascii: ">"))
    }

    private static let voidElements: Set<String> = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
    ]
}
