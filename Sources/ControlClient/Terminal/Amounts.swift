import Document

/// Numbers, sizes and times for people.
public enum Amounts {
    /// `1,234,567`, grouped from ten thousand on.
    public static func grouped(_ value: some BinaryInteger) -> String {
        let digits = String(value.magnitude)
        guard digits.utf8.count > 4 else { return (value < 0 ? "-" : "") + digits }
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.utf8.count - index) % 3 == 0 { result += "," }
            result.append(digit)
        }
        return (value < 0 ? "-" : "") + result
    }

    /// `1 segment`, `12,345 segments`; of a word with another plural than with an s, that one as well.
    public static func counted(_ value: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
        "\(grouped(value)) \(value == 1 ? one : many ?? one + "s")"
    }

    /// `64 MiB`.
    public static func size(_ bytes: UInt64) -> String {
        guard bytes >= 1024 else { return "\(bytes) B" }
        var value = Double(bytes)
        var unit = -1
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        while value >= 1024, unit + 1 < units.count {
            value /= 1024
            unit += 1
        }
        let tenths = Int((value * 10).rounded())
        return value >= 100 || tenths % 10 == 0
            ? "\((tenths + 5) / 10) \(units[unit])"
            : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// `3m ago`, `in 12s`; `-` for an unknown moment.
    public static func relative(_ time: Timestamp?, to now: Timestamp) -> String {
        guard let time else { return "-" }
        let seconds = time.seconds.subtractingReportingOverflow(now.seconds).partialValue
        if seconds == 0 { return "now" }
        return seconds > 0 ? "in \(duration(seconds))" : "\(duration(0 &- seconds)) ago"
    }

    /// `2h 5m`.
    public static func duration(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m"
        case ..<86_400: seconds % 3600 < 60 ? "\(seconds / 3600)h" : "\(seconds / 3600)h \(seconds % 3600 / 60)m"
        default: seconds % 86_400 < 3600 ? "\(seconds / 86_400)d" : "\(seconds / 86_400)d \(seconds % 86_400 / 3600)h"
        }
    }
}
