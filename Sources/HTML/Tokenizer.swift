import Glibc

/// The tokenizer of the HTML standard (section 13.2.5) over UTF-8 bytes.
///
/// Runs of plain text are found with a few compares a byte and handed on as ranges of the input; only what the standard
/// changes (references, NUL, upper case) is written anew.
struct Tokenizer {
    /// How text is read that the tree builder has announced.
    enum Mode { case data, rcdata, rawtext, scriptData, plaintext, cdata }

    let document: HTMLDocument
    let bytes: UnsafeBufferPointer<UInt8>
    let limits: HTMLLimits
    var position = 0
    var mode = Mode.data
    /// The start tag that ends RCDATA, RAWTEXT and script data.
    var lastStartTag = TagName(0)
    /// Set by the tree builder: `<![CDATA[` begins character data here.
    var allowsCDATA = false
    var scratch: [UInt8] = []
    /// Whether what was read makes no token, such as `</>`. A flag and a loop, since such things may follow one another
    /// a million times.
    var isWithoutToken = false

    init(_ document: HTMLDocument, _ bytes: UnsafeBufferPointer<UInt8>, limits: HTMLLimits) {
        self.document = document
        self.bytes = bytes
        self.limits = limits
    }

    mutating func next(_ token: inout Token) {
        repeat {
            isWithoutToken = false
            switch mode {
            case .data: nextInData(&token)
            case .rcdata: nextInRawText(&token, hasReferences: true)
            case .rawtext: nextInRawText(&token, hasReferences: false)
            case .scriptData: nextInScript(&token)
            case .plaintext: nextInPlaintext(&token)
            case .cdata: nextInCDATA(&token)
            }
        } while isWithoutToken
    }

    // MARK: Helpers

    @inline(__always) func byte(at place: Int) -> UInt8? { place < bytes.count ? bytes[place] : nil }

