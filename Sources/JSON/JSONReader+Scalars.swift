extension JSONReader {
    /// Reads a string and resolves its escapes.
    public mutating func readString() throws(JSONError) -> String {
        try readRawString().text
    }

    /// Reads a string without copying it.
    public mutating func readRawString() throws(JSONError) -> RawString {
        skipWhiteSpace()
        guard offset < buffer.count, buffer[offset] == UInt8(ascii: "\"") else { throw fault("expected a string") }
        let start = offset + 1
        var index = start
        var hasEscapes = false
        while true {
            index = ByteScan.endOfPlain(buffer, from: index)
            guard index < buffer.count else { break }
            let byte = buffer[index]
            if byte == UInt8(ascii: "\"") {
                move(to: index + 1)
                return RawString(bytes: UnsafeBufferPointer(rebasing: buffer[start..<index]), hasEscapes: hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                index = try endOfEscape(at: index)
            } else {
                throw JSONError("a control character inside a string must be escaped", offset: index)
            }
        }
        throw fault("the string never ends")
    }

    /// The place behind the escape whose backslash is at `start` (RFC 8259, section 7).
    private func endOfEscape(at start: Int) throws(JSONError) -> Int {
        guard start + 1 < buffer.count else { throw fault("the string never ends") }
        switch buffer[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            guard Self.codeUnit(buffer, at: start + 2) != nil else {
                throw JSONError("four hexadecimal digits must follow \\u", offset: start)
            }
            return start + 6
        default: throw JSONError("a backslash before a character that has no escape", offset: start)
        }
    }

    /// The number that four hexadecimal digits stand for; nil when they are not there.
    static func codeUnit(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> UInt32? {
        guard start + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for byte in bytes[start..<start + 4] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return value
    }

    /// Reads an integer; a number with a fraction or out of range is a fault.
    public mutating func readInteger() throws(JSONError) -> Int64 {
        skipWhiteSpace()
        let start = offset
        guard case .integer(let value) = try readNumber() else {
            throw JSONError("expected an integer", offset: start)
        }
        return value
    }

    /// Reads a number: `.integer` where it is one that fits 64 bits, else `.number`.
    public mutating func readNumber() throws(JSONError) -> JSONValue {
        skipWhiteSpace()
        let start = offset
        let (digits, isInteger) = try readNumberBytes()
        if isInteger, let value = Self.integer(digits) { return .integer(value) }
        let text = String(decoding: digits, as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw JSONError("a number out of range", offset: start)
        }
        return .number(value)
    }

    private static func integer(_ digits: UnsafeBufferPointer<UInt8>) -> Int64? {
        let negative = digits.first == UInt8(ascii: "-")
        var value: Int64 = 0
        for digit in digits.dropFirst(negative ? 1 : 0) {
            let (product, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, overSum) = product.subtractingReportingOverflow(Int64(digit &- UInt8(ascii: "0")))
            if over || overSum { return nil }
            value = sum
        }
        // Counted downwards, since the smallest value has no positive twin.
        return negative ? value : (value == .min ? nil : -value)
    }

    mutating func readNumberBytes() throws(JSONError) -> (UnsafeBufferPointer<UInt8>, isInteger: Bool) {
        skipWhiteSpace()
        let start = offset
        var index = offset
        var isInteger = true
        func isDigit(_ at: Int) -> Bool {
            at < buffer.count && buffer[at] >= UInt8(ascii: "0") && buffer[at] <= UInt8(ascii: "9")
        }
        if index < buffer.count, buffer[index] == UInt8(ascii: "-") { index += 1 }
        guard isDigit(index) else { throw fault("expected a number") }
        if buffer[index] == UInt8(ascii: "0") {
            index += 1
        } else {
            while isDigit(index) { index += 1 }
        }
        if index < buffer.count, buffer[index] == UInt8(ascii: ".") {
            isInteger = false
            index += 1
            guard isDigit(index) else { throw JSONError("a digit must follow the point", offset: index) }
            while isDigit(index) { index += 1 }
        }
        if index < buffer.count, buffer[index] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            index += 1
            if index < buffer.count, buffer[index] == UInt8(ascii: "+") || buffer[index] == UInt8(ascii: "-") {
                index += 1
            }
            guard isDigit(index) else { throw JSONError("a digit must follow the exponent", offset: index) }
            while isDigit(index) { index += 1 }
        }
        move(to: index)
        return (UnsafeBufferPointer(rebasing: buffer[start..<index]), isInteger)
    }
}

extension JSONReader.RawString {
    /// The string with its escapes resolved; what is no valid UTF-8 or no whole surrogate pair becomes U+FFFD.
    public var text: String {
        hasEscapes ? String(decoding: unescaped(), as: UTF8.self) : String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the string's UTF-8 to `output`, escapes resolved.
    public func append(to output: inout [UInt8]) {
        if hasEscapes { output.append(contentsOf: unescaped()) } else { output.append(contentsOf: bytes) }
    }

    private func unescaped() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = 0
        while true {
            let end = ByteScan.endOfPlain(bytes, from: index)
            output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[index..<end]))
            guard end < bytes.count else { return output }
            index = end
            guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count else {
                output.append(bytes[index])
                index += 1
                continue
            }
            let letter = bytes[index + 1]
            index += 2
            switch letter {
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "u"): appendScalar(at: &index, to: &output)
            default: output.append(letter)
            }
        }
    }

    private func appendScalar(at index: inout Int, to output: inout [UInt8]) {
        guard var value = JSONReader.codeUnit(bytes, at: index) else {
            output.append(contentsOf: "\u{FFFD}".utf8)
            return
        }
        index += 4
        if value >> 10 == 0x36, index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u"), let low = JSONReader.codeUnit(bytes, at: index + 2),
            low >> 10 == 0x37
        {
            value = 0x10000 + (value & 0x3FF) << 10 + (low & 0x3FF)
            index += 6
        }
        output.append(contentsOf: String(UnicodeScalar(value) ?? "\u{FFFD}").utf8)
    }
}
