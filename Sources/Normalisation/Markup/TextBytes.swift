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
    static func line(_ bytes: [UInt8]) -> String? { line(bytes.span) }

    /// The same.
    static func line(_ bytes: ArraySlice<UInt8>) -> String? { line(bytes.span) }

    /// The same of bytes that lie somewhere.
    static func line(_ bytes: Span<UInt8>) -> String? {
        // What was looked at need not be looked at again.
        if isASCIILine(bytes) { return String(copying: UTF8Span(unchecked: bytes, isKnownASCII: true)) }
        if isLine(bytes) { return bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) } }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var line = LineWriter()
        line.append(bytes, to: &output)
        return output.isEmpty ? nil : String(decoding: output, as: UTF8.self)
    }

    /// Whether nothing of a text has to be changed to make it one line.
    static func isLine(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count > 0, bytes[0] > 0x20 else { return false }
        return LineWriter.endOfRun(bytes, from: 0) == bytes.count
    }

    /// Whether a text is ASCII of which nothing has to be changed to make it one line.
    static func isASCIILine(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { isASCIILine(bytes.span) }

    private static func isASCIILine(_ bytes: Span<UInt8>) -> Bool {
        bytes.count > 0 && bytes[0] > 0x20 && LineWriter.isRun(bytes, 0, bytes.count)
    }

    /// The same for a string.
    static func line(_ text: String?) -> String? {
        guard var text else { return nil }
        return text.withUTF8({ isLine($0.span) }) ? text : line(text.utf8)
    }

    /// Appends `bytes[range]` on one line.
    static func appendLine(_ bytes: [UInt8], _ range: Range<Int>, to output: inout [UInt8]) {
        var line = LineWriter()
        line.append(bytes.span.extracting(range), to: &output)
    }

    static func appendScalar(_ value: UInt32, to output: inout [UInt8]) {
        output.append(contentsOf: String(UnicodeScalar(value) ?? "\u{FFFD}").utf8)
    }
}