    @inline(__always) static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    @inline(__always) static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0C
    }

    func range(_ start: Int, _ end: Int) -> HTMLDocument.TextRange {
        HTMLDocument.TextRange(start: Int32(start), count: Int32(end - start))
    }

    func characters(_ token: inout Token, _ start: Int, _ end: Int) {
        token.kind = .characters
        token.text = range(start, end)
    }

    mutating func replacement(_ token: inout Token) {
        token.kind = .characters
        token.text = document.store([0xEF, 0xBF, 0xBD])
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

    /// The place of the next byte of that value, or the end.
    func find(_ byte: UInt8, from place: Int) -> Int {
        guard place < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + place, Int32(byte), bytes.count - place)
        else { return bytes.count }
        return base.distance(to: found.assumingMemoryBound(to: UInt8.self))
    }

    // MARK: Text

    private mutating func nextInData(_ token: inout Token) {
        guard position < bytes.count else {
            token.kind = .end
            return
        }
        let start = position
        var place = start
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "<") || byte == UInt8(ascii: "&") || byte == 0 { break }
            place += 1
        }
        if place > start {
            position = place
            return characters(&token, start, place)
        }
        switch bytes[place] {
        case UInt8(ascii: "&"): reference(&token)
        case 0:
            // The tree builder drops or replaces it.
            position = place + 1
            characters(&token, place, place + 1)
        default: tagOpen(&token)
        }
    }

    private mutating func tagOpen(_ token: inout Token) {
        let start = position
        guard let next = byte(at: start + 1) else {
            position = start + 1
            return characters(&token, start, start + 1)
        }
        if Self.isLetter(next) {
            position = start + 1
            return tag(&token, .startTag, from: start)
        }
        if next == UInt8(ascii: "/") {
            guard let letter = byte(at: start + 2) else {
                position = start + 2
                return characters(&token, start, start + 2)
            }
            if Self.isLetter(letter) {
                position = start + 2
                return tag(&token, .endTag, from: start)
            }
            if letter == UInt8(ascii: ">") {
                position = start + 3
                isWithoutToken = true
                return
            }
            position = start + 2
            return bogusComment(&token)
        }
        if next == UInt8(ascii: "!") {
            position = start + 2
            return markupDeclaration(&token)
        }
        if next == UInt8(ascii: "?") {
            position = start + 1
            return bogusComment(&token)
        }
        position = start + 1
        characters(&token, start, start + 1)
    }

    private mutating func reference(_ token: inout Token) {
        let start = position
        scratch.removeAll(keepingCapacity: true)
        let end = appendReference(at: start, inAttribute: false)
        position = end
        token.kind = .characters
        token.text = end == start + 1 ? range(start, end) : document.store(scratch)
    }

    private mutating func nextInRawText(_ token: inout Token, hasReferences: Bool) {
        guard position < bytes.count else {
            token.kind = .end
            return
        }
        let start = position
        var place = start
        while place < bytes.count {
            let byte = bytes[place]
            if byte == 0 || (hasReferences && byte == UInt8(ascii: "&")) { break }
            if byte == UInt8(ascii: "<"), isAppropriateEndTag(at: place) { break }
            place += 1
        }
        if place > start {
            position = place
            return characters(&token, start, place)
        }
        switch bytes[place] {
        case 0:
            position = place + 1
            replacement(&token)
        case UInt8(ascii: "&"): reference(&token)
        default:
            position = place + 2
            mode = .data
            tag(&token, .endTag, from: place)
        }
    }

    private mutating func nextInPlaintext(_ token: inout Token) {
        guard position < bytes.count else {
            token.kind = .end
            return
        }
        let end = find(0, from: position)
        if end > position {
            characters(&token, position, end)
            position = end
        } else {
            position += 1
            replacement(&token)
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
    func isAppropriateEndTag(at place: Int) -> Bool {
        guard byte(at: place + 1) == UInt8(ascii: "/") else { return false }
        let name = document.tagNames.names[Int(lastStartTag.rawValue)]
        let end = place + 2 + name.count
        guard end < bytes.count else { return false }
        for index in 0..<name.count {
            let byte = bytes[place + 2 + index]
            if (byte &- 0x41 < 26 ? byte | 0x20 : byte) != name[index] { return false }
        }
        let after = bytes[end]
        return Self.isSpace(after) || after == UInt8(ascii: "/") || after == UInt8(ascii: ">")
    }

    private mutating func nextInScript(_ token: inout Token) {
        guard position < bytes.count else {
            token.kind = .end
            return
        }
        let start = position
        let end = scriptEnd(from: start)
        if end > start {
            // NUL is rare enough to be looked for only now.
            let null = find(0, from: start)
            if null < end {
                if null > start {
                    position = null
                    return characters(&token, start, null)
                }
                position = start + 1
                return replacement(&token)
            }
            position = end
            return characters(&token, start, end)
        }
        position = start + 2
        mode = .data
        scriptResume = nil
        tag(&token, .endTag, from: start)
    }

    /// What was found out of a script so far, when NUL cuts its text.
    private var scriptResume: Int?

    /// The place of the end tag that ends the script: `<!--` with `<script` in it hides one (sections 13.2.5.15 to 31).
    private mutating func scriptEnd(from start: Int) -> Int {
        if let known = scriptResume, known >= start { return known }
        enum Escape { case none, escaped, doubleEscaped }
        var escape = Escape.none
        var place = start
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "<") {
                if escape == .doubleEscaped {
                    if isWord("</script", at: place) { escape = .escaped }
                } else if isAppropriateEndTag(at: place) {
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
            } else if byte == UInt8(ascii: "-"), escape != .none, starts(with: "-->", at: place) {
                escape = .none
                place += 2
            }
            place += 1
        }
        scriptResume = bytes.count
        return bytes.count
    }

    private func isWord(_ word: StaticString, at place: Int) -> Bool {
        guard starts(with: word, at: place), let after = byte(at: place + word.utf8CodeUnitCount) else { return false }
        return Self.isSpace(after) || after == UInt8(ascii: "/") || after == UInt8(ascii: ">")
    }
}
