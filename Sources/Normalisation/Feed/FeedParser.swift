import Document
import XML

/// Reads RSS 0.9x to 2.0, RSS 1.0 (RDF), Atom 0.3 and 1.0 and CDF, well-formed or not.
///
/// All methods are mutating, since it is large and would be copied for others.
struct FeedParser {
    /// Entries that are read of one feed.
    static let maximumEntries = 100_000

    var reader: XMLReader
    var feed = Feed()
    /// The entry that is being read, while there is one.
    var entry = FeedEntry()
    /// Room for text on its way.
    var scratch: [UInt8] = []
    private let elements = FeedElement.table
    private var isInEntry = false
    private var entryDepth = 0
    private var isFeed = false
    /// By the number of the declaration, for names without prefix and with one; of the first declarations, which nearly all
    /// names are of.
    private var spaces = [FeedNamespace?](repeating: nil, count: 128)
    let base: String?
    /// What the newest bases came to: many elements have the same.
    private var resolved: (bases: [String], base: String?) = ([], nil)

    /// Reads the feed in `bytes` (UTF-8) and hands each entry to `take` when it ends, with what the feed has said of itself
    /// so far. Nil when they are no feed.
    static func parse(_ bytes: [UInt8], base: String?, _ take: (borrowing FeedEntry, borrowing Feed.Shared) -> Void)
        -> Feed?
    {
        var parser = FeedParser(bytes, base: base)
        parser.run(take)
        return parser.isFeed ? parser.feed : nil
    }

    private init(_ bytes: [UInt8], base: String?) {
        reader = XMLReader(bytes)
        self.base = base
    }

    private mutating func run(_ take: (borrowing FeedEntry, borrowing Feed.Shared) -> Void) {
        while true {
            switch reader.nextTag() {
            case .finished:
                finishEntry(take)
                return
            case .text: continue
            case .end: if isInEntry, reader.depth == entryDepth { finishEntry(take) }
            case .start: start(take)
            }
        }
    }

    private mutating func start(_ take: (borrowing FeedEntry, borrowing Feed.Shared) -> Void) {
        let space = self.space
        let element = elements[reader.localNameHash]
        guard isFeed else { return root(space, element) }
        let beginsEntry = space == .core && (element == .item || element == .entry)
        if isInEntry {
            // One inside another is one behind another that was never closed.
            guard beginsEntry, reader.depth == entryDepth + 1 else { return entryField(space, element) }
            finishEntry(take)
        }
        if beginsEntry { return beginEntry(element) }
        // A page behind the feed: what the server said after it.
        if element == .html, reader.depth == 1 { return skip() }
        feedField(space, element)
    }

    /// The namespace of the current element; each declaration is looked at once.
    private var space: FeedNamespace {
        mutating get {
            let number = reader.namespaceNumber
            guard number > 0 else { return reader.hasPrefix ? FeedNamespace(reader.namespace, hasPrefix: true) : .core }
            // A declaration's number is never used again.
            let place = (number &- 1) << 1 | (reader.hasPrefix ? 1 : 0)
            if place < spaces.count, let space = spaces[place] { return space }
            let space = FeedNamespace(reader.namespace, hasPrefix: reader.hasPrefix)
            if place < spaces.count { spaces[place] = space }
            return space
        }
    }

    private mutating func root(_ space: FeedNamespace, _ element: FeedElement) {
        switch element {
        case .rss: feed.format = "rss"
        case .rdf: feed.format = "rdf"
        case .feed where space == .core: feed.format = "atom"
        case .channel where space == .core:
            feed.format = reader.attribute("href") == nil && reader.depth > 1 ? "rss" : "cdf"
        default:
            // Something else around a feed is passed over as long as nothing shows that this is a page.
            if element == .html || reader.depth > 8 { skip() }
            return
        }
        isFeed = true
        feed.shared.language = reader.language
        if element == .channel { channelAttributes() }
    }

    private mutating func channelAttributes() {
        if let link = reader.attribute("href") { feed.shared.info.url = feed.shared.info.url ?? absolute(link) }
        if let time = reader.attribute("lastmod") { feed.shared.info.modified = DateParser.parse(time) }
    }

    private mutating func beginEntry(_ element: FeedElement) {
        guard feed.entries < Self.maximumEntries else {
            feed.dropped += 1
            return skip()
        }
        // Made where it stays: it is large.
        entry = FeedEntry()
        entryDepth = reader.depth
        entry.language = reader.language
        if element == .item {
            if let about = reader.attribute("about") { entry.id = TextBytes.line(about) }
            if let link = reader.attribute("href") { entry.link = absolute(link) }
            if let time = reader.attribute("lastmod") { entry.modified = DateParser.parse(time) }
        }
        entry.base = currentBase
        isInEntry = true
    }

    private mutating func finishEntry(_ take: (borrowing FeedEntry, borrowing Feed.Shared) -> Void) {
        guard isInEntry else { return }
        isInEntry = false
        feed.entries += 1
        if entry.summary == nil { entry.summary = entry.subtitle }
        take(entry, feed.shared)
    }

    // MARK: - Reading values

    /// What references here are relative to.
    var currentBase: String? {
        mutating get {
            if reader.bases.isEmpty { return base }
            if resolved.bases == reader.bases { return resolved.base }
            var base = self.base
            for next in reader.bases { base = CanonicalURL.resolve(next, against: base) ?? base }
            resolved = (reader.bases, base)
            return base
        }
    }

