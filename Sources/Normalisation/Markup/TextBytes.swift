import JSON

/// Small operations on the bytes of text that every kind of input needs.
enum TextBytes {
    @inline(__always) static func isSpace(_ byte: UInt8) -> Bool { byte <= 0x20 }

    /// The text with runs of white space made one space and none at its ends; C1 controls become what windows-1252 has
    /// there, other controls and zero-width marks at the ends disappear. Nil when nothing is left.
    static func line(_ bytes: some Collection<UInt8>) -> String? {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        appendLine(Array(bytes), 0..<bytes.count, to: &output)
        return output.isEmpty ? nil : String(decoding: output, as: UTF8.self)
    }

    /// The same without a copy where nothing changes.
    static func line(_ bytes: [UInt8]) -> String? {
        if bytes.withUnsafeBufferPointer(isLine) { return String(decoding: bytes, as: UTF8.self) }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        appendLine(bytes, 0..<bytes.count, to: &output)
        return output.isEmpty ? nil : String(decoding: output, as: UTF8.self)
    }

    /// Whether nothing of a text has to be changed to make it one line.
    private static func isLine(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = bytes.first, first > 0x20 else { return false }
        return endOfRun(UnsafeRawBufferPointer(bytes), from: 0, to: bytes.count) == bytes.count
    }

    /// Whether a text is ASCII of which nothing has to be changed to make it one line.
    static func isASCIILine(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        isLine(bytes) && ByteScan.endOfASCII(bytes, from: 0) == bytes.count
    }

    /// Where the run of words with one space between them ends that begins at `start`, which is nearly everything.
    private static func endOfRun(_ bytes: [UInt8], from start: Int, to end: Int) -> Int {
        bytes.withUnsafeBytes { endOfRun($0, from: start, to: end) }
    }

    private static func endOfRun(_ buffer: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int {
        Self.isPlain.withUnsafeBufferPointer { isPlain in
            var index = start
            while index < end {
                while index &+ 8 <= end {
                    // In bounds: eight bytes are left.
                    let block = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                    // The top bit of each byte that is a space, and of each that is ASCII but no printable sign; exact,
                    // since nothing carries from one byte into the next.
                    let spaces = ~((block ^ ones &* 0x20) &+ ones &* 0x7F) & tops
                    let controls = (~(block &+ ones &* 0x60) | (block &+ ones)) & tops
                    guard block & tops == 0, controls == 0, spaces & spaces &<< 8 == 0 else { break }
                    // A space at the end may be the first of two.
                    index &+= spaces &>> 63 == 0 ? 8 : 7
                }
                guard index < end else { break }
                let byte = buffer[index]
                let goesOn =
                    isPlain[Int(byte)] || byte == 0x20 && index + 1 < end && isPlain[Int(buffer[index + 1])]
                guard goesOn else { break }
                index += 1
            }
            return index
        }
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// The same for a string.
    static func line(_ text: String?) -> String? {
        guard var text else { return nil }
        return text.withUTF8(isLine) ? text : line(text.utf8)
    }

    /// Bytes after which nothing has to be looked at: neither white space nor the beginning of one, nor a control.
    private static let isPlain: [Bool] = (0..<256).map { byte in
        byte > 0x20 && byte != 0x7F && byte != 0xC2 && byte != 0xE2 && byte != 0xE3 && byte != 0xEF
    }

    static func appendLine(_ bytes: [UInt8], _ range: Range<Int>, to output: inout [UInt8]) {
        let isPlain = Self.isPlain
        let start = output.count
        var pendingSpace = false
        var index = range.lowerBound
        while index < range.upperBound {
            // Runs of words with one space between them, which is nearly everything, are copied in one piece.
            if isPlain[Int(bytes[index])] {
                let first = index
                index = endOfRun(bytes, from: index, to: range.upperBound)
                if pendingSpace {
                    if output.count > start { output.append(0x20) }
                    pendingSpace = false
                }
                bytes.withUnsafeBufferPointer {
                    output.append(contentsOf: UnsafeBufferPointer(rebasing: $0[first..<index]))
                }
                continue
            }
            let byte = bytes[index]
            let length = spaceLength(bytes, at: index, end: range.upperBound)
            if length > 0 {
                pendingSpace = true
                index += length
                continue
            }
            if byte == 0x7F {
                index += 1
                continue
            }
            let control = index + 1 < range.upperBound ? windows1252(byte, bytes[index + 1]) : nil
            if control == 0x20 {
                pendingSpace = true
                index += 2
                continue
            }
            if pendingSpace {
                if output.count > start { output.append(0x20) }
                pendingSpace = false
            }
            if let control {
                appendScalar(UInt32(control), to: &output)
                index += 2
                continue
            }
            output.append(byte)
            index += 1
        }
    }

    /// The length of the white space character at `index`, or 0: ASCII space and controls, no-break spaces, the spaces
    /// of U+2000 to U+200B, line separators, the byte order mark, the ideographic space.
    @inline(__always) static func spaceLength(_ bytes: [UInt8], at index: Int, end: Int) -> Int {
        let byte = bytes[index]
        if byte <= 0x20 { return 1 }
        guard byte >= 0xC2 else { return 0 }
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

    static func appendScalar(_ value: UInt32, to output: inout [UInt8]) {
        output.append(contentsOf: String(UnicodeScalar(value) ?? "\u{FFFD}").utf8)
    }

    private static let windows1252: [UInt16] = [
        0x20AC, 0x20, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x20, 0x17D,
        0x20, 0x20, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x20,
        0x17E, 0x178,
    ]

    /// What windows-1252 has for a C1 control in UTF-8, a space where it has nothing; nil for other bytes.
    private static func windows1252(_ first: UInt8, _ second: UInt8) -> UInt16? {
        first == 0xC2 && (0x80...0x9F).contains(second) ? windows1252[Int(second) - 0x80] : nil
    }
}
