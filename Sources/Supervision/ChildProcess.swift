import CSpawn
import Glibc
import Synchronization
import Threads

/// A running child and our ends of its standard streams.
///
/// Each child has a thread that starts it, sleeps in `waitpid`, and ends with it. The kernel ties the child's life to that
/// thread (PR_SET_PDEATHSIG), so a daemon that is killed leaves nothing behind.
final class ChildProcess: Sendable {
    let identifier: pid_t
    private let exit: ExitBox
    private let killedBecause = Mutex<String?>(nil)

    /// Our ends: write to `input`, read from `output` and `errors`. The caller closes them.
    struct Streams: Sendable {
        var input: Int32
        var output: Int32
        var errors: Int32
    }

    private init(identifier: pid_t, exit: ExitBox) {
        self.identifier = identifier
        self.exit = exit
    }

    /// Starts a program.
    static func start(_ specification: ProcessSpecification) async throws(SupervisionError) -> (ChildProcess, Streams) {
        let pipes = try Pipes()
        let exit = ExitBox()
        let started: Result<pid_t, SupervisionError> = await withCheckedContinuation { continuation in
            let body: @Sendable () -> Void = {
                let result = spawn(specification, pipes: pipes)
                pipes.closeChildEnds()
                continuation.resume(returning: result)
                guard case .success(let identifier) = result else { return }
                exit.set(waitForEnd(of: identifier))
            }
            // Without a thread the caller itself waits: slower, but nothing hangs for ever unseen.
            if startDetachedThread(stackSize: 256 << 10, body) != nil { body() }
        }
        switch started {
        case .success(let identifier):
            return (
                ChildProcess(identifier: identifier, exit: exit),
                Streams(input: pipes.input.writing, output: pipes.output.reading, errors: pipes.errors.reading)
            )
        case .failure(let error):
            pipes.closeOurEnds()
            throw error
        }
    }

    /// Waits for the end and returns how it came about; cancellation does not hurry it.
    func wait() async -> ExitReason { await exit.value() }

    /// Waits for the end; false when the waiting task was cancelled before.
    func waitUnlessCancelled() async -> Bool { await exit.valueUnlessCancelled() != nil }

    /// Whether it has ended.
    var hasEnded: Bool { exit.hasEnded }

    /// Sends a signal to the child and whatever it has started in its process group.
    func signal(_ number: Int32) {
        // Only while it has not been reaped: afterwards the number may be another's.
        exit.ifRunning { _ = Glibc.kill(-identifier, number) }
    }

    /// Ends the child at once and remembers why; the first reason counts.
    func kill(because reason: String) {
        killedBecause.withLock { if $0 == nil { $0 = reason } }
        signal(SIGKILL)
    }

    /// Why we ended it, if we did.
    var reasonOfKill: String? { killedBecause.withLock { $0 } }

    private static func spawn(_ specification: ProcessSpecification, pipes: Pipes) -> Result<pid_t, SupervisionError> {
        guard let path = specification.command.first else {
            return .failure(SupervisionError("\(specification.name) has an empty command"))
        }
        var options = millrace_spawn_options(
            standard_input: pipes.input.reading, standard_output: pipes.output.writing,
            standard_error: pipes.errors.writing, extra_descriptor: specification.extraDescriptor ?? -1,
            memory_limit: UInt64(clamping: specification.memoryLimit ?? 0), processor_seconds: 0, without_network: 0)
        let environment = specification.environment.map { "\($0.key)=\($0.value)" }.sorted()
        var failure: Int32 = 0
        let identifier = withCStrings(specification.command) { arguments in
            withCStrings(environment) { variables in
                millrace_spawn(path, arguments, variables, &options, &failure)
            }
        }
        guard identifier > 0 else {
            let reason = String(cString: strerror(failure))
            return .failure(
                SupervisionError(
                    "\(specification.name): can't start \(path): \(reason)",
                    remedy: failure == ENOENT ? "check that the program is installed there" : nil))
        }
        return .success(identifier)
    }

    private static func waitForEnd(of identifier: pid_t) -> ExitReason {
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) < 0 {
            guard errno == EINTR else { break }
        }
        // Before it is reaped its number can't be another's; what it has left running would keep our pipes open.
        Glibc.kill(-identifier, SIGKILL)
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0 {
            guard errno == EINTR else { return .unknown }
        }
        let signal = status & 0x7F
        return signal == 0 ? .exited(status: status >> 8 & 0xFF) : .signalled(signal)
    }
}

/// How a process ended.
public enum ExitReason: Sendable, Equatable, CustomStringConvertible {
    case exited(status: Int32)
    case signalled(Int32)
    case unknown

    /// In words.
    public var description: String {
        switch self {
        case .exited(let status): "exited with status \(status)"
        case .signalled(let number):
            "was killed by signal \(number) (\(strsignal(number).map { String(cString: $0) } ?? "unknown"))"
        case .unknown: "ended for an unknown reason"
        }
    }
}

/// Holds an exit reason once it is known, and those who wait for it until then.
private final class ExitBox: Sendable {
    private struct State {
        var reason: ExitReason?
        var waiting: [Int: CheckedContinuation<ExitReason?, Never>] = [:]
        var lastNumber = 0
    }
    private let state = Mutex(State())

    var hasEnded: Bool { state.withLock { $0.reason != nil } }

    func set(_ reason: ExitReason) {
        let waiting = state.withLock { state in
            state.reason = reason
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume(returning: reason) }
    }

    func value() async -> ExitReason { await wait(drawNumber(), unlessCancelled: false) ?? .unknown }

    func valueUnlessCancelled() async -> ExitReason? {
        let number = drawNumber()
        return await withTaskCancellationHandler {
            await wait(number, unlessCancelled: true)
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: nil)
        }
    }

    private func drawNumber() -> Int {
        state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    private func wait(_ number: Int, unlessCancelled: Bool) async -> ExitReason? {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> ExitReason?? in
                if let reason = state.reason { return .some(reason) }
                // Read under the lock: a cancellation that comes later finds the continuation there.
                if unlessCancelled, Task.isCancelled { return .some(nil) }
                state.waiting[number] = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    func ifRunning(_ body: () -> Void) {
        state.withLock { state in
            if state.reason == nil { body() }
        }
    }
}

/// The three pipes of a child; every descriptor closes on exec.
private struct Pipes: Sendable {
    struct Pair: Sendable {
        var reading: Int32
        var writing: Int32
    }
    let input: Pair
    let output: Pair
    let errors: Pair

    init() throws(SupervisionError) {
        input = try Self.make()
        output = try Self.make()
        errors = try Self.make()
    }

    private static func make() throws(SupervisionError) -> Pair {
        var ends: [Int32] = [-1, -1]
        guard millrace_pipe(&ends) == 0 else {
            throw SupervisionError(
                "can't make a pipe: \(String(cString: strerror(errno)))", remedy: "raise the limit on open files")
        }
        // Fewer, larger transfers; where the user's share of pipe memory is spent the default size stays.
        _ = fcntl(ends[0], setPipeSize, 256 << 10)
        return Pair(reading: ends[0], writing: ends[1])
    }

    func closeChildEnds() {
        for descriptor in [input.reading, output.writing, errors.writing] { close(descriptor) }
    }

    func closeOurEnds() {
        for descriptor in [input.writing, output.reading, errors.reading] { close(descriptor) }
    }
}

private let setPipeSize: Int32 = 1031

private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { buffer in
        // An array that ends in nil is never empty, so it has a base address.
        buffer.baseAddress.map(body) ?? withUnsafePointer(to: nil, body)
    }
}
