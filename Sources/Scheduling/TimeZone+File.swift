extension TimeZone {
    /// Why a time zone can't be had.
    public struct Failure: Error, Sendable, Equatable {
        /// What is wrong.
        public var what: String
        /// What to do about it.
        public var remedy: String
    }

    /// Reads a file of the tz database (TZif, RFC 8536, version 1 to 4).
    ///
    /// Zones that count leap seconds (`right/…`) are refused: the system's clock does not count them.
    public init(name: String, file bytes: [UInt8]) throws(Failure) {
        var reader = Reader(bytes: bytes)
        let damaged = Failure(what: "the time zone file of \(name) is damaged", remedy: "install tzdata again")
        guard var header = reader.header() else { throw damaged }
        var timeWidth = 4
        if header.version >= UInt8(ascii: "2") {
            guard reader.skip(header.length(timeWidth: 4)), let second = reader.header() else { throw damaged }
            header = second
            timeWidth = 8
        }
        guard header.length(timeWidth: timeWidth) <= bytes.count - reader.place, header.types > 0 else { throw damaged }
        guard header.leaps == 0 else {
            throw Failure(what: "the time zone \(name) counts leap seconds", remedy: "leave out 'right/' before it")
        }
        var times: [Int64] = []
        for _ in 0..<header.times {
            let time = timeWidth == 8 ? reader.integer(8) : Int64(Int32(truncatingIfNeeded: reader.integer(4)))
            guard times.last ?? .min < time || times.isEmpty else { throw damaged }
            times.append(time)
        }
        let kinds = (0..<header.times).map { _ in Int(reader.integer(1)) }
        var offsets: [Int64] = []
        for _ in 0..<header.types {
            let offset = Int64(Int32(truncatingIfNeeded: reader.integer(4)))
            _ = reader.integer(2)
            guard (-93_600...93_600).contains(offset) else { throw damaged }
            offsets.append(offset)
        }
        guard kinds.allSatisfy({ $0 < offsets.count }) else { throw damaged }
        _ = reader.skip(header.characters + header.standardFlags + header.universalFlags)
        var rule: TimeZoneRule?
        if timeWidth == 8 {
            guard let footer = reader.footer() else { throw damaged }
            if !footer.isEmpty {
                guard let read = TimeZoneRule(posix: footer) else { throw damaged }
                rule = read
            }
        }
        self.init(
            name: name, firstOffset: offsets[0],
            transitions: zip(times, kinds).map { Transition(time: $0, offset: offsets[$1]) }, rule: rule)
    }

    private struct Header {
        var version: UInt8
        var universalFlags: Int
        var standardFlags: Int
        var leaps: Int
        var times: Int
        var types: Int
        var characters: Int

        func length(timeWidth: Int) -> Int {
            times * (timeWidth + 1) + types * 6 + characters + leaps * (timeWidth + 4) + standardFlags + universalFlags
        }
    }

    /// Reads big-endian numbers; past the end it reads zeros, which `length` has ruled out beforehand.
    private struct Reader {
        let bytes: [UInt8]
        var place = 0

        mutating func skip(_ count: Int) -> Bool {
            guard count <= bytes.count - place else { return false }
            place += count
            return true
        }

        mutating func integer(_ width: Int) -> Int64 {
            var value: UInt64 = 0
            for _ in 0..<width {
                value = value << 8 | UInt64(place < bytes.count ? bytes[place] : 0)
                place += 1
            }
            return Int64(bitPattern: value)
        }

        mutating func header() -> Header? {
            guard bytes.count - place >= 44, bytes[place..<place + 4].elementsEqual("TZif".utf8) else { return nil }
            let version = bytes[place + 4]
            place += 20
            let counts = (0..<6).map { _ in Int(integer(4)) }
            return Header(
                version: version, universalFlags: counts[0], standardFlags: counts[1], leaps: counts[2],
                times: counts[3], types: counts[4], characters: counts[5])
        }

        mutating func footer() -> [UInt8]? {
            guard place < bytes.count, bytes[place] == 0x0A, let end = bytes[(place + 1)...].firstIndex(of: 0x0A) else {
                return nil
            }
            return Array(bytes[place + 1..<end])
        }
    }
}
