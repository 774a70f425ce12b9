import Glibc

/// Looking at the bytes of XML.
extension Span<UInt8> {
    /// The first such byte at or after `start`.
    package func first(_ byte: UInt8, from start: Int) -> Int? {
        first(byte, in: start..<Swift.max(start, count))
    }

    /// The first such byte in `range`.
    package func first(_ byte: UInt8, in range: Range<Int>) -> Int? {
        guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= count else { return nil }
        return withUnsafeBytes { buffer in
            // In bounds by the condition.
            guard let base = buffer.baseAddress, let hit = memchr(base + range.lowerBound, Int32(byte), range.count)
            else { return nil }
            return UnsafeRawPointer(hit) - base
        }
    }

    /// Where `text` comes first, at or after `start`.
    func first(_ text: StaticString, from start: Int) -> Int? {
        var index = start
        while let place = first(text.utf8Start[0], from: index) {
            if has(text, at: place) { return place }
            index = place + 1
        }
        return nil
    }

    /// Whether `text` stands at `start`.
    @inline(__always) func has(_ text: StaticString, at start: Int) -> Bool {
        guard start + text.utf8CodeUnitCount <= count else { return false }
        for place in 0..<text.utf8CodeUnitCount where self[start + place] != text.utf8Start[place] { return false }
        return true
    }

    /// Whether the bytes of `range` stand at `start` too.
    @inline(__always) func isEqual(_ range: Range<Int>, at start: Int) -> Bool {
        guard range.upperBound <= count, start >= 0, start + range.count <= count else { return false }
        return withUnsafeBytes { buffer in
            // In bounds by the condition.
            guard let base = buffer.baseAddress else { return true }
            return memcmp(base + range.lowerBound, base + start, range.count) == 0
        }
    }

    /// Whether two names are the same but for the case of ASCII letters.
    package func isSameName(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        guard one.count == other.count else { return false }
        for place in 0..<one.count
        where self[one.lowerBound + place] | 0x20 != self[other.lowerBound + place] | 0x20 { return false }
        return true
    }

    /// The `count` bytes from `start` on, eight at the most and the first of them the lowest, ASCII letters without case.
    @inline(__always) func word(at start: Int, count: Int) -> UInt64 {
        guard count > 0, count <= 8, start >= 0, start <= self.count &- 8 else {
            var word: UInt64 = 0
            for place in 0..<Swift.max(0, Swift.min(count, 8)) {
                word |= UInt64(self[start + place] | 0x20) &<< UInt64(8 &* place)
            }
            return word
        }
        return withUnsafeBytes { buffer in
            // In bounds by the condition.
            let eight = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: start, as: UInt64.self))
            return (eight | 0x2020_2020_2020_2020) & (.max &>> UInt64(8 &* (8 &- count)))
        }
    }

    /// Where the run of ASCII letters ends that begins at `start`, or before.
    @inline(__always) func endOfLetters(from start: Int) -> Int {
        var index = start
        while index >= 0, index <= count &- 8 {
            let letters = withUnsafeBytes { buffer in
                // In bounds by the condition.
                let eight = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                // The top bit of each byte that is a letter; adding never carries into the next one.
                let tops: UInt64 = 0x8080_8080_8080_8080
                let lower = (eight | 0x2020_2020_2020_2020) & ~tops
                return (lower &+ 0x1F1F_1F1F_1F1F_1F1F) & ~(lower &+ 0x0505_0505_0505_0505) & ~eight & tops
            }
            let run = (letters ^ 0x8080_8080_8080_8080).trailingZeroBitCount / 8
            index &+= run
            if run < 8 { break }
        }
        return index
    }

    /// Whether a name is this one, which is in lower case.
    package func isName(_ range: Range<Int>, _ name: StaticString) -> Bool {
        let length = range.count
        guard length == name.utf8CodeUnitCount, range.lowerBound >= 0, range.upperBound <= count else { return false }
        return withUnsafeBytes { buffer in
            let name = UnsafeRawPointer(name.utf8Start)
            // In bounds by the condition, here and there.
            guard let base = buffer.baseAddress.map({ $0 + range.lowerBound }) else { return length == 0 }
            if length >= 4 {
                // Four bytes at a time; the last four may cover some again.
                var place = 0
                while true {
                    let one = base.loadUnaligned(fromByteOffset: place, as: UInt32.self)
                    let other = name.loadUnaligned(fromByteOffset: place, as: UInt32.self)
                    guard (one ^ other) & 0xDFDF_DFDF == 0 else { return false }
                    if place == length &- 4 { return true }
                    place = Swift.min(place &+ 4, length &- 4)
                }
            }
            for place in 0..<length {
                let one = base.load(fromByteOffset: place, as: UInt8.self)
                if (one ^ name.load(fromByteOffset: place, as: UInt8.self)) & 0xDF != 0 { return false }
            }
            return true
        }
    }

    /// A name without its prefix.
    func localPart(of name: Range<Int>) -> Range<Int> {
        guard let colon = first(UInt8(ascii: ":"), in: name) else { return name }
        return colon + 1..<name.upperBound
    }

    @inline(__always) func endOfSpace(from start: Int) -> Int {
        var index = start
        while index < count, self[index].isXMLSpace { index += 1 }
        return index
    }

    /// The bytes in `range`.
    func array(_ range: Range<Int>) -> [UInt8] { extracting(range).withUnsafeBufferPointer { Array($0) } }

    /// The text in `range`.
    func string(_ range: Range<Int>) -> String {
        extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}

extension UInt8 {
    @inline(__always) var isXMLSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }

    @inline(__always) var beginsXMLName: Bool {
        (self | 0x20) &- 0x61 < 26 || self >= 0x80 || self == UInt8(ascii: "_") || self == UInt8(ascii: ":")
    }

    /// Letters, digits, `-`, `.`, `:`, `_` and whatever is not ASCII.
    @inline(__always) var isInXMLName: Bool {
        // A bit for each byte of ASCII.
        self >= 0x80
            || (self < 64 ? 0x07FF_6000_0000_0000 : 0x07FF_FFFE_87FF_FFFE) as UInt64 &>> UInt64(self & 63) & 1 != 0
    }
}
