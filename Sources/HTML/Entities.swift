/// Named character references (HTML standard, section 13.5), found by binary search over one static text.
enum Entities {
    /// Where each entry begins in the table.
    private static let offsets: [Int32] = {
        var offsets: [Int32] = []
        offsets.reserveCapacity(2300)
        var start: Int32 = 0
        for index in 0..<entityTable.utf8CodeUnitCount where entityTable.utf8Start[index] == UInt8(ascii: "|") {
            offsets.append(start)
            start = Int32(index + 1)
        }
        return offsets
    }()

    /// How many entries begin with a byte below that one.
    private static let firstEntries: [Int] = {
        var counts = [Int](repeating: 0, count: 257)
        for offset in offsets { counts[Int(entityTable.utf8Start[Int(offset)]) + 1] += 1 }
        for byte in 1..<257 { counts[byte] += counts[byte - 1] }
        return counts
    }()

    /// The longest name that `bytes` begins with.
    ///
    /// - Returns: its length, whether it ends with a semicolon, and where in the table stands what ``append(_:to:)`` reads.
    static func longestMatch(_ bytes: UnsafeBufferPointer<UInt8>) -> (length: Int, endsInSemicolon: Bool, value: Int)? {
        // Names are letters and digits, then perhaps a semicolon; the longest has 32.
        var end = 0
        while end < bytes.count, end < 32, isNameByte(bytes[end]) { end += 1 }
        if end < bytes.count, bytes[end] == UInt8(ascii: ";") {
            if let entry = find(bytes, end + 1) { return (end + 1, true, entry) }
        }
        while end >= 2 {
            if let entry = find(bytes, end) { return (end, false, entry) }
            end -= 1
        }
        return nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
    }

    private static func find(_ bytes: UnsafeBufferPointer<UInt8>, _ length: Int) -> Int? {
        let table = entityTable.utf8Start
        guard let first = bytes.first else { return nil }
        var low = firstEntries[Int(first)]
        var high = firstEntries[Int(first) + 1]
        while low < high {
            let middle = (low + high) / 2
            let start = Int(offsets[middle])
            var index = 0
            var order = 0
            while order == 0 {
                let entry = table[start + index]
                if index == length || entry == 0x20 {
                    order = index == length ? (entry == 0x20 ? 0 : -1) : 1
                    break
                }
                order = Int(bytes[index]) - Int(entry)
                index += 1
            }
            if order == 0 { return start + length + 1 }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        return nil
    }

    /// Appends what an entry stands for.
    static func append(_ start: Int, to text: inout [UInt8]) {
        let table = entityTable.utf8Start
        var value: UInt32 = 0
        var index = start
        while true {
            let byte = table[index]
            index += 1
            if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "|") {
                if let scalar = Unicode.Scalar(value) { text.append(contentsOf: String(scalar).utf8) }
                if byte == UInt8(ascii: "|") { return }
                value = 0
            } else {
                value = value << 4 | UInt32(byte <= 0x39 ? byte - 0x30 : byte - 0x61 + 10)
            }
        }
    }

    /// What the numbers 0x80 to 0x9F stand for in a numeric reference (section 13.2.5.80).
    static let windows1252: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D,
        0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153,
        0x9D,
        0x017E, 0x0178,
    ]
}
