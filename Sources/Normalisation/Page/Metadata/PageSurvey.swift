import HTML

/// Everything in a page that may tell its metadata, collected in one walk over its nodes.
///
/// Texts are counted as they come; that count, the place, tells how far a date or a name stands from the headline.
struct PageSurvey {
    typealias NodeIndex = HTMLDocument.NodeIndex

    /// A heading and where it stands.
    struct Heading {
        var node: NodeIndex
        var level: Int
        var place: Int
    }

    /// Something marked as a name or a date.
    struct Mark {
        enum Kind { case property, relation, link, hint, spoken, time, modified }
        var node: NodeIndex
        var place: Int
        var kind: Kind
    }

    let document: HTMLDocument
    /// Names in lower case and values of `meta` elements, in their order.
    private(set) var metas: [(name: String, value: String)] = []
    private(set) var titleElement: String?
    private(set) var language: String?
    private(set) var base: String?
    private(set) var canonical: String?
    /// Texts of `script` elements that hold JSON-LD.
    private(set) var linkedData: [HTMLDocument.TextRange] = []
    /// Types of microdata, in lower case.
    private(set) var types: Set<String> = []
    private(set) var headings: [Heading] = []
    /// Short texts in their order: the place is the index.
    private(set) var texts: [NodeIndex] = []
    /// Places of texts that may hold a date.
    private(set) var datedPlaces: [Int] = []
    private(set) var people: [Mark] = []
    private(set) var dates: [Mark] = []

    private var isInBody = false
    /// The node behind what is hidden, while the walk is in it.
    private var endOfHidden: NodeIndex?
    /// Behind a `noscript` element, in which some software keeps its posts; headings there speak of scripts.
    private var endOfScriptless: NodeIndex?

    private static let limit = 96
    private static let textLimit = 20_000
    /// Bytes of a text that a date or a name may stand in.
    static let longestText = 160

    private static let skipped = KnownTags(
        .style, .template, .iframe, .object, .select, .textarea, .canvas, .audio, .video)

    init(_ document: HTMLDocument, url: String?) {
        self.document = document
        base = url
        var node: NodeIndex = 0
        while node != HTMLDocument.none {
            if node == endOfHidden { endOfHidden = nil }
            if node == endOfScriptless { endOfScriptless = nil }
            let entry = document.nodes[Int(node)]
            switch entry.kind {
            case .text: text(node, entry)
            case .element:
                if entry.namespace != .html || Self.skipped.contains(entry.tag) {
                    node = document.nextSkippingChildren(node, within: 0)
                    continue
                }
                if element(node, entry) {
                    node = document.nextSkippingChildren(node, within: 0)
                    continue
                }
            default: break
            }
            node = document.next(node, within: 0)
        }
    }

    // MARK: Elements

    /// Returns whether what is below needs no look.
    private mutating func element(_ node: NodeIndex, _ entry: HTMLDocument.Node) -> Bool {
        switch entry.tag {
        case .script:
            script(node, entry)
            return true
        case .body: isInBody = true
        case .noscript: endOfScriptless = document.nextSkippingChildren(node, within: 0)
        case .html: language = document.attributeString(.lang, of: node).flatMap(Text.clean)
        case .base:
            if let href = document.attributeString(.href, of: node) {
                base = CanonicalURL.resolve(href, against: base) ?? base
            }
        case .title:
            if titleElement == nil { titleElement = line(of: node, limit: 2000) }
            return true
        case .link: link(node)
        case .meta: meta(node)
        case .h1: heading(node, 1)
        case .h2: heading(node, 2)
        case .h3: heading(node, 3)
        case .h4, .legend: heading(node, 4)
        case .time: markDate(node, .time)
        default: break
        }
        document.withAttributes(of: node) { attributes in
            if attributes.isEmpty { return }
            take(attributes, of: node, entry)
            if isInBody, endOfHidden == nil { takeHints(attributes, of: node, entry) }
        }
        return false
    }

    private typealias Attributes = UnsafeBufferPointer<HTMLDocument.Attribute>

    /// Takes the words of classes and ids, where the element can be seen.
    private mutating func takeHints(_ attributes: Attributes, of node: NodeIndex, _ entry: HTMLDocument.Node) {
        if entry.tag != .body, !Visibility.isSeen(attributes, document) {
            endOfHidden = document.nextSkippingChildren(node, within: 0)
            return
        }
        let hints = ElementHints(attributes, document)
        if hints.contains(.author) { markPerson(node, .hint) }
        if hints.contains(.date), entry.tag != .time { markDate(node, .hint) }
    }

