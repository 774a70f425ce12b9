import XML

/// Writes text on one line: runs of white space become one space and none stands at the ends; C1 controls become what
/// windows-1252 has there, other controls and zero-width marks disappear. The text may come in pieces of whole characters.
struct LineWriter {
    /// Whether nothing was written yet.
    private(set) var isEmpty = true
    /// Whether the text so far ends with white space of ASCII.
    private(set) var endsWithSpace = false
    private(set) var needsSpace = false

    /// A writer that has written nothing.
    init() {}

    /// A writer that has written something.
    init(needsSpace: Bool, endsWithSpace: Bool) {
        isEmpty = false
        self.needsSpace = needsSpace
        self.endsWithSpace = endsWithSpace
    }

    /// Appends the line's next piece to `output`.
    mutating func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        guard bytes.count > 0 else { return }
        endsWithSpace = bytes[bytes.count - 1] <= 0x20
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            // Runs of words with one space between them, which is nearly everything, are copied in one piece.
            if Self.isPlain(byte) {
                let first = index
                index = Self.endOfRun(bytes, from: index)
                writeSpace(to: &output)
                output.append(bytes, first..<index)
                continue
            }
            let length = byte <= 0x20 ? 1 : Self.spaceLength(bytes, at: index)
            if length > 0 {
                needsSpace = true
                index += length
                continue
            }
            if byte == 0x7F {
                index += 1
                continue
            }
            guard byte == 0xC2, index + 1 < bytes.count, (0x80...0x9F).contains(bytes[index + 1]) else {
                writeSpace(to: &output)
                output.append(byte)
                index += 1
                continue
            }
            let control = Self.windows1252[Int(bytes[index + 1]) - 0x80]
            index += 2
            if control == 0x20 {
                needsSpace = true
            } else {
                writeSpace(to: &output)
                TextBytes.appendScalar(UInt32(control), to: &output)
            }
        }
    }

    @inline(__always) private mutating func writeSpace(to output: inout [UInt8]) {
        if needsSpace, !isEmpty { output.append(0x20) }
        needsSpace = false
        isEmpty = false
    }

    /// Where the run of words with one space between them ends that begins at `start`.
    static func endOfRun(_ bytes: Span<UInt8>, from start: Int) -> Int {
        // Nearly always that is the end of the text, or the space before it.
        let end = bytes[bytes.count - 1] == 0x20 ? bytes.count - 1 : bytes.count
        if isRun(bytes, start, end) { return end }
        var index = start
        while index < bytes.count {
            if index &+ 9 <= bytes.count, bytes[index &+ 7] != 0x20, isRun(bytes, index, index &+ 9) {
                index &+= 8
                continue
            }
            // Eight bytes one by one, since some are no ASCII.
            let stop = min(index &+ 8, bytes.count)
            while index < stop {
                let byte = bytes[index]
                guard isPlain(byte) || byte == 0x20 && index + 1 < bytes.count && isPlain(bytes[index + 1]) else {
                    return index
                }
                index &+= 1
            }
        }
        return index
    }

    /// Whether all from `start` to `end` are words of ASCII with one space between them.
    static func isRun(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard start < end, isPlain(bytes[end - 1]) else { return false }
        return bytes.withUnsafeBytes { buffer in
            var index = start
            if end &- start >= 33 {
                // In bounds: 33 bytes are left. The last block may cover some bytes again.
                while index < end &- 1 {
                    index = min(index, end &- 33)
                    let block = buffer.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
                    let next = buffer.loadUnaligned(fromByteOffset: index &+ 1, as: SIMD4<UInt64>.self)
                    // The top bit of each byte that is no printable ASCII (exact where all is ASCII), or the first space of
                    // two.
                    let others = block | ~(block &+ ones &* 0x60) | (block &+ ones)
                    let words = ((block ^ ones &* 0x20) &+ ones &* 0x7F) | ((next ^ ones &* 0x20) &+ ones &* 0x7F)
                    let hits = others | ~words
                    if (hits[0] | hits[1] | hits[2] | hits[3]) & tops != 0 { return false }
                    index &+= 32
                }
                return true
            }
            if end &- start >= 9 {
                // The same with eight bytes.
                while index < end &- 1 {
                    index = min(index, end &- 9)
                    let block = buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    let next = buffer.loadUnaligned(fromByteOffset: index &+ 1, as: UInt64.self)
                    let others = block | ~(block &+ ones &* 0x60) | (block &+ ones)
                    let words = ((block ^ ones &* 0x20) &+ ones &* 0x7F) | ((next ^ ones &* 0x20) &+ ones &* 0x7F)
                    if (others | ~words) & tops != 0 { return false }
                    index &+= 8
                }
                return true
            }
            while index < end {
                guard buffer[index] &- 0x20 < 0x5F, buffer[index] != 0x20 || buffer[index &+ 1] != 0x20 else {
                    return false
                }
                index &+= 1
            }
            return true
        }
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// Whether nothing has to be looked at behind the byte: neither white space nor the beginning of one, nor a control.
    @inline(__always) private static func isPlain(_ byte: UInt8) -> Bool {
        byte &- 0x21 < 0x5E || byte >= 0x80 && byte != 0xC2 && byte != 0xE2 && byte != 0xE3 && byte != 0xEF
    }

    /// The length of the white space character at `index`, or 0: no-break spaces, the spaces of
    /// U+2000 to U+200B, line separators, the byte order mark, the ideographic space.
    static func spaceLength(_ bytes: Span<UInt8>, at index: Int) -> Int {
        let byte = bytes[index]
        let end = bytes.count
        switch byte {
        case 0xC2: return index + 1 < end && (bytes[index + 1] == 0xA0 || bytes[index + 1] == 0x85) ? 2 : 0
        case 0xE2:
            guard index + 2 < end, bytes[index + 1] == 0x80 else { return 0 }
            let last = bytes[index + 2]
            return last <= 0x8B || last == 0xA8 || last == 0xA9 || last == 0xAF ? 3 : 0
        case 0xE3: return index + 2 < end && bytes[index + 1] == 0x80 && bytes[index + 2] == 0x80 ? 3 : 0
        case 0xEF: return index + 2 < end && bytes[index + 1] == 0xBB && bytes[index + 2] == 0xBF ? 3 : 0
        default: return 0
        }
    }

    private static let windows1252: [UInt16] = [
        0x20AC, 0x20, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x20, 0x17D,
        0x20, 0x20, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x20,
        0x17E, 0x178,
    ]
}
