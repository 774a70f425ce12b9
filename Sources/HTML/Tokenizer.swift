/// The tokenizer of the HTML standard (section 13.2.5) over UTF-8 bytes.
///
/// Runs of plain text are found with a few compares a byte and handed on as ranges of the input; only what the standard
/// changes (references, NUL, upper case) is written anew.
struct Tokenizer {
    /// How text is read that the tree builder has announced.
    enum Mode { case data, rcdata, rawtext, scriptData, plaintext, cdata }

    let bytes: InputBytes
    let limits: HTMLLimits
    var position = 0
    var mode = Mode.data
    /// The start tag that ends RCDATA, RAWTEXT and script data.
    var lastStartTag = TagName(0)
    /// Set by the tree builder: `<![CDATA[` begins character data here.
    var allowsCDATA = false
    var scratch: [UInt8] = []
    /// Names of the attributes of a tag that has many.
    var manyAttributes: Set<AttributeName> = []
    /// Whether what was read makes no token, such as `</>`. A flag and a loop, since such things may follow one another
    /// a million times.
    var isWithoutToken = false

    init(_ bytes: UnsafeBufferPointer<UInt8>, limits: HTMLLimits) {
        self.bytes = InputBytes(bytes)
        self.limits = limits
    }

    mutating func next(_ token: inout Token, _ tree: inout HTMLTree) {
        repeat {
            isWithoutToken = false
            switch mode {
            case .data: nextInData(&token, &tree)
            case .rcdata: nextInRawText(&token, &tree, hasReferences: true)
            case .rawtext: nextInRawText(&token, &tree, hasReferences: false)
            case .scriptData: nextInScript(&token, &tree)
            case .plaintext: nextInPlaintext(&token, &tree)
            case .cdata: nextInCDATA(&token)
            }
        } while isWithoutToken
    }

    // MARK: Helpers

    @inline(__always) static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    /// Whether a byte is one of a set of bytes below 64, which its bits are.
    @inline(__always) static func isIn(_ set: UInt64, _ byte: UInt8) -> Bool {
        byte < 64 && set >> UInt64(byte) & 1 != 0
    }

    /// Tab, line feed, form feed, space.
    static var spaces: UInt64 { 1 << 0x09 | 1 << 0x0A | 1 << 0x0C | 1 << 0x20 }
    /// White space, `/` and `>`.
    static var nameEnds: UInt64 { spaces | 1 << 0x2F | 1 << 0x3E }

    @inline(__always) static func isSpace(_ byte: UInt8) -> Bool { isIn(spaces, byte) }

    func range(_ start: Int, _ end: Int) -> HTMLDocument.TextRange {
        HTMLDocument.TextRange(
            start: Int32(truncatingIfNeeded: start), count: Int32(truncatingIfNeeded: end - start))
    }

    func characters(_ token: inout Token, _ start: Int, _ end: Int) {
        token.kind = .characters
        token.text = range(start, end)
    }

    func replacement(_ token: inout Token, _ tree: inout HTMLTree) {
        token.kind = .characters
        token.text = tree.store([0xEF, 0xBF, 0xBD])
    }

    func starts(with word: StaticString, at place: Int, ignoringCase: Bool = true) -> Bool {
        guard bytes.count - place >= word.utf8CodeUnitCount else { return false }
        for index in 0..<word.utf8CodeUnitCount {
            let byte = bytes[place + index]
            let wanted = word.utf8Start[index]
            let lowered = ignoringCase && byte &- 0x41 < 26 ? byte | 0x20 : byte
            if lowered != wanted { return false }
        }
        return true
    }

    // MARK: Text

