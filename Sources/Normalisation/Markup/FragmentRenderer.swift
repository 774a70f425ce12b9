import Document
import JSON
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
        var links = PackedTexts()
    }

    /// Pictures and links that are kept of one fragment.
    static let maximumLinks = 2000

    var result = Rendered()
    let elements = MarkupElement.table
    var lexer = XMLLexer()
    private var entities = XMLEntities()
    private let limits = XMLLimits()
    private var base: String?
    /// The base taken apart, once it was needed.
    private var baseAddress: Address??
    private var collects = true
    /// Whether what is plain goes through ``runPlain(_:)``; a test does without, since nothing may change by it.
    var takesShortWay = true

    /// The block that is being written to the result, as nearly all are: one without line breaks.
    var line = LineWriter()
    /// Where the result ended before it.
    var lineStart: Int?
    /// A block with line breaks or cells as far as it has come, which is put together here.
    private var block: [UInt8] = []
    /// Its text since the last break, as the source has it; otherwise room for text on its way.
    private var raw: [UInt8] = []
    private var preformatted = 0

    /// Renders `html`, resolving its links against `base`.
    static func render(_ html: [UInt8], base: String?, collectsLinks: Bool = true) -> Rendered {
        render(html[...], base: base, collectsLinks: collectsLinks)
    }

    /// The same of a part of something.
    static func render(_ html: ArraySlice<UInt8>, base: String?, collectsLinks: Bool = true) -> Rendered {
        var renderer = FragmentRenderer()
        renderer.render(html.span, base: base, collectsLinks: collectsLinks)
        return renderer.result
    }

    /// The same into ``result``; used again and again.
    mutating func render(_ html: Span<UInt8>, base: String?, collectsLinks: Bool = true) {
        clear()
        lexer = XMLLexer()
        self.base = base
        baseAddress = nil
        preformatted = 0
        collects = collectsLinks
        result.text.reserveCapacity(html.count + Self.plainRoom)
        run(html)
    }

    /// Makes ``result`` one of plain text, whose paragraphs are parted by empty lines.
    mutating func render(plain text: Span<UInt8>) {
        clear()
        var start = 0
        while start < text.count {
            let end = text.first(0x0A, from: start) ?? text.count
            let isEmpty = (start..<end).allSatisfy { text[$0] <= 0x20 }
            // The line feed parts its words from the next ones.
            if isEmpty { endLine() } else { append(text.extracting(start..<min(end + 1, text.count))) }
            start = end + 1
        }
        endLine()
    }

    private mutating func clear() {
        result.text.removeAll(keepingCapacity: true)
        if !result.images.isEmpty { result.images.removeAll() }
        if !result.links.isEmpty { result.links.removeAll() }
        if !block.isEmpty { block.removeAll(keepingCapacity: true) }
        if !raw.isEmpty { raw.removeAll(keepingCapacity: true) }
        lineStart = nil
    }

    private mutating func run(_ html: Span<UInt8>) {
        while true {
            // What is most of nearly all fragments comes out the same in one pass.
            if takesShortWay, isLine, runPlain(html) {
                start(html)
                continue
            }
            switch lexer.next(in: html) {
            case .end:
                endBlock()
                return
            case .text: text(html, holdsReferences: true)
            case .characterData: text(html, holdsReferences: false)
            case .startElement: start(html)
            case .endElement: end()
            case .documentType: entities.declare(from: html, in: lexer.content)
            default: continue
            }
        }
    }

    /// What the current tag means; names with a prefix are none of HTML.
    var element: MarkupElement { lexer.hasPrefix ? .inline : elements[lexer.localNameHash] }

    private mutating func start(_ html: Span<UInt8>) {
        switch element {
        case .inline: return
        case .block: endBlock()
        case .lineBreak:
            breakLine()
            block.append(0x0A)
        case .preformatted:
            endBlock()
            preformatted += 1
        case .hidden: skipHidden(html)
        case .image: image(html)
        case .anchor: link(html)
        case .cell:
            breakLine()
            if !block.isEmpty { block.append(0x20) }
        }
    }

    private mutating func end() {
        switch element {
        case .block: endBlock()
        case .preformatted:
            endBlock()
            preformatted = max(0, preformatted - 1)
        default: return
        }
    }

    // To the end tag of the same name, over everything in between.
    private mutating func skipHidden(_ html: Span<UInt8>) {
        if lexer.isSelfClosing { return }
        let name = lexer.name
        while true {
            switch lexer.next(in: html) {
            case .end: return
            case .endElement where html.isSameName(lexer.name, name): return
            case .documentType: entities.declare(from: html, in: lexer.content)
            default: continue
            }
        }
    }

    // MARK: - Text

    private mutating func text(_ html: Span<UInt8>, holdsReferences: Bool) {
        let text = html.extracting(lexer.content)
        let holdsReferences = holdsReferences && text.first(UInt8(ascii: "&"), from: 0) != nil
        if isLine, !holdsReferences { return append(text) }
        if holdsReferences {
            entities.append(text, 0..<text.count, to: &raw)
        } else {
            raw.append(text, 0..<text.count)
        }
        guard isLine else { return }
        // Taken out for so long, since it can't be read while the renderer changes.
        var resolved: [UInt8] = []
        swap(&resolved, &raw)
        append(resolved.span)
        swap(&resolved, &raw)
        raw.removeAll(keepingCapacity: true)
    }

    /// Whether the current block has come to no line break yet.
    private var isLine: Bool { block.isEmpty && preformatted == 0 }

    /// Appends a piece of the current line to the result.
    private mutating func append(_ text: Span<UInt8>) {
        if lineStart == nil {
            lineStart = result.text.count
            if !result.text.isEmpty {
                result.text.append(0x0A)
                result.text.append(0x0A)
            }
            line = LineWriter()
        }
        line.append(text, to: &result.text)
    }

    /// Ends a block without line breaks.
    mutating func endLine() {
        guard let start = lineStart else { return }
        lineStart = nil
        if line.isEmpty { result.text.removeLast(result.text.count - start) }
    }

    /// Takes the text so far into ``block``, where white space at either end is one space.
    private mutating func breakLine() {
        guard isLine else { return flushRaw() }
        guard let start = lineStart else { return }
        let end = result.text.count
        endLine()
        guard !line.isEmpty else { return }
        block.append(contentsOf: result.text[(start == 0 ? 0 : start + 2)..<end])
        result.text.removeLast(end - start)
        if line.endsWithSpace { block.append(0x20) }
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
        if isLine { return endLine() }
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

    // MARK: - Blocks with line breaks

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

    // MARK: - Pictures and links

    private mutating func value(_ name: StaticString, _ html: Span<UInt8>) -> String? {
        guard let attribute = lexer.attribute(name, in: html, limit: limits.attributes) else { return nil }
        var bytes: [UInt8] = []
        entities.append(html, attribute.value, to: &bytes)
        return TextBytes.line(bytes)
    }

    mutating func image(_ html: Span<UInt8>) {
        guard collects, result.images.count < Self.maximumLinks, let url = pictureAddress(html) else { return }
        let width = value("width", html).flatMap { Int($0) }
        let height = value("height", html).flatMap { Int($0) }
        // Pictures of one pixel count readers.
        if let width, let height, width <= 2 || height <= 2 { return }
        result.images.append(
            Document.Image(
                url: url, caption: value("alt", html), width: width.flatMap(size), height: height.flatMap(size)))
    }

    /// The address of a picture; what scripts that load pictures late read, where `src` holds none.
    private mutating func pictureAddress(_ html: Span<UInt8>) -> String? {
        for name in ["src", "data-src", "data-original", "data-lazy-src"] as [StaticString] {
            if let source = value(name, html), let url = CanonicalURL.resolve(source, against: base),
                url.hasPrefix("http")
            {
                return url
            }
        }
        return nil
    }

    private func size(_ value: Int) -> Int? { (1...100_000).contains(value) ? value : nil }

    mutating func link(_ html: Span<UInt8>) {
        guard collects, let attribute = lexer.attribute("href", in: html, limit: limits.attributes) else { return }
        link(to: attribute.value, html)
    }

    /// Takes the address that stands at `place` as it is written.
    mutating func link(to place: Range<Int>, _ html: Span<UInt8>) {
        guard collects, result.links.count < Self.maximumLinks else { return }
        let isTaken = html.extracting(place).withUnsafeBufferPointer { reference in
            guard PlainAddress.isNormal(written: reference) else { return false }
            result.links.append(reference)
            return true
        }
        guard !isTaken, let url = resolved(place, html) else { return }
        url.utf8.span.withUnsafeBufferPointer { result.links.append($0) }
    }

    private mutating func resolved(_ place: Range<Int>, _ html: Span<UInt8>) -> String? {
        var bytes: [UInt8] = []
        entities.append(html, place, to: &bytes)
        guard let reference = TextBytes.line(bytes), !reference.hasPrefix("#") else { return nil }
        if baseAddress == nil { baseAddress = .some(base.flatMap(Address.init)) }
        return CanonicalURL.resolve(reference, at: baseAddress ?? nil).flatMap { $0.hasPrefix("http") ? $0 : nil }
    }
}
