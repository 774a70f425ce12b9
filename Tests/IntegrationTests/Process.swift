import CSpawn
import Glibc

/// A process that a test has started.
final class Process: @unchecked Sendable {
    // Used by one test, on one thread at a time.
    private let identifier: pid_t
    private var status: Int32?

    /// Starts a program; its standard error goes to a file, its output nowhere.
    ///
    /// It is started by `posix_spawn`, not by the daemon's own way, whose children end with the thread that started them.
    init(_ arguments: [String], errors: String? = nil, input: Int32? = nil, output: String? = nil) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, output ?? "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, errors ?? "/dev/null", O_WRONLY | O_CREAT | O_APPEND, 0o644)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        // Threads of the test runner have signals blocked, which a child would inherit.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        defer { posix_spawnattr_destroy(&attributes) }
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var started = pid_t()
        let failure = posix_spawn(&started, arguments[0], &actions, &attributes, &pointers, environ)
        guard failure == 0 else { throw Failure("can't start \(arguments[0]): \(String(cString: strerror(failure)))") }
        identifier = started
    }

    func signal(_ number: Int32) { if status == nil { kill(identifier, number) } }

    func hasEnded() throws -> Bool {
        if status != nil { return true }
        var result: Int32 = 0
        guard waitpid(identifier, &result, WNOHANG) == identifier else { return false }
        status = result
        return true
    }

    /// The exit status, or 128 and the signal.
    @discardableResult
    func waitForEnd() -> Int32 {
        if status == nil {
            var result: Int32 = 0
            while waitpid(identifier, &result, 0) < 0, errno == EINTR {}
            status = result
        }
        let result = status ?? 0
        return result & 0x7F == 0 ? result >> 8 & 0xFF : 128 + result & 0x7F
    }

    func end() {
        signal(SIGKILL)
        waitForEnd()
    }
}
