/// A range of addresses in CIDR notation: `10.0.0.0/8`, `fd00::/8`, or one address.
public struct IPNetwork: Sendable, Hashable {
    private let base: IPAddress
    private let length: Int

    /// Reads a network; bits after the prefix don't matter.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        let longest =
            switch address {
            case .v4: 32
            case .v6: 128
            }
        base = address
        guard parts.count == 2 else {
            length = longest
            return
        }
        guard let number = Int(parts[1]), number >= 0, number <= longest, !parts[1].hasPrefix("+") else { return nil }
        length = number
    }

    /// Whether the address lies in this network. IPv4 and IPv6 never match each other.
    public func contains(_ address: IPAddress) -> Bool {
        switch (base, address) {
        case (.v4(let left), .v4(let right)):
            // A shift by the whole width gives 0: `/0` holds everything.
            return (left ^ right) >> (32 - length) == 0
        case (.v6(let leftHigh, let leftLow), .v6(let rightHigh, let rightLow)):
            if length <= 64 { return (leftHigh ^ rightHigh) >> (64 - length) == 0 }
            return leftHigh == rightHigh && (leftLow ^ rightLow) >> (128 - length) == 0
        default: return false
        }
    }
}
