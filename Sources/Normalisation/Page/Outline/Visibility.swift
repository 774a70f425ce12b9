import HTML

/// Whether an element is shown, as far as it says so itself; style sheets are not read.
enum Visibility {
    static func isSeen(_ attributes: UnsafeBufferPointer<HTMLDocument.Attribute>, _ document: HTMLDocument) -> Bool {
        for attribute in attributes {
            switch attribute.name {
            case .hidden: return isStreamed(attributes, document)
            case .style: if document.withBytes(attribute.value, hides) { return false }
            default: break
            }
        }
        return true
    }

    /// Whether it is what React's server renders late: it comes hidden, called `S:0` and so on, and is moved to its place.
    private static func isStreamed(_ attributes: UnsafeBufferPointer<HTMLDocument.Attribute>, _ document: HTMLDocument)
        -> Bool
    {
        attributes.contains { attribute in
            attribute.name == .id
                && document.withBytes(attribute.value) { $0.count > 2 && $0[0] == 0x53 && $0[1] == 0x3A }
        }
    }

    /// Whether a `style` says `display: none` or `visibility: hidden`.
    static func hides(_ style: UnsafeBufferPointer<UInt8>) -> Bool {
        // What is longer holds pictures.
        let style = UnsafeBufferPointer(rebasing: style.prefix(10_000))
        return matches(style, "display:none") || matches(style, "visibility:hidden")
    }

    /// Whether `declaration`, in lower case and without spaces, stands in `style`; white space there is passed over.
    private static func matches(_ style: UnsafeBufferPointer<UInt8>, _ declaration: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: declaration.utf8Start, count: declaration.utf8CodeUnitCount)
        var begin = 0
        while begin < style.count {
            var index = begin
            var matched = 0
            while index < style.count, matched < wanted.count {
                let byte = style[index]
                if byte > 0x20 {
                    guard (byte &- 0x41 < 26 ? byte | 0x20 : byte) == wanted[matched] else { break }
                    matched += 1
                } else if matched == 0 {
                    break
                }
                index += 1
            }
            if matched == wanted.count { return true }
            begin += 1
        }
        return false
    }
}
