/// Tags and their attributes (sections 13.2.5.8 and 13.2.5.32 to 40).
extension Tokenizer {
    /// Reads a tag whose name begins at `position`. A tag that the input's end cuts is dropped.
    mutating func tag(_ token: inout Token, _ kind: Token.Kind, from start: Int) {
        token.kind = kind
        token.isSelfClosing = false
        token.attributes.removeAll(keepingCapacity: true)
        var place = position
        while place < bytes.count {
            let byte = bytes[place]
            if Self.isSpace(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ">") { break }
            place += 1
        }
        token.tag = TagName(number(ofNameFrom: position, to: place, in: \.tagNames))
        while true {
            while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 }
            guard place < bytes.count else { return endInTag(&token) }
            switch bytes[place] {
            case UInt8(ascii: ">"):
                position = place + 1
                if kind == .startTag { lastStartTag = token.tag }
                return
            case UInt8(ascii: "/"):
                if byte(at: place + 1) == UInt8(ascii: ">") {
                    token.isSelfClosing = true
                    position = place + 2
                    if kind == .startTag { lastStartTag = token.tag }
                    return
                }
                place += 1
            default:
                guard let end = attribute(&token, from: place) else { return endInTag(&token) }
                place = end
            }
        }
    }

    private mutating func endInTag(_ token: inout Token) {
        position = bytes.count
        token.kind = .end
        token.attributes.removeAll(keepingCapacity: true)
    }

    /// Reads one attribute and returns the place behind it; nil when the input ends inside of it.
    private mutating func attribute(_ token: inout Token, from start: Int) -> Int? {
        var place = start
        // A leading '=' is part of the name.
        if bytes[place] == UInt8(ascii: "=") { place += 1 }
        while place < bytes.count {
            let byte = bytes[place]
            if Self.isSpace(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "=")
            {
                break
            }
            place += 1
        }
        guard place < bytes.count else { return nil }
        let name = AttributeName(number(ofNameFrom: start, to: place, in: \.attributeNames))
        while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 }
        guard place < bytes.count else { return nil }
        var value = HTMLDocument.TextRange.empty
        if bytes[place] == UInt8(ascii: "=") {
            place += 1
            while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 }
            guard place < bytes.count else { return nil }
            let quote = bytes[place]
            let end: Int
            if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
                place += 1
                end = find(quote, from: place)
                guard end < bytes.count else { return nil }
                value = attributeValue(from: place, to: end)
                place = end + 1
            } else {
                var last = place
                while last < bytes.count, !Self.isSpace(bytes[last]), bytes[last] != UInt8(ascii: ">") { last += 1 }
                guard last < bytes.count else { return nil }
                value = attributeValue(from: place, to: last)
                place = last
            }
        }
        if token.attributes.count < limits.attributes, !token.attributes.contains(where: { $0.name == name }) {
            token.attributes.append(HTMLDocument.Attribute(name: name, value: value))
        }
        return place
    }

    private mutating func attributeValue(from start: Int, to end: Int) -> HTMLDocument.TextRange {
        var place = start
        while place < end, bytes[place] != UInt8(ascii: "&"), bytes[place] != 0 { place += 1 }
        if place == end { return range(start, end) }
        scratch.removeAll(keepingCapacity: true)
        var copied = start
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
        return document.store(scratch)
    }

    /// The number of a name, in lower case and with NUL replaced.
    private mutating func number(
        ofNameFrom start: Int, to end: Int, in table: ReferenceWritableKeyPath<HTMLDocument, NameTable>
    ) -> UInt16 {
        var isPlain = true
        for index in start..<end where bytes[index] &- 0x41 < 26 || bytes[index] == 0 {
            isPlain = false
            break
        }
        // Names of no sensible length are cut: they are compared, but nobody reads them.
        if isPlain { return document[keyPath: table].number(of: UnsafeBufferPointer(rebasing: bytes[start..<end])) }
        scratch.removeAll(keepingCapacity: true)
        for byte in bytes[start..<end] {
            if byte == 0 {
                scratch.append(contentsOf: [0xEF, 0xBF, 0xBD])
            } else {
                scratch.append(byte &- 0x41 < 26 ? byte | 0x20 : byte)
            }
        }
        return scratch.withUnsafeBufferPointer { document[keyPath: table].number(of: $0) }
    }
}
