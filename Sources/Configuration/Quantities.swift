/// Lengths of time as people write them: `250ms`, `10s`, `1h30m`, `1.5h`, `1d`, `2w`.
public enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]
    /// Some 3000 years.
    private static let longest: Int64 = 100_000_000_000_000

    /// Seconds, or nil when the text is no length of time. Units go from the largest to the smallest, each at most once;
    /// nothing below a millisecond.
    public static func parse(_ text: String) -> Double? {
        var reader = QuantityReader(text)
        var total: Int64 = 0
        var last = -1
        repeat {
            guard let number = reader.number(), let place = units.firstIndex(where: { $0.name == reader.peekWord() }),
                place > last, let part = number.times(units[place].milliseconds, exactly: true)
            else { return nil }
            reader.skipWord()
            last = place
            total += part
            guard total <= longest else { return nil }
        } while !reader.isAtEnd
        return Double(total) / 1000
    }

    /// The form with each unit at most once, such as `1h30m`; parsing it gives the same number, to the millisecond.
    public static func format(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds > 0 else { return "0s" }
        var rest = Int64(min(seconds * 1000, Double(longest)).rounded())
        guard rest > 0 else { return "0s" }
        var text = ""
        for (name, length) in units where rest >= length {
            text += "\(rest / length)\(name)"
            rest %= length
        }
        return text
    }
}

/// Numbers of bytes as people write them: `512`, `64 KiB`, `10MB`, `1.5 GiB`.
public enum SizeText {
    private static let units: [String: Int64] = [
        "": 1, "b": 1, "kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000,
        "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30,
    ]

    /// Bytes, or nil when the text is no size. A fraction of a byte is dropped.
    public static func parse(_ text: String) -> Int64? {
        var reader = QuantityReader(text)
        guard let number = reader.number() else { return nil }
        reader.skipSpace()
        let name = reader.peekWord()
        reader.skipWord()
        guard reader.isAtEnd, let unit = units[name.lowercased()] else { return nil }
        return number.times(unit, exactly: false)
    }

    /// With the largest binary unit that leaves a whole number.
    public static func format(_ bytes: Int64) -> String {
        for (name, shift) in [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)] as [(String, Int64)]
        where bytes >= 1 << shift && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift) \(name)"
        }
        return "\(bytes) B"
    }
}

/// A decimal number, exactly.
private struct Decimal {
    var digits: Int64
    /// The power of ten that `digits` is to be divided by.
    var scale: Int64

    func times(_ unit: Int64, exactly: Bool) -> Int64? {
        let (product, overflows) = digits.multipliedReportingOverflow(by: unit)
        guard !overflows, !exactly || product % scale == 0 else { return nil }
        return product / scale
    }
}

/// Reads numbers and the words behind them.
private struct QuantityReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ text: String) { bytes = text.utf8.count <= 64 ? Array(text.utf8) : [] }

    var isAtEnd: Bool { place == bytes.count }

    mutating func number() -> Decimal? {
        var number = Decimal(digits: 0, scale: 1)
        var count = 0
        var isFraction = false
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "."), !isFraction, count > 0 {
                isFraction = true
                count = 0
            } else if (0x30...0x39).contains(byte) {
                let (shifted, overflows) = number.digits.multipliedReportingOverflow(by: 10)
                let (sum, overflowsAgain) = shifted.addingReportingOverflow(Int64(byte - 0x30))
                guard !overflows, !overflowsAgain, number.scale <= 1_000_000 else { return nil }
                number.digits = sum
                if isFraction { number.scale *= 10 }
                count += 1
            } else {
                break
            }
            place += 1
        }
        return count > 0 ? number : nil
    }

    func peekWord() -> String { String(decoding: word, as: UTF8.self) }

    private var word: ArraySlice<UInt8> { bytes[place...].prefix { (0x61...0x7A).contains($0 | 0x20) } }

    mutating func skipWord() { place += word.count }

    mutating func skipSpace() { while place < bytes.count, bytes[place] == 0x20 { place += 1 } }
}
