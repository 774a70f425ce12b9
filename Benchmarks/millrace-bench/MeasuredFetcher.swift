import CSpawn
import Glibc
import JSON
import PluginProtocol

/// The built http fetcher, driven over its pipes as the daemon drives it.
final class MeasuredFetcher {
    private let child: ChildProgram
    private let input: Int32
    private let output: Int32
    private var decoder = FrameDecoder(limits: .fromPlugin)
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    private var pending: [UInt8] = []

    /// What all jobs came to.
    struct Result {
        var changed = 0
        var unchanged = 0
        var failed = 0
        var bytes = 0
        var lastFailure: String?
    }

    init() throws {
        var toChild: [Int32] = [-1, -1]
        var fromChild: [Int32] = [-1, -1]
        guard millrace_pipe(&toChild) == 0, millrace_pipe(&fromChild) == 0 else {
            throw BenchmarkError("can't make a pipe: \(String(cString: strerror(errno)))")
        }
        defer {
            close(toChild[0])
            close(fromChild[1])
        }
        signal(SIGPIPE, SIG_IGN)
        child = try ChildProgram("millrace-fetch-http", input: toChild[0], output: fromChild[1], errors: STDERR_FILENO)
        input = toChild[1]
        output = fromChild[0]
        queue(.hello(core: "millrace-bench"))
        guard case .hello = try answer().message else { throw BenchmarkError("the fetcher does not introduce itself") }
    }

    deinit {
        close(input)
        close(output)
    }

    var figures: ProcessFigures { ProcessFigures(of: child.identifier) }

    /// Fetches every source once, with at most `window` jobs open.
    func fetch(_ sources: [HTTPBenchmark.Source], window: Int) throws -> Result {
        var result = Result()
        var next = 0
        var open = 0
        while next < sources.count || open > 0 {
            while next < sources.count, open < window {
                queue(.fetch(request(sources[next], job: Int64(next + 1))))
                next += 1
                open += 1
            }
            let (message, length) = try answer()
            switch message {
            case .item(let item):
                result.changed += 1
                result.bytes += length
                queue(.acknowledge(job: item.job, item: item.item))
            case .done(let done):
                open -= 1
                if done.unchanged { result.unchanged += 1 }
            case .failed(let failed):
                open -= 1
                result.failed += 1
                result.lastFailure = failed.message
            default: break
            }
        }
        return result
    }

    private func request(_ source: HTTPBenchmark.Source, job: Int64) -> FetchRequest {
        var state: [String: JSONValue] = [:]
        if let tag = source.tag { state[source.address] = ["etag": .string(tag)] }
        return FetchRequest(
            job: job, source: "source-\(job)", settings: ["url": .string(source.address), "allow_private": true],
            state: state, window: 4 << 20, maximumItemSize: 64 << 20)
    }

    private func queue(_ message: CoreMessage) { pending += message.encoded() }

    /// Writes what is queued; the fetcher reads whatever it is doing.
    private func flush() throws {
        try pending.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(input, buffer.baseAddress.map { $0 + done }, buffer.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw BenchmarkError("the fetcher has ended") }
                done += count
            }
        }
        pending.removeAll(keepingCapacity: true)
    }

    private func answer() throws -> (message: PluginMessage, length: Int) {
        while true {
            if let frame = decoder.next() { return (try PluginMessage(frame), frame.body.count) }
            try flush()
            let count = read(output, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw BenchmarkError("the fetcher has ended") }
            try buffer.withUnsafeBytes { try decoder.push(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }
}
