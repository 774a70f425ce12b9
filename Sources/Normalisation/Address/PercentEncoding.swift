/// Percent-encoding in its normal form: needed escapes in capitals, needless ones resolved.
enum Encoded {
    static let path = allowed("!$&'()*+,;=:@/%~-._")
    static let query = allowed("!$&'()*+,;=:@/?%~-._[]{}|")
    static let fragment = query

    private static func allowed(_ marks: StaticString) -> [Bool] {
        var table = [Bool](repeating: false, count: 256)
        for byte in 0x30...0x39 { table[byte] = true }
        for byte in 0x41...0x5A { table[byte] = true }
        for byte in 0x61...0x7A { table[byte] = true }
        for place in 0..<marks.utf8CodeUnitCount { table[Int(marks.utf8Start[place])] = true }
        return table
    }

    /// Escapes what a part may not hold and resolves escapes of letters, digits, `-`, `.`, `_` and `~`.
    static func component(_ text: String, _ allowed: [Bool]) -> String {
        if text.utf8.allSatisfy({ allowed[Int($0)] && $0 != UInt8(ascii: "%") }) { return text }
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + 16)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < bytes.count, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2])
                else {
                    output.append(contentsOf: "%25".utf8)
                    index += 1
                    continue
                }
                let value = high << 4 | low
                if isUnreserved(value) { output.append(value) } else { escape(value, &output) }
                index += 3
                continue
            }
            if allowed[Int(byte)] { output.append(byte) } else { escape(byte, &output) }
            index += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E
            || byte == 0x5F
            || byte == 0x7E
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    private static func escape(_ byte: UInt8, _ output: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        output.append(UInt8(ascii: "%"))
        output.append(digits[Int(byte >> 4)])
        output.append(digits[Int(byte & 15)])
    }
}
