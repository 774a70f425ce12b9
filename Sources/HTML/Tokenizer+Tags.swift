/// Tags and their attributes (sections 13.2.5.8 and 13.2.5.32 to 40).
extension Tokenizer {
    /// Reads a tag whose name begins at `position`. A tag that the input's end cuts is dropped.
    mutating func tag(_ token: inout Token, _ tree: inout HTMLTree, _ kind: Token.Kind) {
        token.kind = kind
        token.isSelfClosing = false
        let first = tree.beginAttributes()
        let name = scanName(from: position, endingAt: Self.nameEnds)
        token.tag = TagName(number(of: name, in: &tree.tagNames))
        var place = name.end
        while true {
            while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 }
            guard place < bytes.count else { break }
            switch bytes[place] {
            case UInt8(ascii: ">"):
                position = place + 1
                if kind == .startTag { lastStartTag = token.tag }
                token.attributes = first..<tree.attributes.count
                return
            case UInt8(ascii: "/"):
                place += 1
                // What stands between, even white space, makes it an ordinary tag.
                token.isSelfClosing = bytes.at(place) == UInt8(ascii: ">")
            default:
                guard let end = attribute(&tree, from: place, first) else {
                    position = bytes.count
                    token.kind = .end
                    return
                }
                place = end
            }
        }
        position = bytes.count
        token.kind = .end
    }

    /// Reads one attribute and returns the place behind it; nil when the input ends inside of it.
    @inline(__always)
    private mutating func attribute(_ tree: inout HTMLTree, from start: Int, _ first: Int) -> Int? {
        // A leading '=' is part of the name.
        let scanned = scanName(from: start, endingAt: Self.nameEnds | 1 << 0x3D)
        var place = scanned.end
        guard place < bytes.count else { return nil }
        let name = AttributeName(number(of: scanned, in: &tree.attributeNames))
        while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 }
        guard place < bytes.count else { return nil }
        var value = HTMLDocument.TextRange.empty
        if bytes[place] == UInt8(ascii: "=") {
            place += 1
            while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 }
            guard place < bytes.count else { return nil }
            let quote = bytes[place]
            if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
                place += 1
                var end = bytes.find(quote, UInt8(ascii: "&"), 0, from: place)
                if bytes.at(end) == quote {
                    value = range(place, end)
                } else {
                    end = bytes.find(quote, from: end)
                    guard end < bytes.count else { return nil }
                    value = rewrittenValue(from: place, to: end, &tree)
                }
                place = end + 1
            } else {
                var end = place
                var isPlain = true
                while end < bytes.count, !Self.isIn(Self.spaces | 1 << 0x3E, bytes[end]) {
                    if bytes[end] == UInt8(ascii: "&") || bytes[end] == 0 { isPlain = false }
                    end += 1
                }
                guard end < bytes.count else { return nil }
                value = isPlain ? range(place, end) : rewrittenValue(from: place, to: end, &tree)
                place = end
            }
        }
        if tree.attributes.count - first < limits.attributes, !isDuplicate(name, tree, first) {
            tree.appendAttribute(name, value)
        }
        return place
    }

    /// Whether the tag has that attribute already; a walk over a few, a look into a table for many.
    private mutating func isDuplicate(_ name: AttributeName, _ tree: HTMLTree, _ first: Int) -> Bool {
        let count = tree.attributes.count
        if count - first < 12 {
            var index = first
            while index < count {
                if tree.attributes[index].name == name { return true }
                index += 1
            }
            return false
        }
        if count - first == 12 {
            manyAttributes.removeAll(keepingCapacity: true)
            for attribute in tree.attributes[first...] { manyAttributes.insert(attribute.name) }
        }
        return !manyAttributes.insert(name).inserted
    }

    /// A value in which references are resolved and NUL is replaced.
    private mutating func rewrittenValue(from start: Int, to end: Int, _ tree: inout HTMLTree) -> HTMLDocument.TextRange
    {
        scratch.removeAll(keepingCapacity: true)
        var copied = start
        var place = start
        while place < end {
            let byte = bytes[place]
            if byte == UInt8(ascii: "&") {
                scratch.append(contentsOf: bytes[copied..<place])
                place = appendReference(at: place, inAttribute: true, limit: end)
                copied = place
            } else if byte == 0 {
                scratch.append(contentsOf: bytes[copied..<place])
                scratch.append(contentsOf: [0xEF, 0xBF, 0xBD])
                place += 1
                copied = place
            } else {
                place += 1
            }
        }
        scratch.append(contentsOf: bytes[copied..<end])
        return tree.store(scratch)
    }

    // MARK: Names

    struct ScannedName {
        var start: Int
        var end: Int
        /// Its first eight bytes.
        var prefix: UInt64
        /// Whether it has no upper case letter and no NUL.
        var isPlain: Bool
    }

    /// The name that begins at `start`, at least one byte, up to a byte of that set.
    @inline(__always) private func scanName(from start: Int, endingAt ends: UInt64) -> ScannedName {
        var name = ScannedName(start: start, end: start, prefix: 0, isPlain: true)
        var shift: UInt64 = 0
        while name.end < bytes.count {
            let byte = bytes[name.end]
            if Self.isIn(ends, byte), name.end > start { break }
            if byte &- 0x41 < 26 || byte == 0 { name.isPlain = false }
            // A shift of 64 or more gives zero.
            name.prefix |= UInt64(byte) << shift
            shift += 8
            name.end += 1
        }
        return name
    }

    /// The number of a name, in lower case and with NUL replaced.
    @inline(__always) private mutating func number(of name: ScannedName, in table: inout NameTable) -> UInt16 {
        let written = bytes[name.start..<name.end]
        return name.isPlain ? table.number(of: written, prefix: name.prefix) : number(ofRewritten: written, in: &table)
    }

    private func number(ofRewritten name: UnsafeBufferPointer<UInt8>, in table: inout NameTable) -> UInt16 {
        var lowered: [UInt8] = []
        lowered.reserveCapacity(name.count)
        for byte in name {
            if byte == 0 {
                lowered.append(contentsOf: [0xEF, 0xBF, 0xBD])
            } else {
                lowered.append(byte &- 0x41 < 26 ? byte | 0x20 : byte)
            }
        }
        return table.number(of: lowered)
    }
}
