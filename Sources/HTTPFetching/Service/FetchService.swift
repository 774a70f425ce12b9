import CCurl
import Document
import Glibc
import PluginProtocol
import Scheduling

/// The plugin: frames in, transfers, frames out, in one loop of one thread.
public final class FetchService {
    /// Bytes; the most that Linux gives to everybody.
    private static let pipeSize: Int32 = 1 << 20
    /// `F_SETPIPE_SZ`, which the Glibc module leaves out.
    private static let setPipeSize: Int32 = 1031

    let limits: Limits
    let engine: TransferEngine
    private let poll: EventPoll
    private let input: Int32
    private let outputDescriptor: Int32
    private var output: FrameOutput
    private var decoder = FrameDecoder(limits: .fromCore)
    var jobs: [Int64: FetchJob] = [:]
    var hosts: [String: Host] = [:]
    var runnable: Deque<FetchJob> = []
    /// Transfers that waited for the host of a redirect and may try again.
    var resumable: Deque<Transfer> = []
    /// Transfers that have ended with bodies on the disk, which come back to memory one by one.
    var landed: Deque<Transfer> = []
    /// When hosts have to be looked at again, on the monotonic clock.
    var hostTimes = DueQueue()
    private var settings = SettingsCache()
    /// What is arranged with hubs; nil where they can't reach us.
    let subscriptions: Subscriptions?
    /// WARC files that are being written.
    var archives: [HTTPSettings.ArchiveSettings: Archive] = [:]
    private var isStopping = false
    private var inputIsFile = false
    private var nextHeartbeat: UInt64 = 0
    /// Milliseconds, as the least patient of the jobs since there was none needs it.
    private var heartbeat: UInt64 = 0

