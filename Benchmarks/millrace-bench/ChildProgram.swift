import CSpawn
import Glibc

/// A program that was built beside this one, ended with the object or, should this program die, by the kernel.
final class ChildProgram {
    let identifier: pid_t
    private var hasEnded = false

    /// Starts `name`; a descriptor of -1 is none.
    init(_ name: String, _ arguments: [String] = [], input: Int32, output: Int32, errors: Int32) throws {
        let path = try Self.path(of: name)
        var options = millrace_spawn_options()
        options.standard_input = input
        options.standard_output = output
        options.standard_error = errors
        options.extra_descriptor = -1
        var pointers: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var failure: Int32 = 0
        identifier = millrace_spawn(path, &pointers, environ, &options, &failure)
        guard identifier > 0 else {
            hasEnded = true
            throw BenchmarkError(
                "can't start \(path): \(String(cString: strerror(failure))); build it with 'make build'")
        }
    }

    deinit {
        if !hasEnded { _ = end() }
    }

    /// Asks it to end and waits; false when it did not end by itself or not with status 0.
    func end() -> Bool {
        guard !hasEnded else { return true }
        hasEnded = true
        Glibc.kill(identifier, SIGTERM)
        var status: Int32 = 0
        for _ in 0..<1000 {
            let ended = waitpid(identifier, &status, WNOHANG)
            if ended == identifier { return status == 0 }
            if ended < 0, errno != EINTR { return false }
            usleep(10_000)
        }
        Glibc.kill(identifier, SIGKILL)
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        return false
    }

    /// Ends it at once, and waits until it has.
    func kill() {
        guard !hasEnded else { return }
        hasEnded = true
        Glibc.kill(identifier, SIGKILL)
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
    }

    /// The path of a program that was built beside this one.
    static func path(of name: String) throws -> String {
        guard let own = realpath("/proc/self/exe", nil) else { throw BenchmarkError("there is no /proc") }
        defer { free(own) }
        let path = String(cString: own)
        return "\(path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")/\(name)"
    }
}
