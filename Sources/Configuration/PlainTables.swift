/// Reads files of the shape that those have who list many sources: tables `[source.NAME]` of plain values.
///
/// That takes a fifth of the time that toml++ needs. Whatever is not plain, right or wrong, is left to toml++, so that
/// there is one judge of what TOML is: escapes, other characters than those of ASCII, nested tables, any fault.
struct PlainTables {
    private let text: [UInt8]
    private var place = 0
    private var line = 1
    private var lineStart = 0
    private var tables: [TOMLNode.Member] = []
    private var members: [TOMLNode.Member] = []

    private static let header = Array("[source.".utf8)
    /// More members are not looked through for one that stands there twice.
    private static let most = 64

    private init(_ text: [UInt8]) { self.text = text }

    /// The same tree that toml++ gives for the text; nil when the text is not plain.
    static func read(_ text: [UInt8]) -> TOMLNode? {
        var reader = PlainTables(text)
        return reader.document()
    }

    private mutating func document() -> TOMLNode? {
        while place < text.count {
            skipBlanks()
            switch byte {
            case UInt8(ascii: "#"), 0x0A, 0x0D, nil: break
            case UInt8(ascii: "["): guard readHeader() else { return nil }
            default: guard !tables.isEmpty, readPair() else { return nil }
            }
            guard endLine() else { return nil }
        }
        closeTable()
        guard let first = tables.first else { return nil }
        // toml++ has them, and the members of each, by name.
        if zip(tables, tables.dropFirst()).contains(where: { $0.key >= $1.key }) {
            tables.sort { $0.key < $1.key }
            if zip(tables, tables.dropFirst()).contains(where: { $0.key == $1.key }) { return nil }
        }
        let start = first.node.column
        let sources = TOMLNode(value: .table(tables), line: first.line, column: start)
        let member = TOMLNode.Member(key: "source", line: first.line, column: start + 1, node: sources)
        return TOMLNode(value: .table([member]), line: 1, column: 1)
    }

    // MARK: Lines

    private mutating func readHeader() -> Bool {
        guard text[place...].starts(with: Self.header) else { return false }
        let start = column
        place += Self.header.count
        let keyColumn = column
        // `millracectl sources add` puts names in quotes.
        let isQuoted = byte == UInt8(ascii: "\"")
        guard let name = isQuoted ? readString(UInt8(ascii: "\"")) : readKey(), byte == UInt8(ascii: "]") else {
            return false
        }
        place += 1
        closeTable()
        let node = TOMLNode(value: .table([]), line: line, column: start)
        tables.append(TOMLNode.Member(key: name, line: line, column: keyColumn, node: node))
        return true
    }

    /// Gives the last table what was read since its header.
    private mutating func closeTable() {
        guard let last = tables.indices.last else { return }
        members.sort { $0.key < $1.key }
        tables[last].node.value = .table(members)
        members = []
    }

    private mutating func readPair() -> Bool {
        let keyColumn = column
        guard members.count < Self.most, let key = readKey(), !members.contains(where: { $0.key == key }) else {
            return false
        }
        skipBlanks()
        guard byte == UInt8(ascii: "=") else { return false }
        place += 1
        skipBlanks()
        guard let node = readValue(canBeList: true) else { return false }
        if members.isEmpty { members.reserveCapacity(8) }
        members.append(TOMLNode.Member(key: key, line: line, column: keyColumn, node: node))
        return true
    }

    /// Takes the rest of a line, in which no more than a comment may stand.
    private mutating func endLine() -> Bool {
        skipBlanks()
        if byte == UInt8(ascii: "#") {
            while let byte, (0x20..<0x7F).contains(byte) || byte == 0x09 { place += 1 }
        }
        if byte == 0x0D { place += 1 }
        guard let byte else { return place == 0 || text[place - 1] != 0x0D }
        guard byte == 0x0A else { return false }
        place += 1
        line += 1
        lineStart = place
        return true
    }

    // MARK: Values

    private mutating func readKey() -> String? {
        let start = place
        while let byte, Self.isBare(byte) { place += 1 }
        return place == start ? nil : string(start..<place)
    }

    private mutating func readValue(canBeList: Bool) -> TOMLNode? {
        var node = TOMLNode(value: .other, line: line, column: column)
        switch byte {
        case .some(let quote) where quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"):
            guard let text = readString(quote) else { return nil }
            node.value = .string(text)
        case .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
            guard let integer = readInteger() else { return nil }
            node.value = .integer(integer)
        case UInt8(ascii: "t"), UInt8(ascii: "f"):
            guard let word = readKey(), word == "true" || word == "false" else { return nil }
            node.value = .boolean(word == "true")
        case UInt8(ascii: "["):
            guard canBeList, let elements = readList() else { return nil }
            node.value = .array(elements)
        default: return nil
        }
        return node
    }

    private mutating func readString(_ quote: UInt8) -> String? {
        let start = place + 1
        place = start
        while let byte, byte != quote {
            // Of two backslashes in quotes each would be one.
            guard (0x20..<0x7F).contains(byte), byte != UInt8(ascii: "\\") else { return nil }
            place += 1
        }
        guard byte == quote else { return nil }
        place += 1
        // Three quotes begin a string of several lines.
        guard byte != quote else { return nil }
        return string(start..<place - 1)
    }

    private mutating func readInteger() -> Int64? {
        let start = place
        var value: Int64 = 0
        while let byte, Self.isBare(byte) {
            // What has anything else in it may be a date, a fraction, or in another base.
            guard (0x30...0x39).contains(byte), place - start < 18 else { return nil }
            value = value * 10 + Int64(byte - 0x30)
            place += 1
        }
        let isPlain = byte != UInt8(ascii: ".") && byte != UInt8(ascii: ":")
        return isPlain && (text[start] != 0x30 || place == start + 1) ? value : nil
    }

    /// A list in one line of which no element is one.
    private mutating func readList() -> [TOMLNode]? {
        var elements: [TOMLNode] = []
        place += 1
        skipBlanks()
        if byte == UInt8(ascii: "]") {
            place += 1
            return elements
        }
        while let element = readValue(canBeList: false) {
            elements.append(element)
            skipBlanks()
            let mark = byte
            place += 1
            if mark == UInt8(ascii: "]") { return elements }
            guard mark == UInt8(ascii: ",") else { return nil }
            skipBlanks()
        }
        return nil
    }

    // MARK: Bytes

    private var byte: UInt8? { place < text.count ? text[place] : nil }

    private var column: Int { place - lineStart + 1 }

    private mutating func skipBlanks() {
        while let byte, byte == 0x20 || byte == 0x09 { place += 1 }
    }

    private func string(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }

    private static func isBare(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-")
    }
}
