/// A pattern for relative paths: `*` and `?` within a name, `**` across names, `[a-z]`, `{a,b}`. Without a slash it is
/// compared with the last name only, as in `.gitignore`.
struct Glob: Sendable {
    private let alternatives: [[UInt8]]
    private let matchesNameOnly: Bool

    init(_ pattern: String) {
        matchesNameOnly = !pattern.contains("/")
        alternatives = Self.expand(Array(pattern.utf8), limit: 64)
    }

    func matches(_ path: String) -> Bool {
        var text = Array(path.utf8)
        if matchesNameOnly {
            if text.last == UInt8(ascii: "/") { text.removeLast() }
            if let slash = text.lastIndex(of: UInt8(ascii: "/")) { text.removeFirst(slash + 1) }
        }
        return alternatives.contains { Self.matches($0, text) }
    }

    /// Resolves `{a,b}`, the innermost last; a pattern with too many alternatives keeps its braces.
    private static func expand(_ pattern: [UInt8], limit: Int) -> [[UInt8]] {
        var done: [[UInt8]] = []
        var open = [pattern]
        while let next = open.popLast() {
            guard done.count + open.count < limit, let close = next.firstIndex(of: UInt8(ascii: "}")),
                let start = next[..<close].lastIndex(of: UInt8(ascii: "{"))
            else {
                done.append(next)
                continue
            }
            for choice in next[(start + 1)..<close].split(
                separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            {
                open.append(Array(next[..<start]) + choice + next[(close + 1)...])
            }
        }
        return done
    }

    /// Compares with one place to go back to for `*` and one for `**`, so the time is bounded by the product of lengths.
    private static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
        var p = 0
        var t = 0
        var star: (p: Int, t: Int)?
        var doubleStar: (p: Int, t: Int)?
        while true {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                if p + 1 < pattern.count, pattern[p + 1] == UInt8(ascii: "*") {
                    p += 2
                    // `**/` matches no directory as well.
                    if p < pattern.count, pattern[p] == UInt8(ascii: "/") { p += 1 }
                    doubleStar = (p, t)
                    star = nil
                } else {
                    p += 1
                    star = (p, t)
                }
                continue
            }
            if t < text.count, let next = step(pattern, p, text[t]) {
                p = next
                t += 1
                continue
            }
            if t == text.count, p == pattern.count { return true }
            if let back = star, back.t < text.count, text[back.t] != UInt8(ascii: "/") {
                star = (back.p, back.t + 1)
                (p, t) = (back.p, back.t + 1)
            } else if let back = doubleStar, back.t < text.count {
                doubleStar = (back.p, back.t + 1)
                star = nil
                (p, t) = (back.p, back.t + 1)
            } else {
                return false
            }
        }
    }

    /// Where the pattern goes on after it has matched one byte, or nil.
    private static func step(_ pattern: [UInt8], _ place: Int, _ byte: UInt8) -> Int? {
        guard place < pattern.count else { return nil }
        switch pattern[place] {
        case UInt8(ascii: "?"): return byte == UInt8(ascii: "/") ? nil : place + 1
        case UInt8(ascii: "["):
            guard let close = pattern[(place + 1)...].dropFirst().firstIndex(of: UInt8(ascii: "]")) else { break }
            var members = pattern[(place + 1)..<close]
            let isNegated = members.first == UInt8(ascii: "!") || members.first == UInt8(ascii: "^")
            if isNegated { members = members.dropFirst() }
            var found = false
            var index = members.startIndex
            while index < members.endIndex {
                if index + 2 < members.endIndex, members[index + 1] == UInt8(ascii: "-") {
                    found = found || (members[index] <= byte && byte <= members[index + 2])
                    index += 3
                } else {
                    found = found || members[index] == byte
                    index += 1
                }
            }
            return found != isNegated && byte != UInt8(ascii: "/") ? close + 1 : nil
        default: break
        }
        return pattern[place] == byte ? place + 1 : nil
    }
}
