import Document
import XML

/// Renders a fragment of HTML, as feeds carry it, to text blocks in one pass without a tree.
///
/// A fragment has no navigation to remove, so all of its text counts: blocks end where block elements do, `br` breaks a
/// line and two of them a paragraph, `pre` keeps its lines, scripts and styles go.
struct FragmentRenderer {
    /// What a fragment holds.
    struct Rendered {
        /// Blocks separated by one blank line.
        var text: [UInt8] = []
        var images: [Document.Image] = []
        var links: [String] = []
    }

    /// Pictures and links that are kept of one fragment.
    static let maximumLinks = 2000

    private var tokenizer = XMLTokenizer([])
    private(set) var result = Rendered()
    private var block: [UInt8] = []
    private var raw: [UInt8] = []
    private var base: String?
    /// The base taken apart, once it was needed.
    private var baseAddress: Address??
    private var preformatted = 0
    private var collects = true

    /// Renders `html`, resolving its links against `base`.
    static func render(_ html: [UInt8], base: String?, collectsLinks: Bool = true) -> Rendered {
        var renderer = FragmentRenderer()
        renderer.render(html, base: base, collectsLinks: collectsLinks)
        return renderer.result
    }

    /// The same into ``result``; used again and again.
    mutating func render(_ html: [UInt8], base: String?, collectsLinks: Bool = true) {
        clear()
        tokenizer.restart(html)
        self.base = base
        baseAddress = nil
        preformatted = 0
        collects = collectsLinks
        result.text.reserveCapacity(html.count)
        run()
    }

    /// Makes ``result`` one of plain text, whose paragraphs are parted by empty lines.
    mutating func render(plain text: [UInt8]) {
        clear()
        var start = 0
        while start < text.count {
            let end = text.withUnsafeBufferPointer { $0.firstOffset(of: 0x0A, from: start) } ?? text.count
            if text[start..<end].contains(where: { $0 > 0x20 }) {
                if !raw.isEmpty { raw.append(0x20) }
                raw.append(contentsOf: text[start..<end])
            } else {
                endPlainBlock()
            }
            start = end + 1
        }
        endPlainBlock()
    }

    private mutating func clear() {
        result.text.removeAll(keepingCapacity: true)
        if !result.images.isEmpty { result.images.removeAll() }
        if !result.links.isEmpty { result.links.removeAll() }
        block.removeAll(keepingCapacity: true)
        raw.removeAll(keepingCapacity: true)
    }

    private mutating func run() {
        while true {
            switch tokenizer.next() {
            case .end:
                endBlock()
                return
            case .text: tokenizer.appendContent(to: &raw, isCharacterData: false)
            case .characterData: tokenizer.appendContent(to: &raw, isCharacterData: true)
            case .startElement: start()
            case .endElement: end()
            default: continue
            }
        }
    }

    private mutating func start() {
        switch MarkupElement(nameHash: tokenizer.nameHash) {
        case .inline: return
        case .block: endBlock()
        case .lineBreak:
            flushRaw()
            block.append(0x0A)
        case .preformatted:
            endBlock()
            preformatted += 1
        case .hidden: skipHidden()
        case .image: image()
        case .anchor: link()
        case .cell:
            flushRaw()
            if !block.isEmpty { block.append(0x20) }
        }
    }

    private mutating func end() {
        switch MarkupElement(nameHash: tokenizer.nameHash) {
        case .block: endBlock()
        case .preformatted:
            endBlock()
            preformatted = max(0, preformatted - 1)
        default: return
        }
    }

    // To the end tag of the same name, over everything in between.
    private mutating func skipHidden() {
        if tokenizer.isSelfClosing { return }
        let name = tokenizer.bytes[tokenizer.name].map { $0 | 0x20 }
        while true {
            switch tokenizer.next() {
            case .end: return
            case .endElement where tokenizer.bytes[tokenizer.name].map({ $0 | 0x20 }) == name: return
            default: continue
            }
        }
    }

    private mutating func value(_ name: StaticString) -> String? {
        for attribute in tokenizer.attributes where tokenizer.isName(attribute.name, name) {
            var bytes: [UInt8] = []
            tokenizer.appendValue(of: attribute, to: &bytes)
            return TextBytes.line(bytes)
        }
        return nil
    }

