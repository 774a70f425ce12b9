import Glibc

/// A TCP port of loopback that nobody uses now, for a program that is started for it.
///
/// It is below those that the kernel gives to connections and to whoever asks for any port, so that none of the other tests that run
/// at the same time is given it before the program has it.
public func freePort() throws -> UInt16 {
    for _ in 0..<100 {
        let port = UInt16.random(in: 12_000..<32_000)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        let isFree = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isFree { return port }
    }
    throw NoFreePort()
}

/// A hundred ports that were tried are all in use.
public struct NoFreePort: Error {}
