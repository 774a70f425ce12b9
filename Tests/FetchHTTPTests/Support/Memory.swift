import Glibc
import Testing

/// Memory of a process, in KiB.
enum Memory {
    static func resident(of process: pid_t) throws -> Int { try value("VmRSS", of: process) }
    static func peak(of process: pid_t) throws -> Int { try value("VmHWM", of: process) }

    /// Lets the peak begin anew (proc(5), `clear_refs`).
    static func forgetPeak(of process: pid_t) throws { try Command.write("/proc/\(process)/clear_refs", [0x35]) }

    private static func value(_ name: String, of process: pid_t) throws -> Int {
        let file = try #require(fopen("/proc/\(process)/status", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard text.hasPrefix(name + ":") else { continue }
            return Int(text.filter(\.isNumber)) ?? 0
        }
        throw Command.Problem(description: "no \(name)")
    }
}