    private mutating func take(_ attributes: Attributes, of node: NodeIndex, _ entry: HTMLDocument.Node) {
        for attribute in attributes {
            switch attribute.name {
            case .itemtype:
                if types.count < 64, attribute.value.count <= 400,
                    let name = document.string(attribute.value).split(separator: "/").last
                {
                    types.insert(name.lowercased())
                }
            case .itemprop where entry.tag != .meta:
                document.withBytes(attribute.value) { bytes in
                    if Self.contains(bytes, "author") || Self.contains(bytes, "creator") {
                        markPerson(node, .property)
                    } else if Self.contains(bytes, "modified") {
                        markDate(node, .modified)
                    } else if Self.contains(bytes, "published") || Self.contains(bytes, "created") {
                        markDate(node, .property)
                    }
                }
            // `relative-time` and other elements that scripts define.
            case .datetime where entry.tag != .time && entry.tag != .ins && entry.tag != .del: markDate(node, .time)
            case .rel where entry.tag == .a:
                if document.withBytes(attribute.value, { Self.contains($0, "author") }) {
                    markPerson(node, .relation)
                }
            case .href where entry.tag == .a:
                if document.withBytes(attribute.value, Self.leadsToPerson) { markPerson(node, .link) }
            default: break
            }
        }
    }

    private mutating func markPerson(_ node: NodeIndex, _ kind: Mark.Kind) {
        if people.count < Self.limit { people.append(Mark(node: node, place: texts.count, kind: kind)) }
    }

    private mutating func markDate(_ node: NodeIndex, _ kind: Mark.Kind) {
        if dates.count < Self.limit { dates.append(Mark(node: node, place: texts.count, kind: kind)) }
    }

    private mutating func heading(_ node: NodeIndex, _ level: Int) {
        if headings.count < 64, endOfScriptless == nil {
            headings.append(Heading(node: node, level: level, place: texts.count))
        }
    }

    private mutating func script(_ node: NodeIndex, _ entry: HTMLDocument.Node) {
        guard linkedData.count < 32, entry.firstChild != HTMLDocument.none,
            let type = document.attribute(.type, of: node),
            document.withBytes(type, { Self.contains($0, "ld+json") })
        else { return }
        linkedData.append(document.nodes[Int(entry.firstChild)].text)
    }

    private mutating func link(_ node: NodeIndex) {
        guard canonical == nil, let rel = document.attributeString(.rel, of: node)?.lowercased(),
            rel.split(separator: " ").contains("canonical"), let href = document.attributeString(.href, of: node)
        else { return }
        canonical = CanonicalURL.resolve(href, against: base)
    }

    private mutating func meta(_ node: NodeIndex) {
        guard metas.count < 400, let content = document.attribute(.content, of: node), content.count < 8192,
            let value = Text.clean(document.string(content))
        else { return }
        for attribute in [AttributeName.property, .name, .itemprop, .httpEquiv] {
            guard let names = document.attributeString(attribute, of: node)?.lowercased() else { continue }
            for name in names.split(separator: " ").prefix(4) {
                // Dublin Core stands with a point or a colon.
                let name = name.hasPrefix("dc") ? String(name).replacing(":", with: ".") : String(name)
                metas.append((name, value))
            }
        }
    }

    // MARK: Texts

    private mutating func text(_ node: NodeIndex, _ entry: HTMLDocument.Node) {
        guard texts.count < Self.textLimit else { return }
        let (isBlank, hasYear, isSpoken) = document.withBytes(entry.text) { bytes -> (Bool, Bool, Bool) in
            var start = 0
            while start < bytes.count, bytes[start] <= 0x20 { start += 1 }
            guard start < bytes.count else { return (true, false, false) }
            guard bytes.count - start <= Self.longestText else { return (false, false, false) }
            return (false, Self.hasYear(bytes, from: start), Byline.begins(bytes, at: start))
        }
        if isBlank { return }
        if hasYear, datedPlaces.count < Self.limit { datedPlaces.append(texts.count) }
        if isSpoken { markPerson(node, .spoken) }
        texts.append(node)
    }