    private mutating func image() {
        guard collects, result.images.count < Self.maximumLinks, let source = value("src"),
            let url = CanonicalURL.resolve(source, against: base), url.hasPrefix("http")
        else { return }
        let width = value("width").flatMap { Int($0) }
        let height = value("height").flatMap { Int($0) }
        // Pictures of one pixel count readers.
        if let width, let height, width <= 2 || height <= 2 { return }
        result.images.append(
            Document.Image(url: url, caption: value("alt"), width: width.flatMap(size), height: height.flatMap(size)))
    }

    private func size(_ value: Int) -> Int? { (1...100_000).contains(value) ? value : nil }

    private mutating func link() {
        guard collects, result.links.count < Self.maximumLinks,
            let attribute = tokenizer.attributes.first(where: { tokenizer.isName($0.name, "href") }),
            let url = plain(attribute) ?? resolved(attribute)
        else { return }
        if result.links.isEmpty { result.links.reserveCapacity(8) }
        if result.links.last != url { result.links.append(url) }
    }

    private func plain(_ attribute: XMLAttribute) -> String? {
        tokenizer.bytes.withUnsafeBufferPointer {
            // What holds references has to be resolved first.
            let value = UnsafeBufferPointer(rebasing: $0[attribute.value])
            return value.firstOffset(of: UInt8(ascii: "&")) == nil ? PlainAddress.normal(utf8: value) : nil
        }
    }

    private mutating func resolved(_ attribute: XMLAttribute) -> String? {
        var bytes: [UInt8] = []
        tokenizer.appendValue(of: attribute, to: &bytes)
        guard let reference = TextBytes.line(bytes), !reference.hasPrefix("#") else { return nil }
        if baseAddress == nil { baseAddress = .some(base.flatMap(Address.init)) }
        return CanonicalURL.resolve(reference, at: baseAddress ?? nil).flatMap { $0.hasPrefix("http") ? $0 : nil }
    }

    private mutating func flushRaw() {
        guard !raw.isEmpty else { return }
        if preformatted > 0 {
            block.append(contentsOf: raw)
        } else {
            // One space stands for white space at either end, where there is text beside it.
            if let first = raw.first, TextBytes.isSpace(first), let last = block.last, last > 0x20 {
                block.append(0x20)
            }
            let before = block.count
            TextBytes.appendLine(raw, 0..<raw.count, to: &block)
            if let last = raw.last, TextBytes.isSpace(last), block.count > before { block.append(0x20) }
        }
        raw.removeAll(keepingCapacity: true)
    }

    private mutating func endBlock() {
        if block.isEmpty, preformatted == 0 { return endPlainBlock() }
        flushRaw()
        guard !block.isEmpty else { return }
        if preformatted > 0 {
            var end = block.count
            while end > 0, block[end - 1] <= 0x20 { end -= 1 }
            append(block[..<end].drop { $0 == 0x0A || $0 == 0x0D })
        } else {
            // Two line breaks in a row part paragraphs; spaces around breaks go.
            for paragraph in Self.paragraphs(block) { append(paragraph[...]) }
        }
        block.removeAll(keepingCapacity: true)
    }

    /// Ends a block without line breaks, as nearly all are.
    private mutating func endPlainBlock() {
        guard !raw.isEmpty else { return }
        let before = result.text.count
        if before > 0 {
            result.text.append(0x0A)
            result.text.append(0x0A)
        }
        let start = result.text.count
        TextBytes.appendLine(raw, 0..<raw.count, to: &result.text)
        if result.text.count == start { result.text.removeLast(start - before) }
        raw.removeAll(keepingCapacity: true)
    }

    private static func paragraphs(_ block: [UInt8]) -> [[UInt8]] {
        var paragraphs: [[UInt8]] = []
        var current: [UInt8] = []
        for line in block.split(separator: 0x0A, omittingEmptySubsequences: false) {
            var line = line.drop { $0 == 0x20 }
            while line.last == 0x20 { line.removeLast() }
            if line.isEmpty {
                if !current.isEmpty { paragraphs.append(current) }
                current = []
                continue
            }
            if !current.isEmpty { current.append(0x0A) }
            current.append(contentsOf: line)
        }
        if !current.isEmpty { paragraphs.append(current) }
        return paragraphs
    }

    private mutating func append(_ paragraph: ArraySlice<UInt8>) {
        guard !paragraph.isEmpty else { return }
        if !result.text.isEmpty { result.text.append(contentsOf: [0x0A, 0x0A]) }
        result.text.append(contentsOf: paragraph)
    }
}
