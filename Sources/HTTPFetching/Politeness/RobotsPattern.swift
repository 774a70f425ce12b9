/// The path of a robots.txt rule: `*` stands for any characters, `$` at the end for the end (RFC 9309, section 2.2.3).
struct RobotsPattern: Sendable, Equatable {
    /// As it was written, with percent-encoding made uniform.
    let text: [UInt8]
    /// What stands between the stars.
    private let literals: [ArraySlice<UInt8>]
    private let isAnchored: Bool

    /// Reads the value of a rule; nil where it can match nothing: it must begin with `/` or `*`.
    init?(_ value: some Sequence<UInt8>) {
        var text = Self.uniform(value, isPattern: true)
        guard let first = text.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "*") else { return nil }
        self.text = text
        isAnchored = text.last == UInt8(ascii: "$")
        if isAnchored { text.removeLast() }
        literals = text.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
    }

    /// Whether the pattern matches a path with its query, made uniform by ``uniform(_:isPattern:)``.
    ///
    /// Each literal is taken at its first place behind the one before, which finds a match wherever there is one.
    /// - Parameter steps: what is left of the work that may be done; a match that runs out of it is none.
    func matches(_ path: [UInt8], steps: inout Int) -> Bool {
        guard let first = literals.first, path.starts(with: first) else { return false }
        steps -= first.count + 1
        var place = first.count
        guard literals.count > 1 else { return !isAnchored || place == path.count }
        for literal in literals[1..<(literals.count - 1)] {
            guard let found = Self.find(literal, in: path, from: place, steps: &steps) else { return false }
            place = found + literal.count
        }
        let last = literals[literals.count - 1]
        guard isAnchored else { return Self.find(last, in: path, from: place, steps: &steps) != nil }
        steps -= last.count
        return path.count - last.count >= place && path.suffix(last.count).elementsEqual(last)
    }

    private static func find(
        _ literal: ArraySlice<UInt8>, in path: [UInt8], from start: Int, steps: inout Int
    ) -> Int? {
        guard let first = literal.first else { return start }
        var place = start
        while place + literal.count <= path.count, steps > 0 {
            steps -= 1
            if path[place] == first {
                var length = 1
                while length < literal.count, path[place + length] == literal[literal.startIndex + length] {
                    length += 1
                }
                steps -= length
                if length == literal.count { return place }
            }
            place += 1
        }
        return nil
    }

    /// Percent-encoding made uniform: what needs none is decoded, all else is encoded in capitals, so that the ways to
    /// write one address compare as equal.
    static func uniform(_ bytes: some Sequence<UInt8>, isPattern: Bool) -> [UInt8] {
        let input = Array(bytes)
        var output: [UInt8] = []
        output.reserveCapacity(input.count)
        func encode(_ byte: UInt8) {
            let digits = Array("0123456789ABCDEF".utf8)
            output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        var index = 0
        while index < input.count {
            let byte = input[index]
            if byte == UInt8(ascii: "%"), index + 2 < input.count, let high = digit(input[index + 1]),
                let low = digit(input[index + 2])
            {
                let decoded = high << 4 | low
                if isUnreserved(decoded) { output.append(decoded) } else { encode(decoded) }
                index += 3
                continue
            }
            switch byte {
            case UInt8(ascii: "*") where isPattern: output.append(byte)
            case UInt8(ascii: "$") where isPattern && index == input.count - 1: output.append(byte)
            case UInt8(ascii: "*"), UInt8(ascii: "$"): encode(byte)
            case 0x21...0x7E: output.append(byte)
            default: encode(byte)
            }
            index += 1
        }
        return output
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~".utf8.contains(byte)
        }
    }
}
