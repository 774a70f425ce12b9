import HTTPFetching
import Testing

@Suite("Address policy")
struct AddressPolicyTests {
    @Test(
        "Addresses that are not public are refused",
        arguments: [
            "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "127.0.0.1", "127.255.0.3", "169.254.1.1",
            "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1",
            "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
            "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
            "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2002:a00:1::", "2001::1",
            "2001:db8::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "100::1", "5f00::1",
        ])
    func refused(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy.publicOnly.refusal(of: address) != nil)
        #expect(AddressPolicy.everything.refusal(of: address) == nil)
    }

    @Test(
        "Public addresses are taken",
        arguments: [
            "1.1.1.1", "8.8.8.8", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1",
            "169.253.1.1", "172.15.255.255", "172.32.0.0", "192.167.1.1", "198.17.255.255", "198.20.0.1",
            "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ])
    func taken(text: String) throws {
        #expect(AddressPolicy.publicOnly.refusal(of: try #require(IPAddress(text))) == nil)
    }

    @Test("A refusal says what kind of address it is")
    func reasons() throws {
        func reason(_ text: String) throws -> String? {
            AddressPolicy.publicOnly.refusal(of: try #require(IPAddress(text)))
        }
        #expect(try reason("127.0.0.1") == "a loopback address")
        #expect(try reason("169.254.169.254") == "the cloud's metadata address")
        #expect(try reason("::ffff:192.168.0.1") == "a private address inside an IPv6 address")
        #expect(try reason("fe80::1") == "a link-local address")
    }

    @Test("Only the networks that are named are allowed, in either notation of IPv4")
    func allowedNetworks() throws {
        let networks = try ["10.1.0.0/16", "127.0.0.1", "fd12::/16"].map { try #require(IPNetwork($0)) }
        let policy = AddressPolicy(allowing: networks)
        func refuses(_ text: String) throws -> Bool { policy.refusal(of: try #require(IPAddress(text))) != nil }
        #expect(try !refuses("10.1.2.3"))
        #expect(try !refuses("::ffff:10.1.2.3"))
        #expect(try refuses("10.2.0.1"))
        #expect(try !refuses("127.0.0.1"))
        #expect(try refuses("127.0.0.2"))
        #expect(try !refuses("fd12::1"))
        #expect(try refuses("fd13::1"))
        #expect(try !refuses("8.8.8.8"))
    }

    @Test(
        "Networks", arguments: ["10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0/8", "::/129", "x", "", "1.2.3.4/"])
    func malformedNetworks(text: String) { #expect(IPNetwork(text) == nil) }

    @Test("A network of no bits holds everything of its family, one of all bits a single address")
    func extremes() throws {
        let all4 = try #require(IPNetwork("0.0.0.0/0"))
        let all6 = try #require(IPNetwork("::/0"))
        let one = try #require(IPNetwork("2001:db8::1/128"))
        let four = try #require(IPAddress("255.1.2.3"))
        let six = try #require(IPAddress("2001:db8::1"))
        #expect(all4.contains(four) && !all4.contains(six))
        #expect(all6.contains(six) && !all6.contains(four))
        let next = try #require(IPAddress("2001:db8::2"))
        #expect(one.contains(six) && !one.contains(next))
    }

    @Test("Addresses are written as usual")
    func descriptions() {
        for text in ["192.0.2.1", "2001:db8::1", "::1", "0.0.0.0"] { #expect(IPAddress(text)?.description == text) }
        #expect(IPAddress("0x7f.1") == nil)
        #expect(IPAddress("fe80::1%eth0") == nil)
    }
}
