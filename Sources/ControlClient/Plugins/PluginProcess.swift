import CSpawn
import Configuration
import Glibc
import PluginProtocol

/// A plugin as a child of this program, for as long as one command takes.
///
/// Both pipes are non-blocking and served together, so neither side can wait for the other for ever.
final class PluginProcess {
    let name: String
    /// How it introduced itself.
    private(set) var hello = PluginHello(name: "", version: "", roles: [], settings: [:])
    private let identifier: pid_t
    private var input: Int32
    private let output: Int32
    private var decoder = FrameDecoder(limits: .fromPlugin)
    private var outgoing: [ArraySlice<UInt8>] = []
    private var hasEnded = false
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)

    /// Seconds until `hello`.
    private static let patience = 10.0

    /// Starts one of Millrace's own programs and waits for its introduction.
    convenience init(program: String) throws(CommandFailure) {
        let programs = Programs()
        guard let path = programs.find(program) else {
            let places = programs.directories.map { "\($0)/\(program)" }
            throw CommandFailure(
                .refused, "the program \(program) is neither \(places.joined(separator: " nor "))",
                remedy: "install Millrace whole, or build it with 'make build'")
        }
        try self.init(name: program, command: [path])
    }

    /// Starts a program and waits for its introduction.
    ///
    /// - Parameter environment: all that it gets; nil for this program's own.
    init(name: String, command: [String], environment: [String: String]? = nil) throws(CommandFailure) {
        self.name = name
        var toChild: [Int32] = [-1, -1]
        var fromChild: [Int32] = [-1, -1]
        guard millrace_pipe(&toChild) == 0, millrace_pipe(&fromChild) == 0 else {
            throw CommandFailure(.refused, "no pipe to \(name): \(String(cString: strerror(errno)))")
        }
        var options = millrace_spawn_options()
        options.standard_input = toChild[0]
        options.standard_output = fromChild[1]
        options.standard_error = 2
        options.extra_descriptor = -1
        var error: Int32 = 0
        identifier = Self.spawn(command, environment, &options, &error)
        close(toChild[0])
        close(fromChild[1])
        input = toChild[1]
        output = fromChild[0]
        for descriptor in [input, output] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        guard identifier > 0 else {
            hasEnded = true
            throw CommandFailure(
                .refused, "\(command.first ?? name) can't be started: \(String(cString: strerror(error)))")
        }
        send(.hello(core: "millracectl"))
        guard case .hello(let hello)? = try next(within: Self.patience)?.0 else {
            throw CommandFailure(.refused, "\(name) does not introduce itself")
        }
        self.hello = hello
    }

    deinit { end() }

    private static func spawn(
        _ command: [String], _ environment: [String: String]?, _ options: inout millrace_spawn_options,
        _ error: inout Int32
    ) -> pid_t {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment?.map { strdup("\($0.key)=\($0.value)") } ?? []
        variables.append(nil)
        defer { for text in arguments + variables { free(text) } }
        guard environment != nil else {
            return millrace_spawn(command.first ?? "", &arguments, environ, &options, &error)
        }
        return millrace_spawn(command.first ?? "", &arguments, &variables, &options, &error)
    }

    /// Queues a frame.
    func send(_ message: CoreMessage, body: [UInt8] = []) {
        outgoing.append(message.encoded(bodyLength: body.count)[...])
        if !body.isEmpty { outgoing.append(body[...]) }
    }

    /// Moves bytes both ways until a frame is whole, and returns it with its body; nil when time is over.
    func next(within seconds: Double) throws(CommandFailure) -> (PluginMessage, body: [UInt8])? {
        let deadline = Self.clock() + seconds
        while true {
            if let frame = decoder.next() {
                do { return (try PluginMessage(frame), frame.body) } catch {
                    throw CommandFailure(.refused, "\(name) \(error)")
                }
            }
            let left = deadline - Self.clock()
            guard left > 0 else { return nil }
            var entries = [
                pollfd(fd: output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: outgoing.isEmpty ? -1 : input, events: Int16(POLLOUT), revents: 0),
            ]
            guard poll(&entries, 2, Int32(min(left * 1000 + 1, 60_000))) >= 0 || errno == EINTR else {
                throw CommandFailure(.refused, "\(name): \(String(cString: strerror(errno)))")
            }
            if entries[1].revents != 0 { writeSome() }
            if entries[0].revents != 0 { try readSome() }
        }
    }

    private func writeSome() {
        while let part = outgoing.first {
            let count = part.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            guard count >= 0 else {
                // The end of a child that no longer reads shows on its output.
                if errno == EPIPE { outgoing = [] }
                return
            }
            if count == part.count { outgoing.removeFirst() } else { outgoing[0] = part.dropFirst(count) }
        }
    }

    private func readSome() throws(CommandFailure) {
        let count = read(output, &buffer, buffer.count)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count > 0 else { throw CommandFailure(.refused, "\(name) ended: \(wait())") }
        var failure: ProtocolError?
        buffer.withUnsafeBytes { bytes in
            do throws(ProtocolError) { try decoder.push(UnsafeRawBufferPointer(rebasing: bytes[..<count])) } catch {
                failure = error
            }
        }
        if let failure { throw CommandFailure(.refused, "\(name) \(failure)") }
    }

    private func wait() -> String {
        var status: Int32 = 0
        kill(identifier, SIGKILL)
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        hasEnded = true
        let number = status & 0x7F
        return number == 0 ? "exit status \(status >> 8 & 0xFF)" : "signal \(number)"
    }

    /// Ends the child; what it has not yet said is lost.
    private func end() {
        if input >= 0 { close(input) }
        close(output)
        input = -1
        guard identifier > 0, !hasEnded else { return }
        _ = wait()
    }

    static func clock() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
