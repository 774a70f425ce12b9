import CByteScan

/// What bytes are, seen as UTF-8.
public enum UTF8Validation {
    /// Whether every byte is ASCII.
    public static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return true }
        // In bounds: 64 bytes are left.
        while index <= bytes.count &- 64 {
            if millrace_beyond_ascii64(base + index) { return false }
            index &+= 64
        }
        while index < bytes.count {
            if bytes[index] >= 0x80 { return false }
            index += 1
        }
        return true
    }

    /// The length of the longest well-formed beginning.
    public static func validPrefix(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0) -> Int {
        var index = start
        let count = bytes.count
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return 0 }
        while index < count {
            // In bounds: 64 bytes are left, then sixteen.
            while index <= count &- 64, !millrace_beyond_ascii64(base + index) { index &+= 64 }
            if index <= count &- 16 {
                let beyond = millrace_beyond_ascii16(base + index)
                index &+= beyond == 0 ? 16 : beyond.trailingZeroBitCount
                if beyond == 0 { continue }
            }
            guard index < count else { break }
            let byte = bytes[index]
            if byte < 0x80 {
                index += 1
                continue
            }
            // Such characters come in runs.
            repeat {
                let length = sequenceLength(bytes, at: index)
                if length == 0 { return index }
                index += length
            } while index < count && bytes[index] >= 0x80
        }
        return count
    }

    /// The length of the well-formed sequence of two to four bytes at `index`, or 0.
    public static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let lead = bytes[index]
        func continues(_ offset: Int, _ low: UInt8 = 0x80, _ high: UInt8 = 0xBF) -> Bool {
            index + offset < bytes.count && bytes[index + offset] >= low && bytes[index + offset] <= high
        }
        switch lead {
        case 0xC2...0xDF: return continues(1) ? 2 : 0
        case 0xE0: return continues(1, 0xA0) && continues(2) ? 3 : 0
        case 0xE1...0xEC, 0xEE, 0xEF: return continues(1) && continues(2) ? 3 : 0
        case 0xED: return continues(1, 0x80, 0x9F) && continues(2) ? 3 : 0
        case 0xF0: return continues(1, 0x90) && continues(2) && continues(3) ? 4 : 0
        case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : 0
        case 0xF4: return continues(1, 0x80, 0x8F) && continues(2) && continues(3) ? 4 : 0
        default: return 0
        }
    }
}

/// Appends the scalar's UTF-8; what is no scalar becomes U+FFFD.
@inlinable public func appendUTF8(_ value: UInt32, to output: inout [UInt8]) {
    switch value {
    case 0..<0x80: output.append(UInt8(value))
    case 0x80..<0x800:
        output.append(0xC0 | UInt8(value >> 6))
        output.append(0x80 | UInt8(value & 0x3F))
    case 0xD800...0xDFFF, 0x11_0000...:
        output.append(0xEF)
        output.append(0xBF)
        output.append(0xBD)
    case 0x800..<0x1_0000:
        output.append(0xE0 | UInt8(value >> 12))
        output.append(0x80 | UInt8(value >> 6 & 0x3F))
        output.append(0x80 | UInt8(value & 0x3F))
    default:
        output.append(0xF0 | UInt8(value >> 18))
        output.append(0x80 | UInt8(value >> 12 & 0x3F))
        output.append(0x80 | UInt8(value >> 6 & 0x3F))
        output.append(0x80 | UInt8(value & 0x3F))
    }
}
