import CSpawn
import Glibc

/// A tool of the system that turns a document into text: a child without network, with an end in time, in memory and in
/// what it may write. It reads the document from a file in memory on its standard input.
struct Converter {
    /// The program's name, looked for in the usual directories.
    var program: String
    var arguments: [String]
    /// The Debian package that brings it.
    var package: String

    /// Seconds, below the daemon's default for an item, so that this is what is told.
    static let patience = 45.0
    /// Bytes that a conversion may write.
    static let maximumOutput = 64 << 20
    /// Bytes of memory, where the worker itself has no narrower limit.
    static let memory: UInt64 = 1 << 30
    private static let directories = ["/usr/local/bin", "/usr/bin", "/bin"]

    /// What the tool writes about `document`, or why there is nothing.
    func run(_ document: [UInt8]) -> Result<[UInt8], ConversionFailure> {
        let places: [String] = Self.directories.map { "\($0)/\(program)" }
        guard let path = places.first(where: { access($0, X_OK) == 0 }) else {
            return .failure(
                ConversionFailure(
                    "needs the program \(program), which is not installed; remedy: apt-get install \(package), then "
                        + "let the source bring the item again"))
        }
        let input = document.withUnsafeBytes { millrace_memory_file($0.baseAddress, $0.count) }
        guard input >= 0 else { return .failure(Self.system("no room in memory for the document")) }
        defer { close(input) }
        var output: [Int32] = [-1, -1]
        var errors: [Int32] = [-1, -1]
        guard millrace_pipe(&output) == 0 else { return .failure(Self.system("no pipe")) }
        defer { for end in output where end >= 0 { close(end) } }
        guard millrace_pipe(&errors) == 0 else { return .failure(Self.system("no pipe")) }
        defer { for end in errors where end >= 0 { close(end) } }
        var options = millrace_spawn_options()
        options.standard_input = input
        options.standard_output = output[1]
        options.standard_error = errors[1]
        options.extra_descriptor = -1
        options.memory_limit = Self.memoryLimit()
        options.processor_seconds = UInt64(Self.patience)
        options.without_network = 1
        var error: Int32 = 0
        let child = spawn(path, &options, &error)
        for ends in [output[1], errors[1]] { close(ends) }
        output[1] = -1
        errors[1] = -1
        guard child > 0 else {
            errno = error
            return .failure(Self.system("\(path) can't be started"))
        }
        var reading = Reading(output: output[0], errors: errors[0])
        let interruption = reading.run(until: Self.clock() + Self.patience)
        // The group, since a tool may have started others.
        kill(-child, SIGKILL)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        if let interruption { return .failure(ConversionFailure("\(program) \(interruption)")) }
        let signal = status & 0x7F
        guard status == 0 else {
            let end = signal == 0 ? "exit status \(status >> 8 & 0xFF)" : "signal \(signal)"
            return .failure(ConversionFailure("\(program) can't read it (\(end)): \(reading.complaint)"))
        }
        return .success(reading.bytes)
    }

    private func spawn(_ path: String, _ options: inout millrace_spawn_options, _ error: inout Int32) -> pid_t {
        // strdup: the child takes pointers that outlive the strings they were made of.
        func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] { texts.map { strdup($0) } + [nil] }
        let environment = copies([
            "PATH=\(Self.directories.joined(separator: ":"))", "LANG=C.UTF-8", "HOME=/nonexistent",
        ])
        let command = copies([program] + arguments)
        defer { for text in command + environment { free(text) } }
        return millrace_spawn(path, command, environment, &options, &error)
    }

    /// A limit may only be made narrower than the worker's own.
    private static func memoryLimit() -> UInt64 {
        var own = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &own) == 0 else { return memory }
        return min(memory, UInt64(own.rlim_max))
    }

    private static func system(_ what: String) -> ConversionFailure {
        ConversionFailure("\(what): \(String(cString: strerror(errno)))")
    }

    private static func clock() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Both outputs of the child, read side by side, so that neither can fill up and stop it.
    private struct Reading {
        let output: Int32
        let errors: Int32
        var bytes: [UInt8] = []
        private var complaints: [UInt8] = []

        init(output: Int32, errors: Int32) {
            self.output = output
            self.errors = errors
        }

        /// The first complaint, on one line.
        var complaint: String {
            TextBytes.line(complaints.prefix(400)).map { String($0.prefix(300)) } ?? "it does not say why"
        }

        /// Reads to the end of both; says why it stopped before that.
        mutating func run(until deadline: Double) -> String? {
            var entries = [
                pollfd(fd: output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
            ]
            var block = [UInt8](repeating: 0, count: 256 << 10)
            while entries.contains(where: { $0.fd >= 0 }) {
                let left = deadline - Converter.clock()
                guard left > 0 else { return "took longer than \(Int(Converter.patience)) seconds" }
                guard poll(&entries, 2, Int32(left * 1000) + 1) >= 0 || errno == EINTR else {
                    return "can't be read: \(String(cString: strerror(errno)))"
                }
                for index in entries.indices where entries[index].fd >= 0 && entries[index].revents != 0 {
                    let count = read(entries[index].fd, &block, block.count)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else {
                        entries[index].fd = -1
                        continue
                    }
                    if index == 1 {
                        complaints += block[..<min(count, max(0, 4096 - complaints.count))]
                    } else if bytes.count + count > Converter.maximumOutput {
                        return "wrote more than \(Converter.maximumOutput >> 20) MiB"
                    } else {
                        bytes += block[..<count]
                    }
                }
            }
            return nil
        }
    }
}

/// Why a document could not be converted, with the remedy where there is one.
struct ConversionFailure: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
