import ArgumentParser
import Glibc
import JSON
import PluginProtocol

/// A fetch plugin that ends each job as it comes, and notes how long after the job before of the same source it came.
struct AnswerAtOnce: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answer-at-once", abstract: "The fetcher of 'dispatch'.", shouldDisplay: false)

    @Argument(help: "Gets the milliseconds between two jobs of a source, a line each, when the daemon stops.")
    var file: String

    func run() throws {
        var decoder = FrameDecoder(limits: .fromCore)
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var output: [UInt8] = []
        var last: [String: ContinuousClock.Instant] = [:]
        var waits: [Double] = []
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            let now = ContinuousClock.now
            guard count > 0 else { break }
            try buffer.withUnsafeBytes { try decoder.push(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            while let frame = decoder.next() {
                switch try CoreMessage(frame) {
                case .hello:
                    let hello = PluginHello(name: "at-once", version: "1", roles: [.fetch], settings: [:])
                    output += PluginMessage.hello(hello).encoded()
                case .fetch(let request):
                    if let before = last.updateValue(now, forKey: request.source) {
                        waits.append((now - before).seconds * 1000)
                    }
                    output += PluginMessage.done(FinishedJob(job: request.job)).encoded()
                case .ping(let id): output += PluginMessage.pong(id: id).encoded()
                case .shutdown: return try finish(waits)
                default: break
                }
            }
            try write(output)
            output.removeAll(keepingCapacity: true)
        }
        try finish(waits)
    }

    private func finish(_ waits: [Double]) throws {
        // The daemon asks for an introduction before it starts the plugin for good.
        guard !waits.isEmpty else { return }
        try Files.write(file, waits.map { "\($0)" }.joined(separator: "\n"))
    }

    private func write(_ bytes: [UInt8]) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw BenchmarkError("the daemon has ended") }
            done += count
        }
    }
}
