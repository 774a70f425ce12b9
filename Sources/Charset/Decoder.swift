/// Turns bytes of any encoding into well-formed UTF-8.
public enum Decoder {
    /// Decodes `bytes`; what the encoding does not know becomes U+FFFD. A byte order mark of UTF-8 or UTF-16 is left out.
    ///
    /// Text that is UTF-8 already is returned as it is, without a copy.
    public static func decode(_ bytes: [UInt8], as encoding: Encoding) -> [UInt8] {
        switch encoding.name {
        case "utf-8": return utf8(bytes)
        case "utf-16le": return utf16(bytes, littleEndian: true)
        case "utf-16be": return utf16(bytes, littleEndian: false)
        case "replacement": return bytes.isEmpty ? [] : Array("\u{FFFD}".utf8)
        case "x-user-defined": return userDefined(bytes)
        case "iso-8859-8-i": return singleByte(bytes, "iso-8859-8")
        default:
            if let converter = MultiByteConverter.converterName(encoding.name) {
                return MultiByteConverter.convert(bytes, from: converter)
            }
            return singleByte(bytes, encoding.name)
        }
    }

    static func utf8(_ bytes: [UInt8]) -> [UInt8] {
        let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        return bytes.withUnsafeBufferPointer { buffer in
            var index = UTF8Validation.validPrefix(buffer, from: mark)
            if index == buffer.count { return mark == 0 ? bytes : Array(bytes[mark...]) }
            var output: [UInt8] = []
            output.reserveCapacity(buffer.count + 64)
            var start = mark
            while true {
                output.append(contentsOf: buffer[start..<index])
                guard index < buffer.count else { return output }
                appendUTF8(0xFFFD, to: &output)
                index += faultLength(buffer, at: index)
                start = index
                index = UTF8Validation.validPrefix(buffer, from: index)
            }
        }
    }

    // The standard replaces the longest beginning of a sequence that could have become well-formed by one U+FFFD.
    private static func faultLength(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let lead = bytes[index]
        let needed: Int
        switch lead {
        case 0xE0...0xEF: needed = 2
        case 0xF0...0xF4: needed = 3
        default: return 1
        }
        guard index + 1 < bytes.count else { return 1 }
        let second = bytes[index + 1]
        let low: UInt8 = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80
        let high: UInt8 = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF
        guard second >= low, second <= high else { return 1 }
        guard needed == 3, index + 2 < bytes.count, bytes[index + 2] & 0xC0 == 0x80 else { return 2 }
        return 3
    }

    static func utf16(_ bytes: [UInt8], littleEndian: Bool) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        let low = littleEndian ? 0 : 1
        var index = 0
        var pending: UInt32?
        while index + 1 < bytes.count {
            let unit = UInt32(bytes[index + 1 - low]) << 8 | UInt32(bytes[index + low])
            index += 2
            if let high = pending {
                pending = nil
                if unit >> 10 == 0x37 {
                    appendUTF8(0x10000 + (high & 0x3FF) << 10 + (unit & 0x3FF), to: &output)
                    continue
                }
                appendUTF8(0xFFFD, to: &output)
            }
            if unit >> 10 == 0x36 {
                pending = unit
            } else if !(unit == 0xFEFF && index == 2) {
                appendUTF8(unit, to: &output)
            }
        }
        if pending != nil || index < bytes.count { appendUTF8(0xFFFD, to: &output) }
        return output
    }

    private static func userDefined(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        for byte in bytes { appendUTF8(byte < 0x80 ? UInt32(byte) : 0xF700 + UInt32(byte), to: &output) }
        return output
    }

    private static func singleByte(_ bytes: [UInt8], _ name: String) -> [UInt8] {
        guard let table = SingleByteTables.tables[name] else { return utf8(bytes) }
        if bytes.withUnsafeBufferPointer(UTF8Validation.isASCII) { return bytes }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + bytes.count / 4)
        for byte in bytes {
            if byte < 0x80 { output.append(byte) } else { appendUTF8(UInt32(table[Int(byte) - 128]), to: &output) }
        }
        return output
    }
}
