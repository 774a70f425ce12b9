/// Lengths of time as people write them: `250ms`, `10s`, `1h30m`, `1d`, `2w`.
public enum DurationText {
    private static let units: [(name: String, seconds: Double)] = [
        ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800),
    ]

    /// Seconds, or nil when the text is no length of time.
    public static func parse(_ text: String) -> Double? {
        var rest = Substring(text)
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let count = Double(digits), let unit = units.first(where: { $0.name == name }) else { return nil }
            total += count * unit.seconds
        }
        return total.isFinite && total < 1e11 ? total : nil
    }

    /// The shortest exact form.
    public static func format(_ seconds: Double) -> String {
        var rest = Int64((seconds * 1000).rounded())
        guard rest > 0 else { return "0s" }
        var text = ""
        for (name, length) in units.reversed() {
            let unit = Int64(length * 1000)
            if rest >= unit {
                text += "\(rest / unit)\(name)"
                rest %= unit
            }
        }
        return text
    }
}

/// Numbers of bytes as people write them: `512`, `64 KiB`, `10MB`.
public enum SizeText {
    private static let units: [String: Int64] = [
        "": 1, "b": 1, "kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000,
        "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30,
    ]

    /// Bytes, or nil when the text is no size.
    public static func parse(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let name = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        guard let count = Double(digits), let unit = units[name], count * Double(unit) < 9e18 else { return nil }
        return Int64(count * Double(unit))
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
