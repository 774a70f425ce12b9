import CSpawn
import Glibc
import JSON
import PluginKit

/// One run of a command, bounded in time and output.
struct Command {
    private let words: [String]
    private let program: String
    private let job: Job

    init(_ words: [String], program: String, job: Job) {
        self.words = words
        self.program = program
        self.job = job
    }

    /// Runs it and returns its standard output.
    func run() throws -> [UInt8] {
        var output: [Int32] = [-1, -1]
        var errors: [Int32] = [-1, -1]
        guard millrace_pipe(&output) == 0, millrace_pipe(&errors) == 0 else {
            throw FetchError(.transient, "can't make a pipe: \(String(cString: strerror(errno)))")
        }
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        var options = millrace_spawn_options(
            standard_input: null, standard_output: output[1], standard_error: errors[1], extra_descriptor: -1,
            memory_limit: 0, processor_seconds: 0, without_network: 0)
        var failure: Int32 = 0
        let identifier = start(&options, &failure)
        for descriptor in [output[1], errors[1], null] { close(descriptor) }
        defer { for descriptor in [output[0], errors[0]] { close(descriptor) } }
        guard identifier > 0 else {
            throw FetchError(
                failure == ENOENT || failure == EACCES ? .configuration : .transient,
                "can't run \(program): \(String(cString: strerror(failure)))", remedy: "check 'command'")
        }
        var status: Int32 = 0
        defer {
            // Also what it has left running.
            kill(-identifier, SIGKILL)
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        }
        let deadline = job.settings["deadline"]?.number ?? 60
        let end = Self.now + deadline
        let (bytes, complaints) = try read(output[0], errors[0], until: end, deadline)
        try awaitExit(of: identifier, until: end, deadline)
        status = Self.status(of: identifier)
        guard status == 0 else {
            let told = complaints.isEmpty ? "" : ": \(String(decoding: complaints.suffix(500), as: UTF8.self))"
            throw FetchError(.transient, "\(program) \(Self.words(status))\(told)", remedy: "run it by hand")
        }
        return bytes
    }

    private func start(_ options: inout millrace_spawn_options, _ failure: inout Int32) -> pid_t {
        var environment: [String] = []
        for name in ["PATH", "HOME", "LANG", "TZ"] {
            if let value = getenv(name) { environment.append("\(name)=\(String(cString: value))") }
        }
        for (name, value) in job.settings["environment"]?.object ?? [:] {
            if let value = value.string { environment.append("\(name)=\(value)") }
        }
        if let secret = job.settings["secret"]?.string { environment.append("SECRET=\(secret)") }
        var arguments = words
        var path = program
        if let directory = job.settings["directory"]?.string {
            // env(1) changes the directory in the child; this process serves other sources at the same time.
            arguments = ["env", "-C", directory, "--", program] + words.dropFirst()
            path = "/usr/bin/env"
        }
        var argumentPointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var environmentPointers: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
        return millrace_spawn(path, &argumentPointers, &environmentPointers, &options, &failure)
    }

    private func tookTooLong(_ deadline: Double) -> FetchError {
        FetchError(.transient, "\(program) took longer than \(deadline) s", remedy: "raise 'deadline'")
    }

    /// Waits until the child has ended, without reaping it. One may close its output and run on, so time counts here too.
    private func awaitExit(of identifier: pid_t, until end: Double, _ deadline: Double) throws {
        var pause: Int32 = 1
        while !hasEnded(identifier) {
            let rest = end - Self.now
            guard rest > 0 else { throw tookTooLong(deadline) }
            var cancel = pollfd(fd: job.cancelDescriptor, events: Int16(POLLIN), revents: 0)
            if poll(&cancel, 1, min(pause, Int32(min(rest * 1000, 1000).rounded(.up)))) > 0 { throw JobCancelled() }
            pause = min(pause * 2, 100)
        }
    }

    private func read(
        _ output: Int32, _ errors: Int32, until end: Double, _ deadline: Double
    ) throws -> (output: [UInt8], errors: [UInt8]) {
        let limit = job.maximumItemSize
        var bytes: [UInt8] = []
        var complaints: [UInt8] = []
        var open = [output, errors]
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while !open.isEmpty {
            var descriptors = (open + [job.cancelDescriptor]).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let rest = end - Self.now
            guard rest > 0 else { throw tookTooLong(deadline) }
            if poll(&descriptors, nfds_t(descriptors.count), Int32(min(rest * 1000, 1e9).rounded(.up))) < 0,
                errno != EINTR
            {
                break
            }
            if descriptors.last?.revents != 0 { throw JobCancelled() }
            for descriptor in descriptors.dropLast() where descriptor.revents != 0 {
                let count = Glibc.read(descriptor.fd, &chunk, chunk.count)
                if count <= 0 {
                    open.removeAll { $0 == descriptor.fd }
                } else if descriptor.fd == output {
                    bytes += chunk[..<count]
                } else {
                    complaints = (complaints + chunk[..<count]).suffix(4096)
                }
                guard bytes.count <= limit else {
                    throw FetchError(
                        .permanent, "\(program) printed more than \(limit) bytes", remedy: "raise 'max_item_size'")
                }
            }
        }
        return (bytes, complaints)
    }

    private func hasEnded(_ identifier: pid_t) -> Bool {
        var information = siginfo_t()
        let result = waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT | WNOHANG)
        return result == 0 ? information._sifields._sigchld.si_pid == identifier : errno != EINTR
    }

    /// The status of a child that has ended, which is not reaped yet.
    private static func status(of identifier: pid_t) -> Int32 {
        var information = siginfo_t()
        guard waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) == 0 else { return -1 }
        return information.si_code == CLD_EXITED
            ? information._sifields._sigchld.si_status : -information._sifields._sigchld.si_status
    }

    private static func words(_ status: Int32) -> String {
        status < 0 ? "was killed by signal \(-status)" : "exited with status \(status)"
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
