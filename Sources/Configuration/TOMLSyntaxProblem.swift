extension TOMLNode {
    /// What toml++ found, in words for people: a doubled key is told with the place of the first.
    static func syntaxProblem(_ what: String, _ text: [UInt8], file: String, line: Int, column: Int) -> Problem {
        if what.contains("redefine"), let first = firstPlace(text, line: line) {
            return Problem(
                file: file, line: line, column: column, what: "this stands here a second time, first in line \(first)",
                remedy: "remove or rename one of them")
        }
        return Problem(
            file: file, line: line, column: column, what: "this is no TOML: \(what)",
            remedy: "mend the syntax there (https://toml.io)")
    }

    /// The line that has the same header or, in the same table, the same key.
    private static func firstPlace(_ text: [UInt8], line: Int) -> Int? {
        let lines = text.split(separator: 0x0A, maxSplits: line, omittingEmptySubsequences: false).prefix(line)
            .map { subject(of: $0) }
        guard lines.count == line, let wanted = lines.last, !wanted.isEmpty else { return nil }
        let isHeader = wanted.first == UInt8(ascii: "[")
        for place in lines.indices.dropLast().reversed() {
            if lines[place] == wanted { return place + 1 }
            if !isHeader, lines[place].first == UInt8(ascii: "[") { return nil }
        }
        return nil
    }

    /// A line's header or key, without blanks.
    private static func subject(of line: ArraySlice<UInt8>) -> [UInt8] {
        let stripped = line.filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
        let end = stripped.first == UInt8(ascii: "[") ? UInt8(ascii: "#") : UInt8(ascii: "=")
        return Array(stripped.prefix { $0 != end })
    }
}
