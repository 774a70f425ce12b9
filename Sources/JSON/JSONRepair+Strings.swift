extension JSONRepair {
    /// What a string is, which says what must stand behind its last quotation mark.
    enum Role { case name, member, element }

    /// Copies a string; what JSON does not allow in one is escaped, and its end is added where it has none.
    mutating func copyString(in role: Role) {
        output.append(UInt8(ascii: "\""))
        index += 1
        while true {
            let end = ByteScan.endOfPlain(input, from: index)
            output.append(contentsOf: UnsafeBufferPointer(rebasing: input[index..<end]))
            index = end
            guard index < input.count else { break }
            let byte = input[index]
            if byte == UInt8(ascii: "\"") {
                index += 1
                if role == .name || isEnd(of: role) { break }
                output.append(contentsOf: "\\\"".utf8)
            } else if byte == UInt8(ascii: "\\") {
                copyEscape()
            } else {
                index += 1
                appendControl(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func copyEscape() {
        guard index + 1 < input.count else {
            index += 1
            return
        }
        let letter = input[index + 1]
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            output.append(UInt8(ascii: "\\"))
            output.append(letter)
            index += 2
        case UInt8(ascii: "u") where JSONReader.codeUnit(input, at: index + 2) != nil:
            output.append(contentsOf: UnsafeBufferPointer(rebasing: input[index..<index + 6]))
            index += 6
        // The backslash alone goes: what stands behind it is read as if it were not there.
        default: index += 1
        }
    }

    private mutating func appendControl(_ byte: UInt8) {
        switch byte {
        case 0x09: output.append(contentsOf: "\\t".utf8)
        case 0x0A: output.append(contentsOf: "\\n".utf8)
        case 0x0D: output.append(contentsOf: "\\r".utf8)
        default:
            let digits = String(byte, radix: 16)
            output.append(contentsOf: "\\u00\(digits.utf8.count == 1 ? "0" : "")\(digits)".utf8)
        }
    }

    /// Whether the quotation mark before `index` ends its string, by what follows it.
    private func isEnd(of role: Role) -> Bool {
        var place = index
        let isNewLine = skipSpace(&place)
        guard place < input.count else { return true }
        switch input[place] {
        case UInt8(ascii: "}"), UInt8(ascii: "]"): return true
        // A comma is missing.
        case UInt8(ascii: "\""): return isNewLine
        case UInt8(ascii: ","):
            place += 1
            skipSpace(&place)
            return place == input.count || (role == .member ? beginsName(place) : beginsElement(place))
        default: return isComment(at: place)
        }
    }

    /// Moves past white space, and says whether there was a line feed in it.
    @discardableResult
    private func skipSpace(_ place: inout Int) -> Bool {
        var isNewLine = false
        while place < input.count, input[place] <= 0x20 {
            isNewLine = isNewLine || input[place] == 0x0A
            place += 1
        }
        return isNewLine
    }

    private func beginsName(_ place: Int) -> Bool {
        switch input[place] {
        case UInt8(ascii: "\""), UInt8(ascii: "}"), UInt8(ascii: ","): return true
        case UInt8(ascii: "/"): return isComment(at: place)
        default: break
        }
        // One without quotation marks is a word before a colon.
        var end = place
        while end < input.count, end - place < 64, isWord(input[end]) { end += 1 }
        guard end > place else { return false }
        skipSpace(&end)
        return end < input.count && input[end] == UInt8(ascii: ":")
    }

    private func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "$"):
            true
        default: false
        }
    }

    private func beginsElement(_ place: Int) -> Bool {
        switch input[place] {
        case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "}"),
            UInt8(ascii: ","), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "/"): isComment(at: place)
        default: ["true", "false", "null"].contains { input[place...].starts(with: $0.utf8) }
        }
    }
}
