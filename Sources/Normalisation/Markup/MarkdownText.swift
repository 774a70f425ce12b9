/// Puts text into Markdown so that none of it is taken for markup by CommonMark or by GitHub's tables and strike-through.
enum MarkdownText {
    /// Appends text that stands somewhere in a line.
    static func append(_ text: ArraySlice<UInt8>, isInTable: Bool, to output: inout [UInt8]) {
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            let next = index + 1 < text.endIndex ? text[index + 1] : nil
            let isEscaped: Bool
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "`"), UInt8(ascii: "*"), UInt8(ascii: "["), UInt8(ascii: "]"),
                UInt8(ascii: "~"):
                isEscaped = true
            case UInt8(ascii: "|"): isEscaped = isInTable
            // Between letters and figures it marks nothing.
            case UInt8(ascii: "_"):
                isEscaped = !(index > text.startIndex && isWord(text[index - 1]) && isWord(next ?? 0))
            // What follows the text may be a link.
            case UInt8(ascii: "!"): isEscaped = next == nil
            case UInt8(ascii: "<"): isEscaped = next.map { isWord($0) || "/!?".utf8.contains($0) } ?? true
            case UInt8(ascii: "&"): isEscaped = mayBeReference(text[(index + 1)...])
            default: isEscaped = false
            }
            if isEscaped { output.append(UInt8(ascii: "\\")) }
            output.append(byte)
            index += 1
        }
    }

    /// Whether what follows an ampersand may make a character reference of it.
    private static func mayBeReference(_ rest: ArraySlice<UInt8>) -> Bool {
        let name = rest.prefix(40).prefix { isWord($0) || $0 == UInt8(ascii: "#") }
        return name.endIndex == rest.endIndex || rest[name.endIndex] == UInt8(ascii: ";")
    }

    static func isWord(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
    }

    /// Escapes what would make a heading, a quotation, an item, a rule or a row of the line that begins at `start`.
    static func escapeLine(from start: Int, in output: inout [UInt8]) {
        guard start < output.count else { return }
        var index = start
        func isFree(_ place: Int) -> Bool { place >= output.count || !(isWord(output[place]) || output[place] >= 0x80) }
        switch output[start] {
        case UInt8(ascii: ">"), UInt8(ascii: "="), UInt8(ascii: "|"): break
        case UInt8(ascii: "#"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"):
            guard isFree(start + 1) else { return }
        case 0x30...0x39:
            while index < output.count, (0x30...0x39).contains(output[index]) { index += 1 }
            guard index < output.count, output[index] == UInt8(ascii: ".") || output[index] == UInt8(ascii: ")"),
                index + 1 == output.count || output[index + 1] <= 0x20
            else { return }
        default: return
        }
        output.insert(UInt8(ascii: "\\"), at: index)
    }

    /// Appends code that stands within a line, in a fence longer than any run of backticks in it.
    static func append(code: ArraySlice<UInt8>, isInTable: Bool, to output: inout [UInt8]) {
        let fence = [UInt8](repeating: UInt8(ascii: "`"), count: longestFence(in: code) + 1)
        let needsSpace = code.first == UInt8(ascii: "`") || code.last == UInt8(ascii: "`")
        output += fence
        if needsSpace { output.append(0x20) }
        for byte in code {
            if byte == UInt8(ascii: "|"), isInTable { output.append(UInt8(ascii: "\\")) }
            output.append(byte)
        }
        if needsSpace { output.append(0x20) }
        output += fence
    }

    /// The length of the longest run of backticks.
    static func longestFence(in code: ArraySlice<UInt8>) -> Int {
        var (longest, run) = (0, 0)
        for byte in code {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }

    /// Appends where a link or a picture leads.
    static func append(address: String, to output: inout [UInt8]) {
        let bytes = Array(address.utf8)
        output.append(UInt8(ascii: "("))
        for (index, byte) in bytes.enumerated() {
            switch byte {
            // Brackets would have to come in pairs, and a bar would end a cell.
            case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "|"): output.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "&"): if mayBeReference(bytes[(index + 1)...]) { output.append(UInt8(ascii: "\\")) }
            default: break
            }
            output.append(byte)
        }
        output.append(UInt8(ascii: ")"))
    }
}
