import HTML

/// Where the picture of an `img` element is.
enum PictureSource {
    /// What scripts that load pictures late read comes before `src`, which then holds a stand-in; where neither holds an
    /// address, the largest of `srcset` or of the `source` elements beside it counts.
    static func reference(_ image: HTMLDocument.NodeIndex, _ document: HTMLDocument) -> String? {
        for name in [AttributeName.dataSrc, .dataOriginal, .dataLazySrc, .src] {
            if let source = document.attributeString(name, of: image), isAddress(source) { return source }
        }
        if let source = largest(image, document) { return source }
        let parent = document.nodes[Int(image)].parent
        guard document.isElement(parent, .picture) else { return nil }
        var sibling = document.nodes[Int(parent)].firstChild
        for _ in 0..<16 where sibling != HTMLDocument.none {
            if document.isElement(sibling, .source), let source = largest(sibling, document) { return source }
            sibling = document.nodes[Int(sibling)].nextSibling
        }
        return nil
    }

    private static func isAddress(_ text: String) -> Bool {
        let text = text.drop { $0.isWhitespace }
        return !text.isEmpty && !text.hasPrefix("data:") && !text.hasPrefix("#") && !text.hasPrefix("about:")
            && !text.hasPrefix("{")
    }

    private static func largest(_ node: HTMLDocument.NodeIndex, _ document: HTMLDocument) -> String? {
        for name in [AttributeName.dataSrcset, .srcset] {
            if let set = document.attribute(name, of: node), set.count < 16_384,
                let source = largest(inSet: document.string(set)), isAddress(source)
            {
                return source
            }
        }
        return nil
    }

    /// The candidate with the highest width or density (HTML, section 4.8.4.2.1).
    static func largest(inSet text: String) -> String? {
        var best: (size: Double, source: String)?
        var rest = text.utf8[...]
        while true {
            rest = rest.drop { $0 <= 0x20 || $0 == UInt8(ascii: ",") }
            if rest.isEmpty { break }
            var source = rest.prefix { $0 > 0x20 }
            rest = rest[source.endIndex...]
            var size = 1.0
            if source.last == UInt8(ascii: ",") {
                while source.last == UInt8(ascii: ",") { source.removeLast() }
            } else {
                let descriptor = rest.prefix { $0 != UInt8(ascii: ",") }
                rest = rest[descriptor.endIndex...]
                let words = String(Substring(descriptor)).split(separator: " ")
                size = words.first.flatMap { Double($0.dropLast()) } ?? 1
            }
            if size > best?.size ?? 0 { best = (size, String(Substring(source))) }
        }
        return best?.source
    }

    /// Pixels that an attribute tells.
    static func size(_ name: AttributeName, of image: HTMLDocument.NodeIndex, _ document: HTMLDocument) -> Int? {
        document.attributeString(name, of: image).flatMap { Int($0.prefix { ("0"..."9").contains($0) }) }.flatMap {
            (1...100_000).contains($0) ? $0 : nil
        }
    }
}
