import Glibc

/// Messages to the service manager (sd_notify(3)): one datagram each.
enum ServiceManager {
    /// Sends a state such as `READY=1`; does nothing when no service manager listens.
    static func notify(_ state: String) {
        guard let variable = getenv("NOTIFY_SOCKET") else { return }
        var path = Array(String(cString: variable).utf8)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.count > 1, path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        // A leading '@' stands for the abstract name space.
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let message = Array(state.utf8)
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }

    /// Nanoseconds within which the watchdog wants to hear from this process, or nil without one.
    static var watchdogInterval: Int64? {
        guard let text = getenv("WATCHDOG_USEC"), let microseconds = Int64(String(cString: text)), microseconds > 0
        else {
            return nil
        }
        if let owner = getenv("WATCHDOG_PID"), Int32(String(cString: owner)) != getpid() { return nil }
        return microseconds * 1000
    }

    /// Microseconds of the monotonic clock, which a reload must name.
    static var monotonicMicroseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
