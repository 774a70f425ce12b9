/// Reads numbers, times and zones from the bytes of a date.
struct DateScanner {
    let bytes: [UInt8]
    var index = 0
    private var replayed: Int?

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { index >= bytes.count && replayed == nil }
    var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func advance() { index += 1 }

    /// Gives `hhmmss`, read together with the date, to the next call of `time`.
    var hasReplay: Bool { replayed != nil }

    mutating func replay(_ digits: Int) { replayed = digits }

    /// Moves past one byte when it is one of those.
    mutating func skip(_ set: StaticString) -> Bool {
        guard let byte = peek else { return false }
        for place in 0..<set.utf8CodeUnitCount where set.utf8Start[place] == byte {
            index += 1
            return true
        }
        return false
    }

    @discardableResult mutating func skipSpaces() -> Bool {
        let start = index
        while index < bytes.count {
            if bytes[index] <= 0x20 || bytes[index] == UInt8(ascii: ",") {
                index += 1
            } else if bytes[index] == 0xC2, index + 1 < bytes.count, bytes[index + 1] == 0xA0 {
                index += 2
            } else if bytes[index] == 0xE2, index + 2 < bytes.count, bytes[index + 1] == 0x80, bytes[index + 2] == 0xAF
            {
                index += 3
            } else {
                break
            }
        }
        return index > start
    }

    /// A run of at most 14 digits.
    mutating func number() -> (value: Int, digits: Int, hasLeadingZero: Bool)? {
        let start = index
        var value = 0
        while index < bytes.count, (0x30...0x39).contains(bytes[index]), index - start < 14 {
            value = value * 10 + Int(bytes[index] - 0x30)
            index += 1
        }
        guard index > start else { return nil }
        if index < bytes.count, (0x30...0x39).contains(bytes[index]) { return nil }
        return (value, index - start, bytes[start] == 0x30)
    }

    /// `hh:mm`, `hh:mm:ss`, `hh:mm:ss.fff`, `hhmm`, `hhmmss`.
    mutating func time() -> (Int, Int, Int, Int32)? {
        if let digits = replayed {
            replayed = nil
            return (digits / 10_000, digits / 100 % 100, digits % 100, 0)
        }
        let start = index
        guard let hour = number() else { return nil }
        var minute = 0
        var second = 0
        var nanoseconds: Int32 = 0
        guard peek == UInt8(ascii: ":") else {
            if hour.digits == 6 { return (hour.value / 10_000, hour.value / 100 % 100, hour.value % 100, 0) }
            if hour.digits == 4 { return (hour.value / 100, hour.value % 100, 0, 0) }
            // A bare hour only with a half of the day after it.
            if hour.digits <= 2 {
                let after = index
                skipSpaces()
                if halfOfDay() != nil {
                    index = after
                    return (hour.value, 0, 0, 0)
                }
            }
            index = start
            return nil
        }
        guard hour.digits <= 2 else {
            index = start
            return nil
        }
        index += 1
        guard let minutes = number(), minutes.digits <= 2 else {
            index = start
            return nil
        }
        minute = minutes.value
        if peek == UInt8(ascii: ":"), index + 1 < bytes.count, (0x30...0x39).contains(bytes[index + 1]) {
            index += 1
            if let seconds = number(), seconds.digits <= 2 { second = seconds.value } else { return nil }
            if peek == UInt8(ascii: ".") || peek == UInt8(ascii: ","), index + 1 < bytes.count,
                (0x30...0x39).contains(bytes[index + 1])
            {
                index += 1
                var scale: Int32 = 100_000_000
                while let byte = peek, (0x30...0x39).contains(byte) {
                    nanoseconds += Int32(byte - 0x30) * scale
                    scale /= 10
                    index += 1
                }
            }
        }
        return (hour.value, minute, second, nanoseconds)
    }

    enum HalfOfDay {
        case morning, afternoon
        func applied(to hour: Int) -> Int {
            switch self {
            case .morning: hour == 12 ? 0 : hour
            case .afternoon: hour < 12 ? hour + 12 : hour
            }
        }
    }

    /// `am`, `p.m.`, 오전, 下午 and the like.
    mutating func halfOfDay() -> HalfOfDay? {
        for (text, half) in Self.halves where starts(with: text) {
            let end = index + text.utf8.count
            if end < bytes.count, (0x61...0x7A).contains(bytes[end] | 0x20), text.utf8.first.map({ $0 < 0x80 }) ?? false
            {
                continue
            }
            index = end
            return half
        }
        return nil
    }

    private static let halves: [(String, HalfOfDay)] = [
        ("a.m.", .morning), ("p.m.", .afternoon), ("am", .morning), ("pm", .afternoon),
        ("오전", .morning), ("오후", .afternoon), ("上午", .morning), ("下午", .afternoon),
        ("午前", .morning), ("午後", .afternoon),
    ]

    func starts(with text: String) -> Bool {
        var place = index
        for byte in text.utf8 {
            guard place < bytes.count else { return false }
            let own = (0x41...0x5A).contains(bytes[place]) ? bytes[place] | 0x20 : bytes[place]
            if own != byte { return false }
            place += 1
        }
        return true
    }

    /// Minutes east of Greenwich: `Z`, `+01:00`, `-0500`, `+5`, `GMT+1`, `EST`, `Etc/GMT`; nil when it is no zone.
    mutating func zone() -> Int? {
        if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") || starts(with: "−") {
            let isWest = peek != UInt8(ascii: "+")
            index += starts(with: "−") ? 3 : 1
            guard let first = number() else { return nil }
            var hours = first.value
            var minutes = 0
            if first.digits > 2 {
                guard first.digits <= 4 else { return nil }
                hours = first.value / 100
                minutes = first.value % 100
            } else if peek == UInt8(ascii: ":") {
                index += 1
                guard let second = number(), second.digits == 2 else { return nil }
                minutes = second.value
            }
            guard hours < 24, minutes < 60 else { return nil }
            return (isWest ? -1 : 1) * (hours * 60 + minutes)
        }
        let start = index
        var name = ""
        while let byte = peek, (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "/"), name.utf8.count < 12 {
            name.unicodeScalars.append(UnicodeScalar((0x41...0x5A).contains(byte) ? byte | 0x20 : byte))
            index += 1
        }
        if name.hasPrefix("etc/") { name.removeFirst(4) }
        guard let offset = Self.zones[name] else {
            index = start
            return nil
        }
        if offset == 0, peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { return zone() }
        return offset
    }

    private static let zones: [String: Int] = [
        "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "ast": -240, "adt": -180, "at": -240, "est": -300, "edt": -240,
        "et": -300, "cst": -360, "cdt": -300, "ct": -360, "mst": -420, "mdt": -360, "mt": -420, "pst": -480,
        "pdt": -420, "pt": -480, "akst": -540, "akdt": -480, "hst": -600, "nst": -210, "ndt": -150, "brt": -180,
        "bst": 60, "west": 60, "cet": 60, "met": 60, "mez": 60, "cest": 120, "mest": 120, "mesz": 120, "eet": 120,
        "sast": 120, "eest": 180, "msk": 180, "msd": 240, "ist": 330, "pkt": 300, "wib": 420, "hkt": 480, "sgt": 480,
        "awst": 480, "jst": 540, "kst": 540, "acst": 570, "acdt": 630, "aest": 600, "aedt": 660, "nzst": 720,
        "nzdt": 780,
    ]
}