    /// Whether four figures that may be a year are in the text.
    private static func hasYear(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Bool {
        var run = 0
        for index in start...bytes.count {
            if index < bytes.count, bytes[index] &- 0x30 < 10 {
                run += 1
                continue
            }
            if run == 4, bytes[index - 4] == 0x31 || bytes[index - 4] == 0x32 { return true }
            run = 0
        }
        return false
    }

    /// Whether the letters of a word occur, in any case.
    static func contains(_ bytes: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.count >= count else { return false }
        for start in 0...(bytes.count - count) {
            var index = 0
            while index < count, bytes[start + index] | 0x20 == word.utf8Start[index] | 0x20 { index += 1 }
            if index == count { return true }
        }
        return false
    }

    private static func leadsToPerson(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count <= 300 else { return false }
        for (index, byte) in bytes.enumerated() where byte == 0x2F || byte == 0x3F || byte == 0x26 {
            let rest = UnsafeBufferPointer(rebasing: bytes[(index + 1)...])
            for word in personPaths where starts(rest, word) {
                // `/authors/…` and `?author=…`, not `/authorization`.
                let end = word.utf8CodeUnitCount
                let isMany = end > 3 && end < rest.count && rest[end] | 0x20 == UInt8(ascii: "s")
                let next = isMany ? end + 1 : end
                guard next + 1 < rest.count else { continue }
                if rest[next] == 0x2F || rest[next] == 0x3D && end > 3 { return true }
            }
        }
        return false
    }

    private static let personPaths: [StaticString] = [
        "author", "contributor", "people", "profile", "writer", "reporter", "journalist", "byline", "staff", "user",
        "u", "member", "by", "team", "producer", "autor", "auteur",
    ]

    private static func starts(_ bytes: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
        guard bytes.count >= word.utf8CodeUnitCount else { return false }
        for index in 0..<word.utf8CodeUnitCount where bytes[index] | 0x20 != word.utf8Start[index] | 0x20 {
            return false
        }
        return true
    }

    // MARK: Reading

    /// The value of the first of those `meta` elements that has one.
    func meta(_ names: String...) -> String? {
        for name in names { if let found = metas.first(where: { $0.name == name }) { return found.value } }
        return nil
    }

    /// The text at a place, white space made single.
    func text(at place: Int) -> String? {
        guard texts.indices.contains(place) else { return nil }
        let range = document.nodes[Int(texts[place])].text
        return range.count > 400 ? nil : Text.clean(document.string(range))
    }

    /// The texts below a node, each for itself; nothing when they are longer than a line.
    func pieces(of root: NodeIndex, limit: Int = 12) -> [String] {
        var pieces: [String] = []
        var length = 0
        var node = root
        while node != HTMLDocument.none, pieces.count < limit {
            let entry = document.nodes[Int(node)]
            if entry.kind == .element,
                entry.namespace != .html || entry.tag == .script || Self.skipped.contains(entry.tag)
            {
                node = document.nextSkippingChildren(node, within: root)
                continue
            }
            if entry.kind == .text {
                length += Int(entry.text.count)
                if length > 2000 { break }
                if let text = Text.clean(document.string(entry.text)) { pieces.append(text) }
            }
            node = document.next(node, within: root)
        }
        return pieces
    }

    /// The text below a node as it reads: a space where elements begin that stand on lines of their own, nothing of
    /// pictures' titles and scripts. Nil when it is empty or longer than `limit` bytes.
    func line(of root: NodeIndex, limit: Int = 500) -> String? {
        var bytes: [UInt8] = []
        var node = root
        while node != HTMLDocument.none {
            let entry = document.nodes[Int(node)]
            if entry.kind == .element {
                if entry.namespace != .html || entry.tag == .script || Self.skipped.contains(entry.tag) {
                    bytes.append(0x20)
                    node = document.nextSkippingChildren(node, within: root)
                    continue
                }
                if !Self.inline.contains(entry.tag) { bytes.append(0x20) }
            }
            if entry.kind == .text { document.withBytes(entry.text) { bytes.append(contentsOf: $0) } }
            if bytes.count > limit * 4 { return nil }
            node = document.next(node, within: root)
        }
        let text = Text.clean(String(decoding: bytes, as: UTF8.self))
        return text.flatMap { $0.utf8.count <= limit ? $0 : nil }
    }

    private static let inline = KnownTags(
        .a, .b, .i, .em, .strong, .u, .s, .font, .small, .big, .sub, .sup, .mark, .abbr, .code, .q, .cite, .wbr, .bdi,
        .bdo, .tt, .nobr, .ins, .del, .kbd, .`var`, .span)
}

/// Small helpers for text out of attributes.
enum Text {
    /// White space made single; nil when nothing is left.
    static func clean(_ text: String) -> String? { TextBytes.line(text.utf8) }

    /// Letters and figures alone, in lower case: what two writings of one name have in common.
    static func letters(_ text: some StringProtocol) -> String {
        let lower = text.lowercased()
        if isASCII(lower) { return String(decoding: lower.utf8.filter(isWordByte), as: UTF8.self) }
        return String(
            String.UnicodeScalarView(
                lower.unicodeScalars.filter { $0.properties.isAlphabetic || $0.properties.numericType != nil }))
    }

    private static func isASCII(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

    /// The words of a text in lower case.
    static func words(_ text: some StringProtocol) -> [Substring] {
        let lower = text.lowercased()
        guard isASCII(lower) else { return lower.split { !$0.isLetter && !$0.isNumber } }
        return lower.utf8.split { !isWordByte($0) }.map(Substring.init)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 }
}