    private mutating func nextInData(_ token: inout Token, _ tree: inout HTMLTree) {
        let start = position
        let place = bytes.find(UInt8(ascii: "<"), UInt8(ascii: "&"), 0, from: start)
        guard start < bytes.count else {
            token.kind = .end
            return
        }
        let byte = bytes.at(place)
        if byte == UInt8(ascii: "&") { return textWithReferences(&token, &tree, from: start, place) }
        if place > start {
            position = place
            return characters(&token, start, place)
        }
        if byte == 0 {
            // The tree builder drops or replaces it.
            position = place + 1
            return characters(&token, place, place + 1)
        }
        tagOpen(&token, &tree)
    }

    /// Text up to `<` or NUL with references in it, the first one at `reference`.
    private mutating func textWithReferences(
        _ token: inout Token, _ tree: inout HTMLTree, from start: Int, _ reference: Int
    ) {
        scratch.removeAll(keepingCapacity: true)
        var copied = start
        var place = reference
        while bytes.at(place) == UInt8(ascii: "&") {
            scratch.append(contentsOf: bytes[copied..<place])
            copied = appendReference(at: place, inAttribute: false, limit: bytes.count)
            place = bytes.find(UInt8(ascii: "<"), UInt8(ascii: "&"), 0, from: copied)
        }
        scratch.append(contentsOf: bytes[copied..<place])
        position = place
        token.kind = .characters
        token.text = tree.store(scratch)
    }

    private mutating func tagOpen(_ token: inout Token, _ tree: inout HTMLTree) {
        let start = position
        guard let next = bytes.at(start + 1) else {
            position = start + 1
            return characters(&token, start, start + 1)
        }
        if Self.isLetter(next) {
            position = start + 1
            return tag(&token, &tree, .startTag)
        }
        if next == UInt8(ascii: "/") {
            guard let letter = bytes.at(start + 2) else {
                position = start + 2
                return characters(&token, start, start + 2)
            }
            if Self.isLetter(letter) {
                position = start + 2
                return tag(&token, &tree, .endTag)
            }
            if letter == UInt8(ascii: ">") {
                position = start + 3
                isWithoutToken = true
                return
            }
            position = start + 2
            return bogusComment(&token, &tree)
        }
        if next == UInt8(ascii: "!") {
            position = start + 2
            return markupDeclaration(&token, &tree)
        }
        if next == UInt8(ascii: "?") {
            position = start + 1
            return bogusComment(&token, &tree)
        }
        // Text, and so are all that follow and begin nothing: one token for each would take long.
        var end = start
        repeat {
            end = bytes.find(UInt8(ascii: "<"), UInt8(ascii: "&"), 0, from: end + 1)
        } while bytes.at(end) == UInt8(ascii: "<") && bytes.at(end + 1).map(Self.beginsMarkup) == false
        position = end
        characters(&token, start, end)
    }

