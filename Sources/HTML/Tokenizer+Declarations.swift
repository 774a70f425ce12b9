/// Comments and doctypes (sections 13.2.5.41 to 68).
extension Tokenizer {
    mutating func markupDeclaration(_ token: inout Token, _ tree: inout HTMLTree) {
        if starts(with: "--", at: position) {
            position += 2
            return comment(&token, &tree)
        }
        if starts(with: "doctype", at: position) {
            position += 7
            return doctype(&token, &tree)
        }
        if allowsCDATA, starts(with: "[CDATA[", at: position, ignoringCase: false) {
            position += 7
            mode = .cdata
            isWithoutToken = true
            return
        }
        bogusComment(&token, &tree)
    }

    /// Data without NUL, as a range or written anew.
    private func data(_ start: Int, _ end: Int, _ tree: inout HTMLTree) -> HTMLDocument.TextRange {
        if bytes.find(0, from: start, to: end) == end { return range(start, end) }
        return tree.store(bytes[start..<end].flatMap { $0 == 0 ? [0xEF, 0xBF, 0xBD] : [$0] })
    }

    mutating func bogusComment(_ token: inout Token, _ tree: inout HTMLTree) {
        let end = bytes.find(UInt8(ascii: ">"), from: position)
        token.kind = .comment
        token.text = data(position, end, &tree)
        position = min(end + 1, bytes.count)
    }

    private mutating func comment(_ token: inout Token, _ tree: inout HTMLTree) {
        let start = position
        token.kind = .comment
        if bytes.at(start) == UInt8(ascii: ">") { return finishComment(&token, &tree, start, start, start + 1) }
        if starts(with: "->", at: start) { return finishComment(&token, &tree, start, start, start + 2) }
        var place = start
        while true {
            place = bytes.find(UInt8(ascii: "-"), from: place)
            guard place < bytes.count else { break }
            if bytes.at(place + 1) == UInt8(ascii: "-") {
                if bytes.at(place + 2) == UInt8(ascii: ">") {
                    return finishComment(&token, &tree, start, place, place + 3)
                }
                if bytes.at(place + 2) == UInt8(ascii: "!"), bytes.at(place + 3) == UInt8(ascii: ">") {
                    return finishComment(&token, &tree, start, place, place + 4)
                }
            }
            place += 1
        }
        // At the input's end, what may have been the beginning of `-->` or `--!>` does not count.
        var end = bytes.count
        if end - start >= 3, bytes[end - 1] == UInt8(ascii: "!"), bytes[end - 2] == UInt8(ascii: "-"),
            bytes[end - 3] == UInt8(ascii: "-")
        {
            end -= 3
        } else {
            if end > start, bytes[end - 1] == UInt8(ascii: "-") { end -= 1 }
            if end > start, end < bytes.count, bytes[end - 1] == UInt8(ascii: "-") { end -= 1 }
        }
        finishComment(&token, &tree, start, end, bytes.count)
    }

    private mutating func finishComment(
        _ token: inout Token, _ tree: inout HTMLTree, _ start: Int, _ end: Int, _ after: Int
    ) {
        token.text = data(start, end, &tree)
        position = after
    }

    private mutating func doctype(_ token: inout Token, _ tree: inout HTMLTree) {
        token.kind = .doctype
        token.text = .empty
        token.hasName = false
        token.publicID = nil
        token.systemID = nil
        token.forcesQuirks = false
        skipSpace()
        guard position < bytes.count else {
            token.forcesQuirks = true
            return
        }
        if bytes[position] == UInt8(ascii: ">") {
            position += 1
            token.forcesQuirks = true
            return
        }
        let start = position
        while position < bytes.count, !Self.isSpace(bytes[position]), bytes[position] != UInt8(ascii: ">") {
            position += 1
        }
        token.hasName = true
        token.text = tree.store(
            bytes[start..<position].flatMap { $0 == 0 ? [0xEF, 0xBF, 0xBD] : [$0 &- 0x41 < 26 ? $0 | 0x20 : $0] })
        skipSpace()
        guard position < bytes.count else {
            token.forcesQuirks = true
            return
        }
        if bytes[position] == UInt8(ascii: ">") {
            position += 1
            return
        }
        if starts(with: "public", at: position) {
            position += 6
            publicIdentifier(&token, &tree)
        } else if starts(with: "system", at: position) {
            position += 6
            systemIdentifier(&token, &tree, isOptional: false)
        } else {
            token.forcesQuirks = true
            skipToEnd()
        }
    }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    /// The bogus doctype state.
    private mutating func skipToEnd() { position = min(bytes.find(UInt8(ascii: ">"), from: position) + 1, bytes.count) }

    private mutating func publicIdentifier(_ token: inout Token, _ tree: inout HTMLTree) {
        skipSpace()
        guard let (identifier, isWhole) = quoted(&tree) else {
            token.forcesQuirks = true
            return skipToEnd()
        }
        token.publicID = identifier
        guard isWhole else {
            token.forcesQuirks = true
            return
        }
        systemIdentifier(&token, &tree, isOptional: true)
    }

    private mutating func systemIdentifier(_ token: inout Token, _ tree: inout HTMLTree, isOptional: Bool) {
        skipSpace()
        guard position < bytes.count else {
            token.forcesQuirks = true
            return
        }
        if isOptional, bytes[position] == UInt8(ascii: ">") {
            position += 1
            return
        }
        guard let (identifier, isWhole) = quoted(&tree) else {
            token.forcesQuirks = true
            return skipToEnd()
        }
        token.systemID = identifier
        guard isWhole else {
            token.forcesQuirks = true
            return
        }
        skipSpace()
        guard position < bytes.count else {
            token.forcesQuirks = true
            return
        }
        skipToEnd()
    }

    /// A quoted identifier; not whole when `>` or the input's end cuts it. Nil when no quotation mark stands here.
    private mutating func quoted(_ tree: inout HTMLTree) -> (HTMLDocument.TextRange, Bool)? {
        guard let quote = bytes.at(position), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            return nil
        }
        position += 1
        let start = position
        while position < bytes.count, bytes[position] != quote, bytes[position] != UInt8(ascii: ">") { position += 1 }
        let text = data(start, position, &tree)
        let isWhole = position < bytes.count && bytes[position] == quote
        if position < bytes.count { position += 1 }
        return (text, isWhole)
    }
}
