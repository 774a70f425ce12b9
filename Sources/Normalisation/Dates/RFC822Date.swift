import Document

/// The form that nearly all RSS has, `Thu, 01 Jan 2004 19:48:21 +0100`, read without looking further.
enum RFC822Date {
    /// The moment, or nil when the text has any other form.
    static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Timestamp? {
        var index = 0
        if bytes.count > 5, bytes[3] == UInt8(ascii: ","), bytes[4] == 0x20 { index = 5 }
        func number(_ count: Int) -> Int? {
            guard index + count <= bytes.count else { return nil }
            var value = 0
            for _ in 0..<count {
                let digit = bytes[index] &- 0x30
                guard digit < 10 else { return nil }
                value = value &* 10 &+ Int(digit)
                index += 1
            }
            return value
        }
        func skip(_ byte: UInt8) -> Bool {
            guard index < bytes.count, bytes[index] == byte else { return false }
            index += 1
            return true
        }
        guard let day = index + 1 < bytes.count && bytes[index + 1] == 0x20 ? number(1) : number(2), skip(0x20),
            index + 4 <= bytes.count
        else { return nil }
        let name =
            UInt32(bytes[index] | 0x20) << 16 | UInt32(bytes[index + 1] | 0x20) << 8 | UInt32(bytes[index + 2] | 0x20)
        index += 3
        guard let month = months.firstIndex(of: name), skip(0x20), let year = number(4), skip(0x20),
            let hour = number(2),
            skip(0x3A), let minute = number(2), skip(0x3A), let second = number(2), skip(0x20), index < bytes.count
        else { return nil }
        var offset = 0
        switch bytes[index] {
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            let isWest = bytes[index] == UInt8(ascii: "-")
            index += 1
            guard let zone = number(4), zone % 100 < 60, zone < 2400 else { return nil }
            offset = (zone / 100 * 60 + zone % 100) * (isWest ? -1 : 1)
        case UInt8(ascii: "G"):
            guard bytes[index...].elementsEqual("GMT".utf8) else { return nil }
            index += 3
        default: return nil
        }
        guard index == bytes.count else { return nil }
        return DateParser.moment(
            year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second, offsetMinutes: offset)
    }

    private static let months: [UInt32] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ].map { (name: String) in name.utf8.reduce(0) { $0 << 8 | UInt32($1) } }
}
