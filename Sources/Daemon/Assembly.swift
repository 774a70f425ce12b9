import Configuration
import Glibc
import NIOCore
import PluginProtocol
import Supervision
import WriteAheadLog

/// The processes and sources that a configuration asks for, and the way from one configuration to the next.
actor Assembly {
    nonisolated let fleet = Fleet()
    nonisolated let sinks = SinkSet()
    private let log: WriteAheadLog
    private let committer: Committer
    private let keeper: SourceKeeper
    private let pool: NormaliserPool
    private let budget: ByteBudget
    private let board: ProcessBoard
    private let daemonLog: DaemonLog
    private let group: any EventLoopGroup
    private var workers: [Fleet.Member] = []
    private var hosts: [String: (host: FetcherHost, member: Fleet.Member, specification: ProcessSpecification)] = [:]
    private var sinkMembers: [String: Fleet.Member] = [:]

    init(
        log: WriteAheadLog, committer: Committer, keeper: SourceKeeper, pool: NormaliserPool, budget: ByteBudget,
        board: ProcessBoard, daemonLog: DaemonLog, group: any EventLoopGroup
    ) {
        self.log = log
        self.committer = committer
        self.keeper = keeper
        self.pool = pool
        self.budget = budget
        self.board = board
        self.daemonLog = daemonLog
        self.group = group
    }

    /// Brings everything in line with a configuration; what did not change goes on undisturbed.
    func apply(_ configuration: Configuration) async throws {
        let programs = Programs(configured: configuration.daemon.pluginDirectory)
        startWorkers(configuration, programs)
        await applySinks(configuration, programs)
        let unused = await applyFetchers(configuration, programs)
        try await keeper.configure(configuration.sources, hosts: hosts.mapValues(\.host))
        for plugin in unused {
            guard let running = hosts[plugin] else { continue }
            // Its last jobs may still have something to tell others, as that a subscription ends.
            await keeper.whenUnused(plugin) {
                running.host.stop()
                running.member.end()
            }
        }
    }

    private func supervisor(_ specification: ProcessSpecification) -> Supervisor {
        Supervisor(specification, board: board, group: group) { [daemonLog] level, text in daemonLog.log(level, text) }
    }

    private func startWorkers(_ configuration: Configuration, _ programs: Programs) {
        guard workers.isEmpty else { return }
        let processors = max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1)
        for number in 1...(configuration.daemon.workers ?? processors) {
            let specification = programs.normaliser(number, memory: configuration.daemon.workerMemory)
            workers.append(
                fleet.start(supervisor(specification)) { [pool] connection, frames in
                    try await pool.serve(connection, &frames)
                })
        }
    }

    private func applySinks(_ configuration: Configuration, _ programs: Programs) async {
        let wanted = Dictionary(configuration.sinks.map { ($0.name, $0) }) { $1 }
        for sink in sinks.all where wanted[sink.configuration.name] != sink.configuration {
            await stopSink(sink.configuration.name)
        }
        for sink in configuration.sinks where sinks[sink.name] == nil && !sink.paused {
            let runner = SinkRunner(sink, log: log, committer: committer, daemonLog: daemonLog, group: group)
            sinks[sink.name] = runner
            let specification = programs.specification(
                plugin: sink.plugin, as: "deliver-\(sink.name)", configuration, input: nil)
            sinkMembers[sink.name] = fleet.start(supervisor(specification)) { connection, frames in
                try await runner.serve(connection, &frames)
            }
        }
    }

    private func stopSink(_ name: String) async {
        sinks[name]?.stop()
        sinks[name] = nil
        await sinkMembers.removeValue(forKey: name)?.stop()
    }

    /// Starts the fetchers that sources ask for.
    /// - Returns: those that none asks for any more, which are still there.
    private func applyFetchers(_ configuration: Configuration, _ programs: Programs) async -> [String] {
        let wanted = Set(configuration.sources.map(\.plugin)).subtracting([SourceConfiguration.pushPlugin])
        for (plugin, running) in hosts {
            await keeper.keepsUsing(plugin)
            let specification = programs.specification(plugin: plugin, as: "fetch-\(plugin)", configuration, input: 0)
            guard running.host.isStopped || wanted.contains(plugin) && specification != running.specification else {
                continue
            }
            running.host.stop()
            await running.member.stop()
            hosts[plugin] = nil
        }
        for plugin in wanted where hosts[plugin] == nil {
            let host = FetcherHost(plugin: plugin, budget: budget, group: group) { [daemonLog] level, text in
                daemonLog.log(level, text)
            }
            let specification = programs.specification(plugin: plugin, as: "fetch-\(plugin)", configuration, input: 0)
            let member = fleet.start(supervisor(specification)) { connection, frames in
                try await host.serve(connection, &frames)
            }
            hosts[plugin] = (host, member, specification)
        }
        return hosts.keys.filter { !wanted.contains($0) }
    }

    /// Ends all normalisers.
    func stopWorkers() async {
        pool.stop()
        for worker in workers { await worker.stop() }
    }

    /// Ends all fetchers; what they brought is still written.
    func stopFetchers() async {
        for running in hosts.values { running.host.stop() }
        for running in hosts.values { await running.member.stop() }
    }

    /// Ends all sinks; what they have not delivered they deliver after the next start.
    func stopSinks() async {
        for sink in sinks.all { sink.stop() }
        for member in sinkMembers.values { await member.stop() }
    }
}