    /// The address that a reference means here; the reference itself where it means none.
    mutating func absolute(_ reference: String) -> String? {
        if let normal = PlainAddress.normal(reference, isCanonical: false) { return normal }
        guard let reference = TextBytes.line(reference) else { return nil }
        return CanonicalURL.resolve(reference, against: currentBase) ?? reference
    }

    /// Moves to the end of the current element over everything in it.
    mutating func skip() {
        let depth = reader.depth
        while true {
            switch reader.nextTag() {
            case .finished: return
            case .end: if reader.depth == depth { return }
            default: continue
            }
        }
    }

    /// The current element's text on one line.
    mutating func line() -> String? {
        if reader.takeText() { return takenLine() }
        let (bytes, isMarkup) = capture()
        return isMarkup
            ? TextBytes.line(FragmentRenderer.render(bytes, base: nil, collectsLinks: false).text)
            : TextBytes.line(bytes)
    }

    /// The text on one line that the reader has just taken.
    mutating func takenLine() -> String? {
        var line: String?
        if reader.withPlainText({ line = TextBytes.line($0) }) { return line }
        scratch.removeAll(keepingCapacity: true)
        reader.appendText(to: &scratch)
        return TextBytes.line(scratch)
    }

    /// The moment that the current element's text means.
    mutating func time() -> Timestamp? {
        guard reader.takeText() else { return line().flatMap { DateParser.parse($0) } }
        // Nearly all dates stand there as they are.
        var time: Timestamp?
        _ = reader.withPlainText { text in
            if TextBytes.isLine(text) { time = text.withUnsafeBufferPointer { DateParser.parse(utf8: $0) } }
        }
        return time ?? takenLine().flatMap { DateParser.parse($0) }
    }

    mutating func url() -> String? { line().flatMap { absolute($0) } }

    /// What the current element holds: its text, or its markup as HTML where it has elements inside. Escaped text beside
    /// elements is text, unless the element declares that it holds escaped markup.
    mutating func capture(holdsEscapedMarkup: Bool = false) -> (bytes: ArraySlice<UInt8>, isMarkup: Bool) {
        var text: [UInt8] = []
        if reader.takeText() {
            if let plain = reader.plainText() { return (plain, false) }
            reader.appendText(to: &text)
            return (text[...], false)
        }
        let depth = reader.depth
        let outerBases = reader.bases.count
        var isMarkup = false
        while true {
            switch reader.next() {
            case .finished: return (text[...], isMarkup)
            case .text:
                if isMarkup, !holdsEscapedMarkup {
                    var piece: [UInt8] = []
                    reader.appendText(to: &piece)
                    Self.escape(piece, to: &text)
                } else {
                    reader.appendText(to: &text)
                }
            case .start:
                if !isMarkup {
                    isMarkup = true
                    if !holdsEscapedMarkup {
                        let plain = text
                        text.removeAll(keepingCapacity: true)
                        Self.escape(plain, to: &text)
                    }
                }
                if reader.bases.count > outerBases {
                    let base = currentBase
                    reader.appendStartTag(to: &text) { CanonicalURL.resolve($0, against: base) ?? $0 }
                } else {
                    reader.appendStartTag(to: &text)
                }
            case .end:
                if reader.depth == depth { return (text[...], isMarkup) }
                reader.appendEndTag(to: &text)
            }
        }
    }

    private static func escape(_ plain: [UInt8], to output: inout [UInt8]) {
        for byte in plain {
            switch byte {
            case UInt8(ascii: "<"): output.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: "&"): output.append(contentsOf: "&amp;".utf8)
            default: output.append(byte)
            }
        }
    }

    /// What relative references in a text here are relative to, where that is not what its entry says.
    private var ownBase: String? { mutating get { reader.bases.isEmpty ? nil : currentBase } }

    /// A text construct (Atom: RFC 4287, section 3.1; RSS: whatever was put there).
    mutating func textConstruct() -> FeedText? {
        let base = ownBase
        guard reader.hasAttributes else {
            let (bytes, isMarkup) = capture()
            guard let text = FeedMarkup.content(ofWritten: bytes, isMarkup: isMarkup) else { return nil }
            return FeedText(bytes: text, form: isMarkup || FeedMarkup.looksLikeHTML(text) ? .html : .plain, base: base)
        }
        let type = reader.attribute("type")?.lowercased() ?? ""
        let mode = reader.attribute("mode")?.lowercased() ?? ""
        var (bytes, isMarkup) = capture(holdsEscapedMarkup: type == "html" || mode == "escaped")
        // "application/octet-stream" and the like are base64 too, unless the type says that it is text.
        let isBinary = !type.isEmpty && type.contains("/") && !type.hasPrefix("text/") && !type.hasSuffix("xml")
        if !isMarkup, mode == "base64" || isBinary, let decoded = Base64.decode(Array(bytes)) { bytes = decoded[...] }
        // A picture or a film, written out.
        if ["image/", "audio/", "video/"].contains(where: type.hasPrefix), !type.hasSuffix("xml") { return nil }
        guard let text = FeedMarkup.content(ofWritten: bytes, isMarkup: isMarkup) else { return nil }
        bytes = text
        let form: FeedText.Form
        if isMarkup || type == "html" || type == "text/html" || type == "xhtml" || type.hasSuffix("xhtml+xml") {
            form = .html
        } else if type == "text", mode.isEmpty {
            form = .plain
        } else {
            form = FeedMarkup.looksLikeHTML(bytes) ? .html : .plain
        }
        return FeedText(bytes: bytes, form: form, base: base)
    }
}
