import ControlClient
import Glibc
import JSON

/// The built daemon with its plugins.
final class MeasuredDaemon {
    private let child: ChildProgram
    private let socket: String
    private let log: String

    /// Starts it and waits until it answers.
    ///
    /// - Parameters:
    ///   - directory: gets the configuration, the state and whatever relative paths name.
    ///   - input: becomes its standard input; nil for none.
    ///   - patience: seconds until it has to answer.
    init(_ configuration: String, in directory: String, input: Int32? = nil, patience: Double = 30) throws {
        try Files.write("\(directory)/millrace.toml", configuration)
        socket = "\(directory)/control.sock"
        log = "\(directory)/daemon.log"
        let errors = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer {
            close(errors)
            close(nothing)
        }
        guard errors >= 0, nothing >= 0 else { throw BenchmarkError("can't write \(log)") }
        child = try ChildProgram(
            "millraced",
            [
                "--config", "\(directory)/millrace.toml", "--state-directory", "\(directory)/state",
                "--control-socket", socket,
            ], input: input ?? nothing, output: nothing, errors: errors)
        let end = ContinuousClock.now + .seconds(patience)
        while ContinuousClock.now < end {
            if (try? status())?["state"]?.string == "running" { return }
            usleep(2_000)
        }
        throw BenchmarkError("the daemon does not answer; it said: \(lastWords)")
    }

    /// Ends it as a service manager does.
    func stop() throws {
        guard child.end() else { throw BenchmarkError("the daemon did not end cleanly; it said: \(lastWords)") }
    }

    /// Ends it as a crash does.
    func kill() { child.kill() }

    /// Hands it an item and waits until what became of it is durable.
    func ingest(_ bytes: [UInt8], source: String, uri: String, mediaType: String) throws -> JSONValue {
        var request = ControlRequest("POST")
        request.path = ["ingest"]
        request.add("source", source)
        request.add("uri", uri)
        request.contentType = mediaType
        request.body = bytes
        let (_, body) = try ControlConnection(socket: socket).exchange(request)
        return try JSONValue.parse(body)
    }

    /// The end of what it logged.
    var lastWords: String { String(decoding: ((try? Files.contents(log)) ?? []).suffix(2000), as: UTF8.self) }

    /// What the daemon says of itself.
    func status() throws -> JSONValue {
        var request = ControlRequest("GET")
        request.path = ["status"]
        let (_, body) = try ControlConnection(socket: socket).exchange(request)
        return try JSONValue.parse(body)
    }

    /// The daemon's and its children's figures, by their names in status.
    func figures() throws -> [String: ProcessFigures] { try processes().mapValues { ProcessFigures(of: $0) } }

    /// The daemon's and its children's process ids, by their names in status.
    func processes() throws -> [String: Int32] {
        var all = ["millraced": child.identifier]
        for process in try status()["processes"]?.array ?? [] {
            if let name = process["name"]?.string, let number = process["pid"]?.integer {
                all[name] = Int32(truncatingIfNeeded: number)
            }
        }
        return all
    }
}
