import ControlClient
import Glibc
import JSON

/// The built daemon, started from the directory that this program is in.
final class MeasuredDaemon {
    private let identifier: pid_t
    private let socket: String
    private let log: String

    /// Starts it and waits until it answers.
    ///
    /// - Parameters:
    ///   - directory: gets the configuration, the state and whatever relative paths name.
    ///   - input: becomes its standard input; nil for none.
    init(_ configuration: String, in directory: String, input: Int32? = nil) throws {
        try Self.write("\(directory)/millrace.toml", configuration)
        socket = "\(directory)/control.sock"
        log = "\(directory)/daemon.log"
        let program = "\(try Self.programs())/millraced"
        let arguments = [
            program, "--config", "\(directory)/millrace.toml", "--state-directory", "\(directory)/state",
            "--control-socket", socket,
        ]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var started = pid_t()
        let failure = posix_spawn(&started, program, &actions, nil, &pointers, environ)
        guard failure == 0 else {
            throw BenchmarkError("can't start \(program): \(String(cString: strerror(failure)))")
        }
        identifier = started
        for _ in 0..<600 {
            if (try? status())?["state"]?.string == "running" { return }
            usleep(50_000)
        }
        throw BenchmarkError("the daemon does not answer; see \(log)")
    }

    deinit {
        kill(identifier, SIGTERM)
        var status: Int32 = 0
        waitpid(identifier, &status, 0)
    }

    static func programs() throws -> String {
        guard let own = realpath("/proc/self/exe", nil) else { throw BenchmarkError("there is no /proc") }
        defer { free(own) }
        let path = String(cString: own)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// What the daemon says of itself.
    func status() throws -> JSONValue {
        var request = ControlRequest("GET")
        request.path = ["status"]
        let (_, body) = try ControlConnection(socket: socket).exchange(request)
        return try JSONValue.parse(body)
    }

    /// The daemon's and its children's figures, by their names in status.
    func figures() throws -> [String: ProcessFigures] {
        var all = ["millraced": ProcessFigures(of: identifier)]
        for process in try status()["processes"]?.array ?? [] {
            if let name = process["name"]?.string, let number = process["pid"]?.integer {
                all[name] = ProcessFigures(of: Int32(number))
            }
        }
        return all
    }

    /// Makes a file with this text.
    static func write(_ path: String, _ text: String) throws {
        guard let file = fopen(path, "w") else {
            throw BenchmarkError("can't write \(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        guard fputs(text, file) >= 0 else { throw BenchmarkError("can't write \(path)") }
    }
}
