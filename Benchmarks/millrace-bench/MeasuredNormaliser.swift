import CSpawn
import Glibc
import Normalisation
import PluginProtocol

/// One worker process, asked over its pipes as the daemon asks it: the next item when the last one is answered.
final class MeasuredNormaliser {
    private let child: ChildProgram
    private let input: Int32
    private let output: Int32
    private var decoder = FrameDecoder(limits: .fromPlugin)
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    private var lastJob: Int64 = 0

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
        child = try ChildProgram("millrace-normalise", input: toChild[0], output: fromChild[1], errors: STDERR_FILENO)
        input = toChild[1]
        output = fromChild[0]
        try write(CoreMessage.hello(core: "millrace-bench").encoded())
        guard case .hello = try answer().message else {
            throw BenchmarkError("the normaliser does not introduce itself")
        }
    }

    deinit {
        close(input)
        close(output)
    }

    var figures: ProcessFigures { ProcessFigures(of: child.identifier) }

    /// Documents that it makes of a file.
    func normalise(_ file: Files.Input) throws -> Int {
        lastJob += 1
        let item = ItemDescription(uri: "file:///\(file.name)", mediaType: file.mediaType)
        let request = CoreMessage.normalise(
            NormaliseRequest(job: lastJob, source: "bench", item: item, settings: [:]))
        try write(request.encoded(bodyLength: file.bytes.count))
        try write(file.bytes)
        switch try answer().message {
        case .documents(let documents) where documents.job == lastJob: return documents.documents.count
        case .failed(let failed) where failed.job == lastJob: return 0
        default: throw BenchmarkError("the normaliser answered something else about \(file.name)")
        }
    }

    private func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(input, buffer.baseAddress.map { $0 + done }, buffer.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw BenchmarkError("the normaliser has ended") }
                done += count
            }
        }
    }

    private func answer() throws -> (message: PluginMessage, body: [UInt8]) {
        while true {
            if let frame = decoder.next() { return (try PluginMessage(frame), frame.body) }
            let count = read(output, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw BenchmarkError("the normaliser has ended") }
            try buffer.withUnsafeBytes { try decoder.push(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }
}
