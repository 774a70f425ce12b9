import ControlClient
import Glibc
import JSON
import TestSupport
import Testing

/// A daemon as it was built, with a state directory of its own, ended with the test.
final class RunningDaemon: @unchecked Sendable {
    // Used by one test, on one thread at a time.
    let directory: Workspace
    private(set) var process: Process
    private let arguments: [String]

    /// The directory of the built programs: that of the test bundle.
    static let programs: String = {
        let own = CommandLine.arguments[0]
        let bundle = own.hasSuffix(".xctest") ? own : CommandLine.arguments.first { $0.contains(".xctest") } ?? own
        let parts = bundle.split(separator: "/", omittingEmptySubsequences: false)
        let end = parts.firstIndex { $0.hasSuffix(".xctest") } ?? parts.count - 1
        return parts[..<end].joined(separator: "/")
    }()

    static var isBuilt: Bool { access("\(programs)/millraced", X_OK) == 0 }

    /// Starts a daemon with this configuration and waits until it answers.
    init(_ configuration: String, in directory: Workspace = Workspace(), input: Int32? = nil) throws {
        self.directory = directory
        directory.write("millrace.toml", configuration)
        arguments = [
            "\(Self.programs)/millraced", "--config", directory.path("millrace.toml"), "--state-directory",
            directory.path("state"),
            "--control-socket", directory.path("s"),
        ]
        process = try Process(arguments, errors: directory.path("daemon.log"), input: input)
        try waitUntilReady()
    }

    deinit { process.end() }

    private func waitUntilReady() throws {
        try wait("the daemon to answer: \(directory.read("daemon.log").suffix(2000))", seconds: 30) {
            try !self.process.hasEnded()
                && ["running", "full"].contains((try? self.get("status"))?["state"]?.string)
        }
    }

    /// Ends it as `kill -9` does and starts it again.
    func killAndRestart() throws {
        process.signal(SIGKILL)
        process.waitForEnd()
        process = try Process(arguments, errors: directory.path("daemon.log"))
        try waitUntilReady()
    }

    /// Ends it as a service manager does; returns its exit status.
    func stop() -> Int32 {
        process.signal(SIGTERM)
        return process.waitForEnd()
    }

    func get(_ path: String..., query: [(String, String)] = []) throws -> JSONValue { try request("GET", path, query) }
    func post(_ path: String..., query: [(String, String)] = []) throws -> JSONValue {
        try request("POST", path, query)
    }

    private func request(_ method: String, _ path: [String], _ query: [(String, String)]) throws -> JSONValue {
        var request = ControlRequest(method)
        request.path = path
        for (name, value) in query { request.add(name, value) }
        let (_, body) = try ControlConnection(socket: directory.path("s")).exchange(request)
        return try JSONValue.parse(body)
    }

    /// Pushes an item through the control socket.
    func ingest(_ body: String, source: String, uri: String) throws -> JSONValue {
        var request = ControlRequest("POST", "ingest")
        request.add("source", source)
        request.add("uri", uri)
        request.contentType = "text/plain"
        request.body = Array(body.utf8)
        let (_, answer) = try ControlConnection(socket: directory.path("s")).exchange(request)
        return try JSONValue.parse(answer)
    }

    /// Waits until nothing is on its way and the sinks have everything.
    func settle(items: Int64, seconds: Double = 60) throws {
        try wait("\(items) items to end: \((try? get("status"))?.description ?? "no answer")", seconds: seconds) {
            let status = try self.get("status")
            let isIdle =
                status["counts"]?["in_flight"]?.integer == 0 && (status["counts"]?["items"]?.integer ?? 0) >= items
            return isIdle && (status["sinks"]?.array ?? []).allSatisfy { $0["lag"]?.integer == 0 }
        }
    }

    /// The lines of a sink's file.
    func lines(_ name: String) -> [JSONValue] {
        directory.read(name).split(separator: "\n").compactMap { try? JSONValue.parse(String($0)) }
    }

    /// Process ids of the daemon's children, by the name that status gives them.
    func children() throws -> [String: Int32] {
        var all: [String: Int32] = [:]
        for process in try get("status")["processes"]?.array ?? [] {
            if let name = process["name"]?.string, let pid = process["pid"]?.integer { all[name] = Int32(pid) }
        }
        return all
    }
}

/// Waits until `condition` holds, and fails with what was waited for when it does not in time.
func wait(_ what: @autoclosure () -> String, seconds: Double, until condition: () throws -> Bool) throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try condition() { return }
        usleep(50_000)
    }
    throw Failure("waited \(seconds) s for \(what())")
}

struct Failure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// A directory that goes with the test.
final class Workspace: Sendable {
    private let root = TemporaryDirectory()

    func path(_ name: String) -> String { root.file(name) }

    func makeDirectory(_ name: String) { mkdir(path(name), 0o755) }

    func write(_ name: String, _ text: String) { write(name, Array(text.utf8)) }

    /// Written beside and renamed, as a program does that wants its file to be taken whole.
    func write(_ name: String, _ bytes: [UInt8]) {
        // Hidden, so that no source takes it before it has its name.
        var parts = name.split(separator: "/").map(String.init)
        parts[parts.count - 1] = ".\(parts[parts.count - 1])"
        let hidden = path(parts.joined(separator: "/"))
        let descriptor = open(hidden, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        rename(hidden, path(name))
    }

    func read(_ name: String) -> String {
        let descriptor = open(path(name), O_RDONLY)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += chunk[..<count]
        }
    }
}
