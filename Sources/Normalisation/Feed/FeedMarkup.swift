import Document
import HTML
import XML

/// What the text of a feed means: plain or HTML, escaped once or twice.
enum FeedMarkup {
    /// Whether text of no declared form holds tags or references of HTML.
    static func looksLikeHTML(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.withUnsafeBufferPointer(looksLikeHTML) }

    private static func looksLikeHTML(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let tag = bytes.firstOffset(of: UInt8(ascii: "<")) ?? bytes.count
        var index = UnsafeBufferPointer(rebasing: bytes[..<tag]).firstOffset(of: UInt8(ascii: "&")) ?? tag
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "<"):
                if beginsTag(UnsafeBufferPointer(rebasing: bytes[index...])) { return true }
            case UInt8(ascii: "&"):
                let rest = bytes[(index + 1)...].prefix(12)
                if let end = rest.firstIndex(of: UInt8(ascii: ";")), end > index + 1,
                    rest[..<end].allSatisfy({ isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "#") })
                {
                    return true
                }
            default: break
            }
            index += 1
        }
        return false
    }

    /// Whether a tag of HTML stands at the beginning. A name in brackets that is none of HTML's is text: `List<String>`.
    private static func beginsTag(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = bytes.count > 1 && bytes[1] == UInt8(ascii: "/") ? 2 : 1
        guard start == 2 || bytes.count > 1 && isLetter(bytes[1]), bytes.prefix(4096).contains(UInt8(ascii: ">")) else {
            return false
        }
        var end = start
        while end < bytes.count, isLetter(bytes[end]) || (0x30...0x39).contains(bytes[end]) { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: ">") else { return true }
        return names[NameHash.of(bytes.span, start..<end)]
    }

    private static let names = WordTable(
        "\(TagName.knownNames)".utf8.split { $0 <= 0x20 }.map {
            (hash: NameHash.of(String(Substring($0))), value: true)
        },
        absent: false)

    /// What is said by text that was written; nil where it is nothing. A CDATA section that was escaped, or stands in
    /// another one, is what it holds.
    static func content(ofWritten bytes: ArraySlice<UInt8>, isMarkup: Bool) -> ArraySlice<UInt8>? {
        guard let start = bytes.firstIndex(where: { $0 > 0x20 }) else { return nil }
        let opening = "<![CDATA[".utf8
        guard bytes[start] == UInt8(ascii: "<"), !isMarkup, start + 1 < bytes.endIndex,
            bytes[start + 1] == UInt8(ascii: "!"), bytes[start...].starts(with: opening)
        else { return bytes }
        var inner = bytes[(start + opening.count)...]
        while let last = inner.last, last <= 0x20 { inner.removeLast() }
        // Within a section its end can't be written as it is.
        for end in ["]]>", "]]&gt;"] where inner.suffix(end.utf8.count).elementsEqual(end.utf8) {
            inner.removeLast(end.utf8.count)
        }
        return inner.contains(where: { $0 > 0x20 }) ? inner : nil
    }

    /// The text on one line without markup.
    static func line(_ text: FeedText) -> String? {
        if text.form == .plain { return TextBytes.line(text.bytes) }
        return TextBytes.line(FragmentRenderer.render(unescapedOnce(text.bytes), base: nil, collectsLinks: false).text)
    }

    /// The text in blocks, with its pictures and links, as the result of `renderer`.
    static func render(_ text: FeedText, base: String?, with renderer: inout FragmentRenderer) {
        guard text.form == .html else { return renderer.render(plain: text.bytes.span) }
        renderer.render(unescapedOnce(text.bytes).span, base: text.base ?? base)
    }

    /// The text with its structure.
    static func content(of text: FeedText, base: String?) -> RichContent {
        text.form == .html
            ? ContentForms.content(ofFragment: Array(unescapedOnce(text.bytes)), base: text.base ?? base)
            : ContentForms.content(ofText: text.bytes)
    }

    /// Markup that was escaped twice: no tag at all, but escaped ones that are opened and closed.
    static func unescapedOnce(_ slice: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let mayBe = slice.withUnsafeBufferPointer {
            $0.firstOffset(of: UInt8(ascii: "<")) == nil && $0.firstOffset(of: UInt8(ascii: "&")) != nil
        }
        guard mayBe else { return slice }
        let bytes = Array(slice)
        let text = bytes[...]
        var hasOpening = false
        var hasClosing = false
        var index = text.startIndex
        while let place = text[index...].firstIndex(of: UInt8(ascii: "&")) {
            index = place + 1
            guard text[place...].starts(with: "&lt;".utf8), place + 4 < text.endIndex else { continue }
            let next = text[place + 4]
            if next == UInt8(ascii: "/") { hasClosing = true }
            let name = text[(place + 4)...].prefix(12).prefix { isLetter($0) || (0x31...0x36).contains($0) }
            if MarkupElement.isKnown(bytes, name.startIndex..<name.endIndex) { hasOpening = true }
            if text[place...].prefix(12).starts(with: "&lt;br".utf8) { hasClosing = true }
        }
        guard hasOpening, hasClosing else { return slice }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        XMLTokenizer.appendResolving(bytes, 0..<bytes.count, to: &output)
        return output[...]
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
