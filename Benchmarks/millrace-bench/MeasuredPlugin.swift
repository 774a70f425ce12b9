import CSpawn
import Glibc
import PluginProtocol

/// A built plugin or worker, driven over its pipes as the daemon drives it.
final class MeasuredPlugin {
    private let name: String
    private let child: ChildProgram
    private let input: Int32
    private let output: Int32
    private var decoder = FrameDecoder(limits: .fromPlugin)
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    private var pending: [UInt8] = []

    /// Starts the program, and waits until it has introduced itself.
    convenience init(_ program: String) throws {
        try self.init(started: program)
        queue(CoreMessage.hello(core: "millrace-bench").encoded())
        guard case .hello = try PluginMessage(try answer()) else {
            throw BenchmarkError("\(program) does not introduce itself")
        }
    }

    private init(started program: String) throws {
        name = program
        var toChild: [Int32] = [-1, -1]
        var fromChild: [Int32] = [-1, -1]
        guard millrace_pipe(&toChild) == 0, millrace_pipe(&fromChild) == 0 else {
            throw BenchmarkError("can't make a pipe: \(String(cString: strerror(errno)))")
        }
        signal(SIGPIPE, SIG_IGN)
        (input, output) = (toChild[1], fromChild[0])
        // With its ends open here the end of a child that dies would never be seen.
        defer {
            close(toChild[0])
            close(fromChild[1])
        }
        child = try ChildProgram(program, input: toChild[0], output: fromChild[1], errors: STDERR_FILENO)
    }

    deinit {
        close(input)
        close(output)
    }

    var figures: ProcessFigures { ProcessFigures(of: child.identifier) }

    /// Adds bytes to what is written before the next answer is waited for.
    func queue(_ bytes: [UInt8]) { pending += bytes }

    /// The next frame that it sends.
    func answer() throws -> Frame {
        while true {
            if let frame = decoder.next() { return frame }
            try flush()
            let count = read(output, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw BenchmarkError("\(name) has ended") }
            try buffer.withUnsafeBytes { try decoder.push(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    /// Writes what is queued; the plugin reads whatever it is doing.
    func flush() throws {
        try pending.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(input, buffer.baseAddress.map { $0 + done }, buffer.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw BenchmarkError("\(name) has ended") }
                done += count
            }
        }
        pending.removeAll(keepingCapacity: true)
    }
}
