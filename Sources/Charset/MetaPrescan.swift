/// The standard's prescan of a byte stream for `meta` (HTML Standard, section 13.2.3.2).
///
/// The standard scans 1,024 bytes and changes the encoding when a `meta` comes later; here the whole page is at hand, so
/// the scan goes on as far as such a page is found in practice.
enum MetaPrescan {
    private static let window = 64 * 1024

    static func encoding(in bytes: [UInt8]) -> Encoding? {
        var scanner = Scanner(bytes: bytes.prefix(window))
        return scanner.run()
    }

    private struct Scanner {
        let bytes: ArraySlice<UInt8>
        var index: Int

        init(bytes: ArraySlice<UInt8>) {
            self.bytes = bytes
            index = bytes.startIndex
        }

        func byte(_ offset: Int = 0) -> UInt8? {
            index + offset < bytes.endIndex ? bytes[index + offset] : nil
        }

        func starts(with text: StaticString) -> Bool {
            for place in 0..<text.utf8CodeUnitCount {
                guard let byte = byte(place) else { return false }
                if lower(byte) != text.utf8Start[place] { return false }
            }
            return true
        }

        mutating func run() -> Encoding? {
            while index < bytes.endIndex {
                if starts(with: "<!--") {
                    skipComment()
                } else if starts(with: "<meta"), let after = byte(5), isSpace(after) || after == UInt8(ascii: "/") {
                    index += 5
                    if let encoding = meta() { return encoding }
                } else if byte() == UInt8(ascii: "<"), let next = byte(1), isLetter(next) || next == UInt8(ascii: "/") {
                    index += 1
                    while let byte = byte(), !isSpace(byte), byte != UInt8(ascii: ">") { index += 1 }
                    while attribute() != nil {}
                } else if starts(with: "<!") || starts(with: "<?") {
                    while let byte = byte(), byte != UInt8(ascii: ">") { index += 1 }
                }
                index += 1
            }
            return nil
        }

        private mutating func skipComment() {
            index += 2
            while index < bytes.endIndex {
                if starts(with: "-->") {
                    index += 2
                    return
                }
                index += 1
            }
        }

        private mutating func meta() -> Encoding? {
            var seen: Set<[UInt8]> = []
            var gotPragma = false
            var needsPragma: Bool?
            var found: Encoding?
            while let (name, value) = attribute() {
                guard seen.insert(name).inserted else { continue }
                if name == Array("http-equiv".utf8) {
                    if value == Array("content-type".utf8) { gotPragma = true }
                } else if name == Array("content".utf8) {
                    if found == nil, needsPragma == nil, let label = Self.charset(inContent: value) {
                        found = Encoding(label: label)
                        if found != nil { needsPragma = true }
                    }
                } else if name == Array("charset".utf8) {
                    found = Encoding(label: String(decoding: value, as: UTF8.self))
                    needsPragma = false
                }
            }
            guard let needsPragma, !needsPragma || gotPragma, let found else { return nil }
            if found.name.hasPrefix("utf-16") { return .utf8 }
            return found.name == "x-user-defined" ? .windows1252 : found
        }

        // "Get an attribute": lower-cased name and value, or nil at the end of the tag.
        private mutating func attribute() -> (name: [UInt8], value: [UInt8])? {
            while let byte = byte(), isSpace(byte) || byte == UInt8(ascii: "/") { index += 1 }
            guard let first = byte(), first != UInt8(ascii: ">") else { return nil }
            var name: [UInt8] = []
            while let byte = byte() {
                if byte == UInt8(ascii: "="), !name.isEmpty { break }
                if isSpace(byte) { break }
                if byte == UInt8(ascii: "/") || byte == UInt8(ascii: ">") { return (name, []) }
                name.append(lower(byte))
                index += 1
            }
            while let byte = byte(), isSpace(byte) { index += 1 }
            guard byte() == UInt8(ascii: "=") else { return byte() == nil ? nil : (name, []) }
            index += 1
            while let byte = byte(), isSpace(byte) { index += 1 }
            var value: [UInt8] = []
            guard let quote = byte() else { return nil }
            if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
                index += 1
                while let byte = byte() {
                    index += 1
                    if byte == quote { return (name, value) }
                    value.append(lower(byte))
                }
                return nil
            }
            while let byte = byte(), !isSpace(byte), byte != UInt8(ascii: ">") {
                value.append(lower(byte))
                index += 1
            }
            return byte() == nil ? nil : (name, value)
        }

        // "Extract a character encoding from a meta element".
        private static func charset(inContent value: [UInt8]) -> String? {
            let key = Array("charset".utf8)
            var start = 0
            while start + key.count <= value.count {
                guard value[start..<start + key.count].elementsEqual(key) else {
                    start += 1
                    continue
                }
                var index = start + key.count
                while index < value.count, isSpace(value[index]) { index += 1 }
                guard index < value.count, value[index] == UInt8(ascii: "=") else {
                    start += key.count
                    continue
                }
                index += 1
                while index < value.count, isSpace(value[index]) { index += 1 }
                guard index < value.count else { return nil }
                let quote = value[index]
                if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
                    guard let end = value[(index + 1)...].firstIndex(of: quote) else { return nil }
                    return String(decoding: value[(index + 1)..<end], as: UTF8.self)
                }
                let end = value[index...].firstIndex { isSpace($0) || $0 == UInt8(ascii: ";") } ?? value.count
                return String(decoding: value[index..<end], as: UTF8.self)
            }
            return nil
        }
    }
}

@inline(__always) private func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0C || byte == 0x0D
}

@inline(__always) private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

@inline(__always) private func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
