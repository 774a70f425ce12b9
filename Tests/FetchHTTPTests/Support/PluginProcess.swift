import Glibc
import HTTPFetching
import JSON
import PluginProtocol

/// The built program, driven by frames as the core drives it.
final class PluginProcess {
    struct Problem: Error, CustomStringConvertible {
        var description: String
    }

    /// How a job went.
    struct Result {
        var items: [(item: FetchedItem, body: [UInt8])] = []
        var rejected: [RejectedItem] = []
        var logs: [String] = []
        var done: FinishedJob?
        var failed: FailedJob?
        /// The source's state after the job.
        var state: [String: JSONValue]

        mutating func apply(_ changes: [String: JSONValue]) {
            for (key, value) in changes {
                if value.isNull { state.removeValue(forKey: key) } else { state[key] = value }
            }
        }
    }

    /// 0 where it is a thread of this process.
    let process: pid_t
    private let input: Int32
    private let output: Int32
    private var decoder = FrameDecoder(limits: .fromPlugin)
    private var lastJob: Int64 = 0
    private var isReaped = false

    /// Starts the program, which lies beside the test program, and opens the conversation.
    /// - Parameters:
    ///   - names: the name server that it asks; nil: the machine's.
    ///   - starter: a command that starts the program, which is its last word.
    init(_ arguments: [String] = [], names: NameServer? = nil, starter: [String] = []) throws {
        let program = Command.directoryOfTests + "/millrace-fetch-http"
        let toPlugin = try Self.pair()
        let fromPlugin = try Self.pair()
        process = try Command.start(
            (names?.wrapper(for: program) ?? starter + [program]) + arguments, input: toPlugin.1, output: fromPlugin.1)
        input = toPlugin.0
        output = fromPlugin.0
        close(toPlugin.1)
        close(fromPlugin.1)
        try greet()
    }

    /// Runs the same service in a thread, with limits of its own.
    init(inThisProcess limits: FetchService.Limits) throws {
        let toPlugin = try Self.pair()
        let fromPlugin = try Self.pair()
        process = 0
        isReaped = true
        input = toPlugin.0
        output = fromPlugin.0
        HostileServer.thread {
            _ = FetchService(input: toPlugin.1, output: fromPlugin.1, limits: limits)?.run()
            close(toPlugin.1)
            close(fromPlugin.1)
        }
        try greet()
    }

    private func greet() throws {
        try send(.hello(core: "test"))
        guard case .hello = try receive() else { throw Problem(description: "the plugin did not say hello") }
    }

    deinit {
        close(input)
        close(output)
        if !isReaped {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
    }

    private static func pair() throws -> (Int32, Int32) {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Problem(description: "no socket pair")
        }
        return (ends[0], ends[1])
    }

    func send(_ message: CoreMessage) throws { try send(raw: message.encoded()) }

    func send(raw bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes {
                Glibc.send(input, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Problem(description: "the plugin does not read any more") }
            offset += count
        }
    }

    /// The body of the frame that came last.
    private(set) var lastBody: [UInt8] = []

    /// The next frame; nil after `milliseconds` without one.
    func receive(within milliseconds: Int32 = 30_000) throws -> PluginMessage? {
        while true {
            if let frame = decoder.next() {
                lastBody = frame.body
                return try PluginMessage(frame)
            }
            var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, milliseconds) > 0 else { return nil }
            var bytes = [UInt8](repeating: 0, count: 65536)
            let count = read(output, &bytes, bytes.count)
            guard count > 0 else { throw Problem(description: "the plugin closed its output") }
            try decoder.push(Array(bytes[..<count]))
        }
    }

    /// Opens a job.
    func open(
        _ settings: JSONValue, state: [String: JSONValue] = [:], window: Int = 4 << 20, maximumItemSize: Int = 1 << 20
    ) throws -> Int64 {
        lastJob += 1
        try send(
            .fetch(
                FetchRequest(
                    job: lastJob, source: "test", settings: settings, state: state, window: window,
                    maximumItemSize: maximumItemSize)))
        return lastJob
    }

    /// Takes the frames of a job up to its end and acknowledges its items.
    func finish(_ job: Int64, state: [String: JSONValue] = [:]) throws -> Result {
        var result = Result(state: state)
        while let message = try receive() {
            switch message {
            case .item(let item) where item.job == job:
                result.items.append((item, lastBody))
                result.apply(item.state)
                try send(.acknowledge(job: job, item: item.item))
            case .rejected(let item) where item.job == job:
                result.rejected.append(item)
                result.apply(item.state)
                try send(.acknowledge(job: job, item: item.item))
            case .checkpoint(let point) where point.job == job:
                result.apply(point.state)
                try send(.acknowledge(job: job, item: point.item))
            case .log(_, let text, job): result.logs.append(text)
            case .done(let done) where done.job == job:
                result.done = done
                result.apply(done.state)
                return result
            case .failed(let failed) where failed.job == job:
                result.failed = failed
                result.apply(failed.state)
                return result
            default: break
            }
        }
        throw Problem(description: "job \(job) never ended")
    }

    /// A whole job.
    func fetch(
        _ settings: JSONValue, state: [String: JSONValue] = [:], window: Int = 4 << 20, maximumItemSize: Int = 1 << 20
    ) throws -> Result {
        try finish(
            try open(settings, state: state, window: window, maximumItemSize: maximumItemSize), state: state)
    }

    func closeInput() { shutdown(input, Int32(SHUT_WR)) }

    /// The exit status; nil where the program does not end within 10 seconds.
    func wait() -> Int32? {
        var status: Int32 = 0
        for _ in 0..<1000 {
            if waitpid(process, &status, WNOHANG) == process {
                isReaped = true
                return status & 0x7F == 0 ? status >> 8 & 0xFF : -1
            }
            usleep(10_000)
        }
        return nil
    }
}
