import CSpawn
import Configuration
import Document
import Glibc
import JSON
import NIOCore
import NIOPosix
import PluginProtocol
import Supervision
import WriteAheadLog

/// Puts the parts together, and takes them apart again in the right order.
public struct Daemon: Sendable {
    /// What the command line says.
    public struct Options: Sendable {
        /// The main configuration file; nil for the built-in default.
        public var configurationFile: String?
        /// Where log and index are kept; nil for what the configuration says.
        public var stateDirectory: String?
        /// Path of the control socket; nil for what the configuration says.
        public var controlSocket: String?

        /// What the command line says.
        public init(configurationFile: String? = nil, stateDirectory: String? = nil, controlSocket: String? = nil) {
            self.configurationFile = configurationFile
            self.stateDirectory = stateDirectory
            self.controlSocket = controlSocket
        }
    }

    /// The program's version.
    public static let version = Supervisor.version

    /// Makes the signals that steer the daemon wait for it; call it before the program starts any thread.
    public static func blockSignals() { Signals.block() }

    /// Runs asynchronous work from the program's main thread and returns when it has ended.
    public static func runToEnd(_ body: @escaping @Sendable () async throws -> Void) throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try group.next().makeFutureWithTask(body).wait()
    }

    let options: Options
    let daemonLog: DaemonLog
    let group: any EventLoopGroup

    /// A daemon that is not running yet.
    public init(options: Options, daemonLog: DaemonLog) {
        self.options = options
        self.daemonLog = daemonLog
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    }

    // MARK: Life

    /// Runs until a signal asks it to stop.
    ///
    /// - Throws: ``StartError`` or `LogError` when it can't start, having left everything as it was.
    public func run() async throws {
        let started = Timestamp.now
        let (configuration, problems) = await load()
        if let level = DaemonLog.Format(rawValue: configuration.daemon.logFormat) {
            daemonLog.configure(format: level, minimum: configuration.daemon.logLevel)
        }
        report(problems)
        // With a main file that can't be read there is nothing to run.
        if let problem = problems.first(where: {
            $0.file == configuration.file && configuration.sources.isEmpty && configuration.sinks.isEmpty
        }) {
            throw StartError(
                "the configuration can't be used: \(problem.file):\(problem.line): \(problem.what)",
                remedy: problem.remedy)
        }
        let stateDirectory = try prepareStateDirectory(configuration)
        let socket = options.controlSocket ?? configuration.daemon.controlSocket ?? "\(stateDirectory)/run/control.sock"
        if let end = socket.lastIndex(of: "/") { try Self.makeDirectories(String(socket[..<end])) }

        let log = try openLog(configuration, stateDirectory)
        // On every way out the log is sealed last.
        defer { log.close() }
        let committer = Committer(log: log, indexDirectory: "\(stateDirectory)/index", daemonLog: daemonLog)
        try await committer.openIndex()

        let pool = NormaliserPool(timeout: .seconds(configuration.daemon.workerTimeout), group: group)
        let budget = ByteBudget(limit: 256 << 20)
        let intake = Intake(pool: pool, committer: committer, log: log, budget: budget)
        let keeper = SourceKeeper(intake: intake, committer: committer, daemonLog: daemonLog, group: group)
        let board = ProcessBoard()
        let assembly = Assembly(
            log: log, committer: committer, keeper: keeper, pool: pool, budget: budget, board: board,
            daemonLog: daemonLog,
            group: group)
        let inForce = ConfigurationInForce(configuration, problems: problems.map(\.description))
        let retention = Retention(
            log: log, committer: committer, sinks: assembly.sinks, configuration: inForce, daemonLog: daemonLog)
        let lifecycle = Lifecycle()
        let parts = DaemonParts(
            log: log, committer: committer, keeper: keeper, intake: intake, budget: budget, board: board,
            sinks: assembly.sinks, retention: retention, configuration: inForce, lifecycle: lifecycle, started: started,
            identifier: getpid(),
            stateDirectory: stateDirectory,
            reload: { await self.reload(inForce, assembly) })
        let server = try await ControlServer.bind(
            path: socket, group: group, routes: ControlRoutes(parts: parts), daemonLog: daemonLog)
        defer { unlink(socket) }

        let signals = AsyncQueue<Int32>()
        Signals.take { number in signals.push(number) }
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await server.run() }
            tasks.addTask { await assembly.fleet.run() }
            tasks.addTask { await self.commitNowAndThen(committer) }
            tasks.addTask { await retention.run() }
            tasks.addTask { await self.feedWatchdog(committer) }
            do { try await assembly.apply(configuration) } catch { self.daemonLog.error("\(error)") }
            // Reading and comparing the files took more than what they say.
            millrace_give_back_memory()
            let ended = AsyncQueue<Bool>()
            tasks.addTask {
                await keeper.run()
                ended.close()
            }
            lifecycle.enter(.running)
            self.daemonLog.notice(
                "ready: \(configuration.summary), state in \(stateDirectory), control socket \(socket)"
            )
            ServiceManager.notify(
                "READY=1\nSTATUS=\(configuration.summary)")
            while let number = await signals.pop() {
                if number != SIGHUP { break }
                ServiceManager.notify("RELOADING=1\nMONOTONIC_USEC=\(ServiceManager.monotonicMicroseconds)")
                _ = await self.reload(inForce, assembly)
                ServiceManager.notify("READY=1")
            }
            lifecycle.enter(.stopping)
            log.refuseWaiting()
            ServiceManager.notify("STOPPING=1")
            self.daemonLog.notice("stopping")
            await keeper.stop()
            pool.stop()
            await assembly.stopFetchers()
            await assembly.stopWorkers()
            _ = await ended.pop()
            await assembly.stopSinks()
            await lifecycle.endFollowing()
            tasks.cancelAll()
        }
        await committer.close()
        daemonLog.notice("stopped")
    }

    private func commitNowAndThen(_ committer: Committer) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(2), tolerance: .seconds(1))
            await committer.commitIndex()
        }
    }

    /// Tells the watchdog that the part which everything goes through still answers.
    private func feedWatchdog(_ committer: Committer) async {
        guard let interval = ServiceManager.watchdogInterval else { return }
        while !Task.isCancelled {
            _ = await committer.isTransactionLarge
            ServiceManager.notify("WATCHDOG=1")
            try? await Task.sleep(for: .nanoseconds(interval / 3))
        }
    }

    private func reload(_ inForce: ConfigurationInForce, _ assembly: Assembly) async -> ControlAnswer {
        let (configuration, problems) = await load()
        let lines = problems.map(\.description)
        guard problems.isEmpty else {
            report(problems)
            daemonLog.error("the configuration was not reloaded; the one in force stays")
            await inForce.note(problems: lines)
            return ControlAnswer.object(status: 422) { writer in
                writer.key("error")
                writer.beginObject()
                writer.member("what", "the configuration has problems; the one in force stays")
                writer.member("remedy", lines.prefix(Self.reportedProblems).joined(separator: "\n"))
                writer.endObject()
                writer.member("problems", JSONValue.array(lines.map { .string($0) }))
            }
        }
        let difference = Difference(from: await inForce.current.configuration, to: configuration)
        do { try await assembly.apply(configuration) } catch {
            return .failure(status: 500, "\(error)", remedy: nil)
        }
        if let format = DaemonLog.Format(rawValue: configuration.daemon.logFormat) {
            daemonLog.configure(format: format, minimum: configuration.daemon.logLevel)
        }
        await inForce.replace(configuration, problems: [])
        millrace_give_back_memory()
        daemonLog.notice(
            "reloaded: \(difference.added.count) added, \(difference.removed.count) removed, \(difference.changed.count) changed"
        )
        return ControlAnswer.object { writer in
            func list(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
            writer.key("changed")
            writer.beginObject()
            writer.member("added", list(difference.added))
            writer.member("removed", list(difference.removed))
            writer.member("changed", list(difference.changed))
            writer.endObject()
            writer.member("needs_restart", list(difference.needsRestart))
            writer.member("problems", JSONValue.array([]))
        }
    }

    // MARK: Preparations

    private func prepareStateDirectory(_ configuration: Configuration) throws -> String {
        let path =
            options.stateDirectory ?? configuration.daemon.stateDirectory
            ?? getenv("STATE_DIRECTORY").map { String(cString: $0) } ?? EmbeddedDefault.stateDirectory
        try Self.makeDirectories(path)
        guard let resolved = realpath(path, nil) else {
            throw StartError("can't use \(path): \(String(cString: strerror(errno)))", remedy: "check the path")
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func makeDirectories(_ path: String) throws {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o750) == 0 || errno == EEXIST else {
                throw StartError(
                    "can't make the directory \(made): \(String(cString: strerror(errno)))",
                    remedy: "let the daemon's user write there, or name another directory")
            }
        }
    }

    private func openLog(_ configuration: Configuration, _ stateDirectory: String) throws -> WriteAheadLog {
        var options = LogOptions()
        options.segmentSize = Int(configuration.log.segmentSize)
        options.compression = configuration.log.compression == .zstd ? .zstd : .none
        options.maximumSize = configuration.log.maximumSize.map { Int($0) }
        if let interval = configuration.log.syncInterval { options.sync = .interval(.seconds(interval)) }
        let log = try WriteAheadLog(directory: "\(stateDirectory)/log", options: options)
        if log.recovery.tornBytes > 0 {
            daemonLog.notice(
                "cut off \(log.recovery.tornBytes) bytes that were never acknowledged, behind the log's last whole batch"
            )
        }
        for fault in log.recovery.faults { daemonLog.error("the log is damaged: \(fault)") }
        return log
    }
}

extension Configuration {
    /// How much there is of it, for people.
    fileprivate var summary: String {
        func count(_ number: Int, _ name: String) -> String { "\(number) \(name)\(number == 1 ? "" : "s")" }
        return "\(count(sources.count, "source")), \(count(sinks.count, "sink"))"
    }
}
