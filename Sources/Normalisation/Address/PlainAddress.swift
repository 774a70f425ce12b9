/// The short way for web addresses that stand in their normal form already, as nearly all do.
enum PlainAddress {
    /// The address as it is (canonical: without fragment and tracking parameters), or nil when it has to be taken apart.
    static func normal(_ text: String, isCanonical: Bool) -> String? {
        var text = text
        return text.withUTF8 { normal($0, isCanonical: isCanonical) }
    }

    private static func normal(_ bytes: UnsafeBufferPointer<UInt8>, isCanonical: Bool) -> String? {
        guard bytes.count <= Address.maximumLength, bytes.starts(with: "http".utf8) else { return nil }
        var index = bytes.count > 4 && bytes[4] == UInt8(ascii: "s") ? 5 : 4
        guard bytes.count > index + 3, bytes[index] == 0x3A, bytes[index + 1] == 0x2F, bytes[index + 2] == 0x2F else {
            return nil
        }
        index += 3
        let host = index
        while index < bytes.count, isHost(bytes[index]) { index += 1 }
        guard index > host, index < bytes.count, bytes[index] == UInt8(ascii: "/") else { return nil }
        var query: Int?
        var end = bytes.count
        while index < bytes.count {
            let byte = bytes[index]
            if query == nil {
                if byte == UInt8(ascii: "?") {
                    query = index
                } else if byte == UInt8(ascii: "."), bytes[index - 1] == UInt8(ascii: "/") {
                    return nil
                } else if byte == UInt8(ascii: "#") {
                    end = index
                    break
                } else if byte == UInt8(ascii: "%") || !Encoded.path[Int(byte)] {
                    return nil
                }
            } else if byte == UInt8(ascii: "#") {
                end = index
                break
            } else if byte == UInt8(ascii: "%") || !Encoded.query[Int(byte)] {
                return nil
            }
            index += 1
        }
        guard isCanonical else {
            for byte in bytes[end...].dropFirst() where byte == UInt8(ascii: "%") || !Encoded.fragment[Int(byte)] {
                return nil
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        guard let query else { return String(decoding: bytes[..<end], as: UTF8.self) }
        let kept = CanonicalURL.withoutTracking(String(decoding: bytes[(query + 1)..<end], as: UTF8.self))
        return String(decoding: bytes[..<query], as: UTF8.self) + (kept.map { "?" + $0 } ?? "")
    }

    private static func isHost(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2E || byte == 0x2D
    }
}
