/// Tags of the markup that a feed has as elements of its own, as HTML.
extension XMLReader {
    /// Appends the current start tag as HTML, its name without prefix.
    ///
    /// - Parameter resolving: makes what `href` and `src` say an address that needs no base.
    public mutating func appendStartTag(to output: inout [UInt8], resolving: ((String) -> String)? = nil) {
        output.append(UInt8(ascii: "<"))
        appendLocalName(to: &output)
        for attribute in tokenizer.attributes {
            output.append(UInt8(ascii: " "))
            output.append(contentsOf: tokenizer.bytes[attribute.name])
            output.append(contentsOf: "=\"".utf8)
            var value = value(attribute)
            if let resolving, isAddress(attribute) { value = resolving(value) }
            for byte in value.utf8 {
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

    private func isAddress(_ attribute: XMLAttribute) -> Bool {
        let name = tokenizer.bytes[attribute.name]
        return name.elementsEqual("href".utf8) || name.elementsEqual("src".utf8)
    }

    /// Appends the current end tag as HTML; elements of HTML that have no content get none.
    public func appendEndTag(to output: inout [UInt8]) {
        if Self.voidElements.contains(localName) { return }
        output.append(contentsOf: "</".utf8)
        appendLocalName(to: &output)
        output.append(UInt8(ascii: ">"))
    }

    private func appendLocalName(to output: inout [UInt8]) {
        for byte in tokenizer.bytes[current.localStart..<current.name.upperBound] {
            output.append(byte &- 0x41 < 26 ? byte | 0x20 : byte)
        }
    }

    private static let voidElements: Set<String> = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
    ]
}
