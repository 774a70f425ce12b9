/// Which addresses a source may be fetched from.
///
/// By default only what the IANA special-purpose registries call globally reachable: a page on the web must not be able
/// to make the fetcher read the machine's own services or its cloud's metadata.
public struct AddressPolicy: Sendable, Hashable {
    private let allowsEverything: Bool
    private let allowed: [IPNetwork]

    /// Public addresses only.
    public static let publicOnly = AddressPolicy(allowing: [])
    /// Every address.
    public static let everything = AddressPolicy(allowsEverything: true, allowed: [])

    /// Public addresses, and those of `networks`.
    public init(allowing networks: [IPNetwork]) { self.init(allowsEverything: false, allowed: networks) }

    private init(allowsEverything: Bool, allowed: [IPNetwork]) {
        self.allowsEverything = allowsEverything
        self.allowed = allowed
    }

    /// Why no connection to `address` may be made (`"a loopback address"`), or nil where it may.
    public func refusal(of address: IPAddress) -> String? {
        if allowsEverything || allowed.contains(where: { $0.contains(address) }) { return nil }
        if let embedded = address.embedded {
            return refusal(of: embedded).map { $0 + " inside an IPv6 address" }
        }
        return SpecialAddresses.name(of: address)
    }
}

/// The addresses that are not globally reachable unicast (IANA special-purpose address registries, RFC 6890 and later).
enum SpecialAddresses {
    private static let named: [(network: IPNetwork, name: String)] = [
        ("169.254.169.254/32", "the cloud's metadata address"),
        ("fd00:ec2::254/128", "the cloud's metadata address"),
        ("100.100.100.200/32", "the cloud's metadata address"),
        ("0.0.0.0/8", "an address of this very host"),
        ("127.0.0.0/8", "a loopback address"),
        ("10.0.0.0/8", "a private address"),
        ("172.16.0.0/12", "a private address"),
        ("192.168.0.0/16", "a private address"),
        ("100.64.0.0/10", "an address of shared carrier space"),
        ("169.254.0.0/16", "a link-local address"),
        ("192.0.0.0/24", "a reserved address"),
        ("192.0.2.0/24", "an address for documentation"),
        ("198.51.100.0/24", "an address for documentation"),
        ("203.0.113.0/24", "an address for documentation"),
        ("192.88.99.0/24", "a reserved address"),
        ("198.18.0.0/15", "an address for benchmarks"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
        ("::1/128", "a loopback address"),
        ("::/128", "an address of this very host"),
        ("fc00::/7", "a private address"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a private address"),
        ("ff00::/8", "a multicast address"),
        ("2001::/23", "a reserved address"),
        ("2001:db8::/32", "an address for documentation"),
        ("3fff::/20", "an address for documentation"),
    ].compactMap { text, name in IPNetwork(text).map { (network: $0, name: name) } }

    private static let globalUnicast = IPNetwork("2000::/3")

    static func name(of address: IPAddress) -> String? {
        if let entry = named.first(where: { $0.network.contains(address) }) { return entry.name }
        if case .v6 = address, globalUnicast?.contains(address) != true { return "a reserved address" }
        return nil
    }
}