    /// A service on two descriptors, which become non-blocking; nil where the system has no room for it.
    /// - Parameter subscriptions: who lets hubs bring what is new.
    public init?(input: Int32, output: Int32, limits: Limits = Limits(), subscriptions: Subscriptions? = nil) {
        guard let poll = EventPoll(),
            let engine = TransferEngine(
                poll: poll, bodyBudget: limits.bodies,
                spillFile: SpillFile(directory: limits.spillDirectory, limit: limits.spilledBodies),
                connections: limits.transfers)
        else { return nil }
        self.limits = limits
        self.poll = poll
        self.subscriptions = subscriptions
        self.engine = engine
        self.input = input
        outputDescriptor = output
        self.output = FrameOutput(descriptor: output)
        signal(SIGPIPE, SIG_IGN)
        // A pipe holds 64 KiB unless it is told otherwise, which is a change of process for each three pages.
        for descriptor in [input, output] { _ = fcntl(descriptor, Self.setPipeSize, Self.pipeSize) }
        for descriptor in [input, output] { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) }
        inputIsFile = !poll.watch(input, readable: true, writable: false)
        if let subscriptions { poll.watch(subscriptions.receiver.descriptor, readable: true, writable: false) }
    }

    /// Works until the core ends it.
    /// - Returns: nil after an orderly end, else how the core broke the protocol.
    public func run() -> ProtocolError? {
        var scratch = [UInt8](repeating: 0, count: 64 << 10)
        defer { for archive in archives.values { archive.finish() } }
        while true {
            startTransfers()
            output.flush { engine.recycle($0) }
            engine.outgoing = output.pendingBytes
            if output.isBroken { return nil }
            if isStopping {
                finishOutput()
                return nil
            }
            poll.watch(outputDescriptor, readable: false, writable: !output.isEmpty)
            var inputIsReady = inputIsFile
            var hubsWereHere = false
            poll.wait(inputIsFile ? 0 : timeout) { event in
                if event.descriptor == input {
                    inputIsReady = true
                } else if event.descriptor == subscriptions?.receiver.descriptor {
                    hubsWereHere = true
                } else if event.descriptor != outputDescriptor {
                    engine.handle(event)
                }
            }
            if inputIsReady {
                do throws(ProtocolError) { try readInput(&scratch) } catch { return error }
            }
            if hubsWereHere { takePushes() }
            wakeSubscribed()
            engine.handleTime(MonotonicClock.milliseconds)
            for (transfer, code) in engine.takeFinished() { land(transfer, code) }
            // What one that breaks lets go of is room for the next.
            while case let broken = engine.resumePaused(), !broken.isEmpty {
                for (transfer, code) in broken { finish(transfer, code) }
            }
            finishLanded()
            beat()
        }
    }

    /// Milliseconds to wait; nil: until something happens. With no job open, nothing wakes the process.
    private var timeout: UInt64? {
        if couldGoOn { return 0 }
        let deadlines = [engine.deadline, jobs.isEmpty ? nil : nextHeartbeat, nextHostTime, nextSubscriptionTime]
            .compactMap { $0 }
        guard let first = deadlines.min() else { return nil }
        let now = MonotonicClock.milliseconds
        return first > now ? first - now : 0
    }

    private func readInput(_ scratch: inout [UInt8]) throws(ProtocolError) {
        // A bound for each round, so that a flood of frames does not starve the transfers.
        for _ in 0..<16 {
            let count = read(input, &scratch, scratch.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else {
                stop()
                return
            }
            var problem: ProtocolError?
            scratch.withUnsafeBytes { bytes in
                do throws(ProtocolError) {
                    try decoder.push(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                } catch { problem = error }
            }
            if let problem { throw problem }
            while let frame = decoder.next() { take(try CoreMessage(frame)) }
            if isStopping { return }
        }
    }

    private func take(_ message: CoreMessage) {
        switch message {
        case .hello: send(.hello(Self.hello))
        case .fetch(let request): open(request)
        case .acknowledge(let number, let item):
            guard let job = jobs[number] else { return }
            job.acknowledge(item)
            advance(job)
        case .cancel(let number, let forGood):
            guard let job = jobs[number] else { return }
            abandon(job)
            if forGood {
                job.leaveHubs()
                advance(job)
            } else {
                job.isCancelled = true
                close(job, with: job.done)
            }
        case .ping(let id): send(.pong(id: id))
        case .shutdown: stop()
        case .normalise(let request): refuse(request.job)
        case .configure(let job, _, _), .search(let job, _, _, _): refuse(job)
        case .deliver(let request): refuse(request.job)
        }
    }

    /// How the plugin introduces itself.
    public static let hello = PluginHello(
        name: "http", version: "0.1.0", roles: [.fetch], settings: HTTPSettings.schema)

    private func refuse(_ job: Int64) {
        send(.failed(FailedJob(job: job, kind: .configuration, message: "the http plugin can only fetch")))
    }

    private func open(_ request: FetchRequest) {
        do throws(FetchFailure) {
            let addresses = try HTTPSettings.addresses(in: request.settings)
            let shared = try settings.settings(request.settings)
            let job = FetchJob(request, shared, addresses, subscribed(request, shared, addresses))
            if jobs.isEmpty { (heartbeat, nextHeartbeat) = (limits.heartbeat, .max) }
            heartbeat = min(heartbeat, job.heartbeat(atMost: limits.heartbeat))
            nextHeartbeat = min(nextHeartbeat, MonotonicClock.milliseconds &+ heartbeat)
            jobs[request.job] = job
            advance(job)
        } catch {
            send(
                .failed(
                    FailedJob(
                        job: request.job, kind: error.kind, message: error.message, remedy: error.remedy,
                        retryAfter: error.retryAfter)))
        }
    }

    // MARK: Frames of a job

    func send(_ message: PluginMessage, body: [UInt8] = []) { output.send(message, body: body) }

    /// Sends what can be sent for a job and queues it where it has more to fetch.
    func advance(_ job: FetchJob) {
        repeat {
            while let outgoing = job.nextItem() {
                engine.held -= outgoing.held
                send(outgoing.message, body: outgoing.body)
                job.lastFrame = MonotonicClock.milliseconds
            }
        } while job.isIdle && job.queueHubRequests()
        engine.held -= job.takeAbandoned()
        if !job.landed.isEmpty { wakeLanded(of: job) }
        if job.isWatching || job.isIdle && watch(job) { return sendNotes(of: job) }
        let ending = job.ending
        sendNotes(of: job)
        if let ending { return close(job, with: ending) }
        if !job.isQueued, job.hasNextTarget {
            job.isQueued = true
            runnable.append(job)
        }
    }

    private func sendNotes(of job: FetchJob) {
        guard !job.notes.isEmpty else { return }
        for note in job.takeNotes() { send(.log(level: .notice, message: note, job: job.request.job)) }
    }

    func close(_ job: FetchJob, with message: PluginMessage) {
        jobs[job.request.job] = nil
        job.isWatching = false
        job.dropUnsettled()
        job.forgetEnds()
        let report = report(of: job)
        if let source = job.subscribed {
            source.watching = nil
            subscriptions?.forget(source)
        }
        let ending = job.splitChanges(of: message)
        while let outgoing = job.nextItem() { send(outgoing.message, body: outgoing.body) }
        switch ending {
        case .done(var done):
            done.report = report
            send(.done(done))
        case .failed(var failed):
            failed.report = report
            send(.failed(failed))
        default: send(message)
        }
    }

    func log(_ failure: FetchFailure, of job: FetchJob) {
        let remedy = failure.remedy.map { "; " + $0 } ?? ""
        send(.log(level: .warning, message: failure.message + remedy, job: job.request.job))
        job.lastFrame = MonotonicClock.milliseconds
    }

    /// Whether the core takes frames fast enough to go on making more.
    var outputHasRoom: Bool { output.pendingBytes < limits.bodies / 4 }

    private func beat() {
        let now = MonotonicClock.milliseconds
        guard !jobs.isEmpty, now >= nextHeartbeat else { return }
        nextHeartbeat = now &+ heartbeat
        for job in jobs.values
        where !job.isWatching && job.lastFrame &+ job.heartbeat(atMost: limits.heartbeat) <= now {
            send(job.progress)
            job.lastFrame = now
        }
    }

    // MARK: The end

    private func stop() {
        isStopping = true
        for job in jobs.values { abandon(job) }
        jobs = [:]
    }

    private func abandon(_ job: FetchJob) {
        let (transfers, bytes) = job.cancel()
        engine.held -= bytes
        for transfer in transfers { release(transfer) }
    }

    /// Gives the core two seconds to take what was begun: a frame cut in the middle is one it can't read.
    private func finishOutput() {
        let end = MonotonicClock.milliseconds &+ 2000
        poll.watch(input, readable: false, writable: false)
        while !output.isEmpty, !output.isBroken {
            let now = MonotonicClock.milliseconds
            guard now < end else { return }
            poll.watch(outputDescriptor, readable: false, writable: true)
            poll.wait(end - now) { _ in }
            output.flush()
        }
    }
}
