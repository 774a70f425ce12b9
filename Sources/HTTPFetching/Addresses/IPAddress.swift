import Glibc

/// An IPv4 or IPv6 address.
public enum IPAddress: Sendable, Hashable {
    /// The 32 bits, most significant first.
    case v4(UInt32)
    /// The 128 bits, most significant first.
    case v6(high: UInt64, low: UInt64)

    /// Reads `192.0.2.1` or `2001:db8::1`; a zone (`%eth0`) or the odd notations of `inet_aton` are not taken.
    public init?(_ text: String) {
        guard let address = text.withCString({ IPAddress($0) }) else { return nil }
        self = address
    }

    /// Reads what ``init(_:)-(String)`` reads, from a text that ends with a NUL.
    init?(_ text: UnsafePointer<CChar>) {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self = .v4(UInt32(bigEndian: four.s_addr))
            return
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        self.init(six)
    }

    /// The address in a socket address, or nil where that is neither IPv4 nor IPv6.
    public init?(_ address: UnsafeRawBufferPointer) {
        guard address.count >= MemoryLayout<sa_family_t>.size else { return nil }
        switch Int32(address.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET where address.count >= MemoryLayout<sockaddr_in>.size:
            self = .v4(UInt32(bigEndian: address.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
        case AF_INET6 where address.count >= MemoryLayout<sockaddr_in6>.size:
            self.init(address.loadUnaligned(as: sockaddr_in6.self).sin6_addr)
        default: return nil
        }
    }

    private init(_ address: in6_addr) {
        self = withUnsafeBytes(of: address) { bytes in
            .v6(
                high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    /// The IPv4 address that an IPv6 one stands for: mapped (RFC 4291), NAT64 (RFC 6052) or 6to4 (RFC 3056).
    public var embedded: IPAddress? {
        guard case .v6(let high, let low) = self else { return nil }
        if high == 0, low >> 32 == 0xFFFF { return .v4(UInt32(truncatingIfNeeded: low)) }
        if high == 0x0064_FF9B_0000_0000, low >> 32 == 0 { return .v4(UInt32(truncatingIfNeeded: low)) }
        if high >> 48 == 0x2002 { return .v4(UInt32(truncatingIfNeeded: high >> 16)) }
        return nil
    }
}

extension IPAddress: CustomStringConvertible {
    /// The address as it is usually written.
    public var description: String {
        switch self {
        case .v4(let bits): return "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
        case .v6(let high, let low):
            var bits = (high.bigEndian, low.bigEndian)
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            guard inet_ntop(AF_INET6, &bits, &text, socklen_t(text.count)) != nil else { return "::" }
            return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }
}
