import CSpawn
import Glibc
import JSON
import PluginProtocol
import TestSupport
import Testing

/// A built plugin, talked to over its standard streams as the daemon does.
final class PluginUnderTest {
    private let identifier: pid_t
    private var toPlugin: Int32
    private let fromPlugin: Int32
    private var decoder = FrameDecoder(limits: .fromPlugin)
    private var hasEnded = false

    /// The directory of the built programs: that of the test bundle.
    static let programs: String = {
        let own = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
        let parts = own.split(separator: "/", omittingEmptySubsequences: false)
        let end = parts.firstIndex { $0.hasSuffix(".xctest") } ?? parts.count - 1
        return parts[..<end].joined(separator: "/")
    }()

    static func isBuilt(_ program: String) -> Bool { access("\(programs)/\(program)", X_OK) == 0 }

    /// Starts a plugin and exchanges the hellos.
    init(_ program: String, input: Int32? = nil) throws {
        signal(SIGPIPE, SIG_IGN)
        var inward: [Int32] = [-1, -1]
        var outward: [Int32] = [-1, -1]
        guard millrace_pipe(&inward) == 0, millrace_pipe(&outward) == 0 else { throw PluginFailure("no pipes") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, inward[0], 0)
        posix_spawn_file_actions_adddup2(&actions, outward[1], 1)
        if let input { posix_spawn_file_actions_adddup2(&actions, input, 3) }
        let path = "\(Self.programs)/\(program)"
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(path), nil]
        defer { free(arguments[0]) }
        var started = pid_t()
        let failure = posix_spawn(&started, path, &actions, nil, &arguments, environ)
        close(inward[0])
        close(outward[1])
        guard failure == 0 else { throw PluginFailure("can't start \(path): \(String(cString: strerror(failure)))") }
        (identifier, toPlugin, fromPlugin) = (started, inward[1], outward[0])
        send(.hello(core: "test"))
        guard case .hello = try next().0 else { throw PluginFailure("\(program) sent no hello first") }
    }

    deinit { kill() }

    /// Ends it as `kill -9` does.
    func kill() {
        guard !hasEnded else { return }
        hasEnded = true
        Glibc.kill(identifier, SIGKILL)
        var status: Int32 = 0
        waitpid(identifier, &status, 0)
        closeInput()
        close(fromPlugin)
    }

    /// Says that nothing comes any more.
    func closeInput() {
        guard toPlugin >= 0 else { return }
        close(toPlugin)
        toPlugin = -1
    }

    func send(_ message: CoreMessage, body: [UInt8] = []) {
        let bytes = message.encoded(bodyLength: body.count) + body
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { write(toPlugin, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            done += count
        }
    }

    /// The next message that is no log line; fails when none comes within ten seconds.
    func next(within seconds: Int32 = 10) throws -> (PluginMessage, [UInt8]) {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            while let frame = decoder.next() {
                let message = try PluginMessage(frame)
                if case .log = message { continue }
                return (message, frame.body)
            }
            var ready = pollfd(fd: fromPlugin, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, seconds * 1000) > 0 else { throw PluginFailure("nothing came within \(seconds) s") }
            let count = read(fromPlugin, &chunk, chunk.count)
            guard count > 0 else { throw PluginFailure("the plugin ended") }
            try decoder.push(Array(chunk[..<count]))
        }
    }

    /// Opens a job; its messages come by `next()`.
    func fetch(_ settings: JSONValue, state: [String: JSONValue] = [:], job: Int64 = 1, largestItem: Int = 1 << 20) {
        send(
            .fetch(
                FetchRequest(
                    job: job, source: "test", settings: settings, state: state, window: 1 << 20,
                    maximumItemSize: largestItem)))
    }

    /// Configures a sink; returns the position that it knows.
    func configure(_ settings: JSONValue) throws -> UInt64? {
        send(.configure(job: 1, sink: "test", settings: settings))
        guard case .configured(_, let position) = try next().0 else { throw PluginFailure("not configured") }
        return position
    }

    /// Hands documents over without waiting for the answer.
    func deliver(_ positions: ClosedRange<UInt64>, revision: Int = 1, again: Bool = false) {
        var body: [UInt8] = []
        for position in positions {
            let id = String(repeating: "0", count: 32 - "\(position)".utf8.count) + "\(position)"
            // As the core writes it: position and revision come first.
            let document = """
                {"position":\(position),"revision":\(revision),"id":"\(id)","source":"test","uri":"test:\(position)",\
                "title":"Title \(position)","text":"Text of number\(position) in revision\(revision)."}

                """
            body += Array(document.utf8)
        }
        let request = DeliverRequest(
            job: 2, sink: "test", first: positions.lowerBound, last: positions.upperBound, count: positions.count,
            again: again)
        send(.deliver(request), body: body)
    }

    /// Waits for the answer to a delivery; returns the acknowledged position.
    func delivered() throws -> UInt64 {
        let message = try next().0
        guard case .delivered(_, let position, let rejected) = message else { throw PluginFailure("sent \(message)") }
        #expect(rejected.isEmpty)
        return position
    }

    /// Documents that a search finds.
    func search(_ words: String) throws -> Int {
        send(.search(job: 3, sink: "test", words: words, limit: 100))
        let message = try next().0
        guard case .found(_, let count) = message else { throw PluginFailure("sent \(message)") }
        return count
    }
}

struct PluginFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

extension TemporaryDirectory {
    func write(_ name: String, _ text: String, appending: Bool = false) {
        let descriptor = open(file(name), O_WRONLY | O_CREAT | (appending ? O_APPEND : O_TRUNC), 0o644)
        _ = Glibc.write(descriptor, text, text.utf8.count)
        close(descriptor)
    }

    func read(_ name: String) -> String {
        let descriptor = open(file(name), O_RDONLY)
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

    var names: [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