    /// Whether a byte behind `<` makes it more than text.
    private static func beginsMarkup(_ byte: UInt8) -> Bool {
        isLetter(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?")
    }

    private mutating func nextInRawText(_ token: inout Token, _ tree: inout HTMLTree, hasReferences: Bool) {
        guard position < bytes.count else {
            token.kind = .end
            return
        }
        let start = position
        var place = start
        let reference = hasReferences ? UInt8(ascii: "&") : 0
        while true {
            place = bytes.find(UInt8(ascii: "<"), reference, 0, from: place)
            guard bytes.at(place) == UInt8(ascii: "<"), !isAppropriateEndTag(at: place, tree) else { break }
            place += 1
        }
        if place > start {
            position = place
            return characters(&token, start, place)
        }
        switch bytes[place] {
        case 0:
            position = place + 1
            replacement(&token, &tree)
        case UInt8(ascii: "&"):
            // One reference at a time, as the text's end takes more than a byte to be found.
            scratch.removeAll(keepingCapacity: true)
            position = appendReference(at: place, inAttribute: false, limit: bytes.count)
            token.kind = .characters
            token.text = tree.store(scratch)
        default:
            position = place + 2
            mode = .data
            tag(&token, &tree, .endTag)
        }
    }

    private mutating func nextInPlaintext(_ token: inout Token, _ tree: inout HTMLTree) {
        guard position < bytes.count else {
            token.kind = .end
            return
        }
        let end = bytes.find(0, from: position)
        if end > position {
            characters(&token, position, end)
            position = end
        } else {
            position += 1
            replacement(&token, &tree)
        }
    }

    private mutating func nextInCDATA(_ token: inout Token) {
        let start = position
        var place = start
        while place < bytes.count, bytes[place] != 0 {
            if bytes[place] == UInt8(ascii: "]"), starts(with: "]]>", at: place) { break }
            place += 1
        }
        if place > start {
            position = place
            return characters(&token, start, place)
        }
        if place < bytes.count, bytes[place] == 0 {
            position = place + 1
            return characters(&token, place, place + 1)
        }
        mode = .data
        position = min(place + 3, bytes.count)
        isWithoutToken = true
    }

    /// Whether `</name` of the last start tag stands here, followed by what ends a name.
    func isAppropriateEndTag(at place: Int, _ tree: HTMLTree) -> Bool {
        guard bytes.at(place + 1) == UInt8(ascii: "/") else { return false }
        return tree.tagNames.withName(lastStartTag.rawValue) { name in
            let end = place + 2 + name.count
            guard end < bytes.count else { return false }
            for index in 0..<name.count {
                let byte = bytes[place + 2 + index]
                if (byte &- 0x41 < 26 ? byte | 0x20 : byte) != name[index] { return false }
            }
            return Self.isIn(Self.nameEnds, bytes[end])
        }
    }

    private mutating func nextInScript(_ token: inout Token, _ tree: inout HTMLTree) {
        guard position < bytes.count else {
            token.kind = .end
            return
        }
        let start = position
        let end = scriptEnd(from: start, tree)
        if end > start {
            // NUL is rare enough to be looked for only now.
            let null = bytes.find(0, from: start, to: end)
            if null < end {
                if null > start {
                    position = null
                    return characters(&token, start, null)
                }
                position = start + 1
                return replacement(&token, &tree)
            }
            position = end
            return characters(&token, start, end)
        }
        position = start + 2
        mode = .data
        scriptResume = nil
        tag(&token, &tree, .endTag)
    }

    /// What was found out of a script so far, when NUL cuts its text.
    private var scriptResume: Int?

    /// The place of the end tag that ends the script: `<!--` with `<script` in it hides one (sections 13.2.5.15 to 31).
    private mutating func scriptEnd(from start: Int, _ tree: HTMLTree) -> Int {
        if let known = scriptResume, known >= start { return known }
        enum Escape { case none, escaped, doubleEscaped }
        var escape = Escape.none
        var place = start
        while true {
            place =
                escape == .none
                ? bytes.find(UInt8(ascii: "<"), from: place)
                : bytes.find(UInt8(ascii: "<"), UInt8(ascii: "-"), UInt8(ascii: "-"), from: place)
            guard place < bytes.count else { break }
            if bytes[place] == UInt8(ascii: "<") {
                if escape == .doubleEscaped {
                    if isWord("</script", at: place) { escape = .escaped }
                } else if isAppropriateEndTag(at: place, tree) {
                    scriptResume = place
                    return place
                } else if escape == .none, starts(with: "<!--", at: place) {
                    escape = .escaped
                    // The dashes may belong to the end of the comment as well: `<!-->`.
                    place += 2
                    continue
                } else if escape == .escaped, isWord("<script", at: place) {
                    escape = .doubleEscaped
                }
            } else if starts(with: "-->", at: place) {
                escape = .none
                place += 2
            }
            place += 1
        }
        scriptResume = bytes.count
        return bytes.count
    }

    private func isWord(_ word: StaticString, at place: Int) -> Bool {
        guard starts(with: word, at: place), let after = bytes.at(place + word.utf8CodeUnitCount) else { return false }
        return Self.isIn(Self.nameEnds, after)
    }
}
