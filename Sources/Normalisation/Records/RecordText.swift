import JSON

/// Makes text of records clean.
enum RecordText {
    /// Whether text has no white space at its ends.
    static func isTrimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return true }
        return first > 0x20 && last > 0x20 && first != 0xC2 && last != 0xA0
    }

    static func hasControls(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        nextControl(bytes, from: 0) < bytes.count
    }

    /// The first byte below a space at or after `start`, or the end.
    private static func nextControl(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = ByteScan.endOfPlain(bytes, from: start)
        // What JSON escapes beside controls is none.
        while index < bytes.count, bytes[index] >= 0x20 { index = ByteScan.endOfPlain(bytes, from: index + 1) }
        return index
    }

    /// Lines trimmed, empty ones made one; or everything on one line.
    static func clean(_ bytes: [UInt8], keepsLines: Bool, to output: inout [UInt8]) {
        guard keepsLines else { return TextBytes.appendLine(bytes, 0..<bytes.count, to: &output) }
        var start = 0
        var blanks = 0
        while start <= bytes.count {
            let end = bytes.withUnsafeBufferPointer { bytes in
                var end = nextControl(bytes, from: start)
                while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D {
                    end = nextControl(bytes, from: end + 1)
                }
                return end
            }
            let before = output.count
            if before > 0 { output.append(0x0A) }
            if before > 0, blanks > 0 { output.append(0x0A) }
            let lineStart = output.count
            TextBytes.appendLine(bytes, start..<end, to: &output)
            if output.count == lineStart {
                output.removeLast(lineStart - before)
                if before > 0 { blanks += 1 }
            } else {
                blanks = 0
            }
            start = end + (end + 1 < bytes.count && bytes[end] == 0x0D && bytes[end + 1] == 0x0A ? 2 : 1)
        }
    }
}
