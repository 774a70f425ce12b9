/// A URL of so plain a form that there is nothing in it to read in two ways: a host of lower-case names or four decimal
/// numbers, a port, and a path of letters, digits and `-_~=&`, without segments that begin with a dot.
///
/// Most addresses are like that, and taking them apart here costs a tenth of what libcurl's parser does. Whatever this
/// accepts libcurl's parser leaves exactly as it is.
struct PlainAddress {
    let scheme: String
    let host: String
    let port: Int

    /// Takes a URL apart; nil where libcurl's parser has to look at it.
    init?(_ text: String) {
        var text = text
        let parts = text.withUTF8 { Self.parts(of: $0) }
        guard let parts else { return nil }
        (scheme, host, port) = parts
    }

    private static func parts(of bytes: UnsafeBufferPointer<UInt8>) -> (String, String, Int)? {
        let isSecure = bytes.starts(with: "https://".utf8)
        guard isSecure || bytes.starts(with: "http://".utf8) else { return nil }
        let start = isSecure ? 8 : 7
        guard let hostEnd = endOfHost(bytes, from: start) else { return nil }
        let host = bytes[start..<hostEnd]
        var port = isSecure ? 443 : 80
        var index = hostEnd
        if bytes[index] == UInt8(ascii: ":") {
            index += 1
            let digits = bytes[index...].prefix { isDigit($0) }
            // A zero in front would be taken away.
            guard (1...5).contains(digits.count), digits.first != UInt8(ascii: "0") else { return nil }
            port = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
            index += digits.count
            guard port <= 65_535 else { return nil }
        }
        guard index < bytes.count, bytes[index] == UInt8(ascii: "/"), isPlainPath(bytes[index...]) else { return nil }
        return (isSecure ? "https" : "http", String(decoding: host, as: UTF8.self), port)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isLetter(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }

    /// The end of a host; nil where it is none of the plain ones or the text ends with it.
    private static func endOfHost(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var index = start
        var label = start
        var labels = 0
        var areNumbers = true
        var isLastName = false
        while index < bytes.count {
            let byte = bytes[index]
            let isEnd = byte == UInt8(ascii: "/") || byte == UInt8(ascii: ":")
            if isEnd || byte == UInt8(ascii: ".") {
                guard index > label, index - label < 64 else { return nil }
                let text = bytes[label..<index]
                areNumbers = areNumbers && isOctet(text)
                isLastName = isLetter(bytes[label])
                labels += 1
                label = index + 1
                if isEnd { break }
            } else if !isLetter(byte), !isDigit(byte), byte != UInt8(ascii: "-") {
                return nil
            }
            index += 1
        }
        // Other numbers (`127.1`, `0x7f.1`) are addresses in disguise.
        guard index < bytes.count, index - start < 254, isLastName || areNumbers && labels == 4 else { return nil }
        return index
    }

    /// Whether a label is a number up to 255 without a zero in front.
    private static func isOctet(_ label: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard label.count <= 3, label.allSatisfy(isDigit), label.count == 1 || label.first != UInt8(ascii: "0") else {
            return false
        }
        return label.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } <= 255
    }

    private static func isPlainPath(_ path: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        var previous: UInt8 = 0
        var hasQuery = false
        for byte in path {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "="), UInt8(ascii: "&"):
                break
            case UInt8(ascii: ".") where previous != UInt8(ascii: "/"): break
            case UInt8(ascii: "?") where !hasQuery: hasQuery = true
            default: return false
            }
            previous = byte
        }
        return previous != UInt8(ascii: "?")
    }
}
