import CByteScan

/// The short way for web addresses that stand in their normal form already, as nearly all do.
enum PlainAddress {
    /// The address as it is (canonical: without fragment and tracking parameters), or nil when it has to be taken apart.
    static func normal(_ text: String, isCanonical: Bool) -> String? {
        text.utf8.span.withUnsafeBufferPointer { bytes in
            guard let parts = parts(of: bytes) else { return nil }
            if isCanonical {
                // Nothing to leave out.
                return parts.query == nil && parts.end == bytes.count ? text : canonical(bytes, parts)
            }
            return isNormalFragment(bytes[parts.end...]) ? text : nil
        }
    }

    /// Whether bytes are an address in its canonical form; then they are ASCII.
    static func isCanonical(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let parts = parts(of: bytes) else { return false }
        return parts.query == nil && parts.end == bytes.count
    }

    /// Whether an attribute's value as it is written is an address in its normal form, with its fragment; then it is ASCII.
    static func isNormal(written bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        // What may be a reference has to be resolved first.
        guard let parts = parts(of: bytes, path: Self.path.withoutAmpersand, query: Self.query.withoutAmpersand) else {
            return false
        }
        return parts.end == bytes.count || isNormalFragment(bytes[parts.end...], query: Self.query.withoutAmpersand)
    }

    private static func canonical(_ bytes: UnsafeBufferPointer<UInt8>, _ parts: (query: Int?, end: Int)) -> String {
        guard let query = parts.query else { return String(decoding: bytes[..<parts.end], as: UTF8.self) }
        let kept = CanonicalURL.withoutTracking(String(decoding: bytes[(query + 1)..<parts.end], as: UTF8.self))
        return String(decoding: bytes[..<query], as: UTF8.self) + (kept.map { "?" + $0 } ?? "")
    }

    /// Where the query begins, and where it or the path ends; nil for what is no normal form.
    private static func parts(
        of bytes: UnsafeBufferPointer<UInt8>, path: ByteSet = path, query: ByteSet = query
    ) -> (query: Int?, end: Int)? {
        guard bytes.count <= Address.maximumLength, bytes.count > 8, bytes[0] == UInt8(ascii: "h"),
            bytes[1] == UInt8(ascii: "t"), bytes[2] == UInt8(ascii: "t"), bytes[3] == UInt8(ascii: "p")
        else { return nil }
        var index = bytes[4] == UInt8(ascii: "s") ? 5 : 4
        guard bytes[index] == 0x3A, bytes[index + 1] == 0x2F, bytes[index + 2] == 0x2F else { return nil }
        index += 3
        let host = index
        while index < bytes.count {
            index = firstOther(bytes, from: index, isHost: true) ?? bytes.count
            guard index < bytes.count, isHost(bytes[index]) else { break }
            index += 1
        }
        guard index > host, index < bytes.count, bytes[index] == UInt8(ascii: "/") else { return nil }
        while true {
            guard let other = firstOther(bytes, from: index, isHost: false) else { return (nil, bytes.count) }
            index = other
            switch bytes[index] {
            case let byte where path.contains(byte): break
            case UInt8(ascii: "?"): return queryEnd(of: bytes, from: index, query)
            case UInt8(ascii: "."): if bytes[index - 1] == UInt8(ascii: "/") { return nil }
            case UInt8(ascii: "#"): return (nil, index)
            default: return nil
            }
            index += 1
        }
    }

    private static func queryEnd(
        of bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ query: ByteSet
    ) -> (query: Int?, end: Int)? {
        var index = start + 1
        while index < bytes.count, query.contains(bytes[index]) { index += 1 }
        return index == bytes.count || bytes[index] == UInt8(ascii: "#") ? (start, index) : nil
    }

    private static func isNormalFragment(
        _ fragment: Slice<UnsafeBufferPointer<UInt8>>, query: ByteSet = query
    ) -> Bool {
        fragment.dropFirst().allSatisfy { query.contains($0) }
    }

    /// What stands for itself in a path wherever it is, and in a query or fragment.
    /// Letters, digits and !$&'()*+,;=:@/~-_ there, beside these ?.[]{}| here; PlainAddressTests compares them with ``Encoded``.
    static let path = ByteSet(low: 0x2FFF_BFD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF)
    static let query = ByteSet(low: 0xAFFF_FFD2_0000_0000, high: 0x7FFF_FFFE_AFFF_FFFF)

    /// The first byte from `start` on that is no letter, digit, `-`, `_` or `/` (in a host: no small letter, digit, `-` or full
    /// stop), or may be one; nil where none is.
    @inline(__always)
    private static func firstOther(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, isHost: Bool) -> Int? {
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return nil }
        var index = start
        while index < bytes.count {
            // In bounds: the last sixteen bytes where fewer are left; what is shorter is looked at byte by byte.
            let place = min(index, bytes.count &- 16)
            guard place >= 0 else { return index }
            let others = isHost ? millrace_host_others16(base + place) : millrace_path_others16(base + place)
            let hits = others &>> UInt32(truncatingIfNeeded: index &- place)
            if hits != 0 { return index &+ hits.trailingZeroBitCount }
            index = place &+ 16
        }
        return nil
    }

    private static func isHost(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2E || byte == 0x2D
    }
}

/// A set of ASCII bytes.
struct ByteSet {
    /// A bit for each byte below 64.
    let low: UInt64
    /// A bit for each byte from 64 on.
    let high: UInt64

    /// The set without `&`, which begins references.
    var withoutAmpersand: ByteSet { ByteSet(low: low & ~(1 &<< UInt64(UInt8(ascii: "&"))), high: high) }

    @inline(__always) func contains(_ byte: UInt8) -> Bool {
        byte < 0x80 && (byte < 64 ? low : high) &>> UInt64(byte & 63) & 1 != 0
    }
}
