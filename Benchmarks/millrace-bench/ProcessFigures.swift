import Glibc
import JSON

/// What the kernel tells of a process (proc(5)).
struct ProcessFigures {
    /// Bytes in memory, now and at most.
    var resident = 0
    var peak = 0
    /// Bytes in memory that are no part of a file, now: what the system can't take back.
    var anonymous = 0
    /// Seconds on a processor, in user code and in the kernel.
    var processor = 0.0

    /// This process.
    static func own() -> ProcessFigures { ProcessFigures(of: getpid()) }

    /// Zero for a process that is gone.
    init(of identifier: Int32) {
        guard let status = try? Self.text("/proc/\(identifier)/status"),
            let times = try? Self.text("/proc/\(identifier)/stat")
        else { return }
        for line in status.split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            if words.first == "VmRSS:", words.count > 1 { resident = (Int(words[1]) ?? 0) * 1024 }
            if words.first == "RssAnon:", words.count > 1 { anonymous = (Int(words[1]) ?? 0) * 1024 }
            if words.first == "VmHWM:", words.count > 1 { peak = (Int(words[1]) ?? 0) * 1024 }
        }
        // The program's name stands in parentheses and may hold anything.
        guard let end = times.lastIndex(of: ")") else { return }
        let fields = times[times.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return }
        processor = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func text(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw BenchmarkError("there is no \(path)") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16384)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes[..<max(count, 0)], as: UTF8.self)
    }

    /// For the result.
    var json: JSONValue {
        [
            "processor_seconds": processor.rounded2,
            "resident_mebibytes": (Double(resident) / 1_048_576).rounded2,
            "peak_mebibytes": (Double(peak) / 1_048_576).rounded2,
            "anonymous_mebibytes": (Double(anonymous) / 1_048_576).rounded2,
        ]
    }
}
