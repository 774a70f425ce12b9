import Document
import PluginProtocol
import Scheduling

/// Who may ask which host for something, and when.
extension FetchService {
    /// Hosts that are remembered though nobody is at work with them.
    private static let mostHosts = 4096

    /// What is known of the host of an address, as it is reached by a source.
    func host(of address: WebAddress, _ settings: SharedSettings) -> Host {
        let proxy = settings.values.proxy
        let name = proxy.map { "\(address.host) \($0)" } ?? address.host
        if let host = hosts[name] { return host }
        let host = Host(name: name, lane: engine.lane(for: proxy ?? address.host))
        hosts[name] = host
        return host
    }

    /// Seconds from one transfer to the next.
    func spacing(_ address: WebAddress, _ job: FetchJob, _ host: Host) -> Double {
        let delay = job.settings.heedsRobots ? host.robots[job.robotsKey(of: address, at: host)]?.rules.crawlDelay : nil
        return max(delay ?? 0, job.settings.hostInterval)
    }

    /// Queues somebody at a host.
    /// - Parameter time: when it can be tried again, on the monotonic clock; nil: when a transfer there ends.
    func wait(_ waiter: Host.Waiter, at host: Host, until time: UInt64?) {
        if case .job(let job) = waiter { job.isQueued = true }
        host.waiting.append(waiter)
        if let time { schedule(host, at: time) }
    }

    private func schedule(_ host: Host, at time: UInt64) {
        let moment = Timestamp(milliseconds: Int64(clamping: time))
        if hostTimes[host.name].map({ moment < $0 }) ?? true { hostTimes.set(host.name, at: moment) }
    }

    /// When the first host has something to begin, on the monotonic clock.
    var nextHostTime: UInt64? { hostTimes.next.map { UInt64(clamping: $0.milliseconds) } }

    /// Wakes the hosts whose time has come.
    func wakeHosts() {
        guard hostTimes.count > 0 else { return }
        let now = Timestamp(milliseconds: Int64(clamping: MonotonicClock.milliseconds))
        while let name = hostTimes.popDue(by: now) { if let host = hosts[name] { wake(host) } }
    }

    /// A transfer has left the host.
    func leave(_ host: Host) {
        host.active -= 1
        wake(host)
    }

    /// Lets the first of those who wait at a host try again, where they may begin.
    func wake(_ host: Host) {
        let now = MonotonicClock.milliseconds
        var free: Int?
        while let waiter = host.waiting.first {
            let owner: FetchJob?
            switch waiter {
            case .job(let job): owner = job
            case .redirect(let transfer): owner = transfer.owner?.job
            }
            guard let owner else {
                _ = host.waiting.popFirst()
                continue
            }
            let concurrency = owner.settings.maximumConcurrency
            switch host.admission(at: now, concurrency: concurrency) {
            case .begin:
                // With a pause between two only one can begin; the next one's time is known when it has.
                let room = free ?? (owner.settings.hostInterval > 0 ? 1 : max(1, concurrency - host.active))
                guard room > 0 else { return }
                free = room - 1
                dismiss(waiter, from: host)
            case .waitUntil(let time): return schedule(host, at: time)
            case .waitForOthers: return
            case .rests(let milliseconds, _) where milliseconds > limits.patience: dismiss(waiter, from: host)
            case .rests(let milliseconds, _): return schedule(host, at: now &+ milliseconds)
            }
        }
        forget(host)
    }

    /// Lets all who wait at a host try again.
    func wakeAll(_ host: Host) {
        for _ in 0..<host.waiting.count { if let waiter = host.waiting.first { dismiss(waiter, from: host) } }
    }

    private func dismiss(_ waiter: Host.Waiter, from host: Host) {
        _ = host.waiting.popFirst()
        switch waiter {
        case .job(let job):
            job.wokenBy = host
            runnable.append(job)
        case .redirect(let transfer): resumable.append(transfer)
        }
    }

    private func forget(_ host: Host) {
        guard host.isIdle else { return }
        let now = MonotonicClock.milliseconds
        guard host.isRemembered(at: now) else {
            hosts[host.name] = nil
            return
        }
        guard hosts.count > Self.mostHosts else { return }
        // A quarter at once, so that looking for them costs each host a constant.
        let idle = hosts.values.filter(\.isIdle).sorted { $0.lastUse < $1.lastUse }
        for old in idle.prefix(Self.mostHosts / 4) { hosts[old.name] = nil }
    }

    // MARK: robots.txt

    /// Whether an address may be fetched.
    enum Permission {
        case granted
        /// The origin's robots.txt is on its way.
        case asked
        case refused(FetchFailure)
    }

    /// Looks up what robots.txt says of an address, and begins to read it where that is not known.
    func permission(for address: WebAddress, of job: FetchJob, at host: Host) -> Permission {
        guard job.settings.heedsRobots else { return .granted }
        let key = job.robotsKey(of: address, at: host)
        let now = Timestamp.now
        var known = host.robots[key]
        if known?.isCurrent(now) != true, let kept = RobotsRecord(job.request.state[key]),
            known == nil || kept.isCurrent(now)
        {
            known = kept
            host.robots[key] = kept
        }
        guard let record = known, record.isCurrent(now) else {
            // The source's own settings may not reach the host, where another's do.
            if let problem = job.robotsProblems[key] { return .refused(problem) }
            guard host.robotsOnTheWay || readRobots(of: address, for: job, at: host, key) else {
                return .refused(FetchFailure(.transient, "there is no memory for another transfer"))
            }
            return .asked
        }
        if record.read == nil, var failure = record.problem {
            failure.retryAfter = max(
                failure.retryAfter ?? 0, Double(record.expires.milliseconds - now.milliseconds) / 1000)
            return .refused(failure)
        }
        guard record.rules.rules.isEmpty || record.rules.allows(address.requestTarget) else {
            return .refused(
                FetchFailure(
                    .permanent, "robots.txt of \(address.host) does not allow \(address.text)",
                    remedy: "ask the owner, or set robots = false if the host is yours"))
        }
        return .granted
    }

    private func readRobots(of address: WebAddress, for job: FetchJob, at host: Host, _ key: String) -> Bool {
        guard let place = try? WebAddress("/robots.txt", relativeTo: address) else { return false }
        let request = Transfer.Request(
            address: place, named: place, configured: place, shared: SharedSettings(job.settings.forRobots),
            kind: .sitemap,
            limit: RobotsRules.longestFile, truncates: true)
        guard let transfer = engine.start(request, in: host.lane) else { return false }
        host.robotsOnTheWay = true
        host.begins(at: MonotonicClock.milliseconds, spacing: 0)
        transfer.owner = Owner(job: job, host: host, robots: key)
        return true
    }

    /// Takes the end of a transfer that read a robots.txt (RFC 9309, section 2.3.1).
    func finishRobots(_ transfer: Transfer, _ outcome: Outcome, _ key: String, _ owner: Owner, now: Timestamp) {
        if case .goesOn = outcome { return engine.resume(transfer) }
        guard let host = owner.host else { return release(transfer) }
        host.robotsOnTheWay = false
        let status = transfer.head.status
        switch outcome {
        case .content:
            let body = transfer.takeBody()
            engine.held -= body.count
            let fresh = ReturnHints.freshness(transfer.head.headers, now: now) ?? RobotsRecord.lifetime
            let rules = RobotsRules(body, product: owner.job.settings.productToken)
            let expires = now.adding(min(max(fresh, 3600), RobotsRecord.lifetime))
            host.robots[key] = RobotsRecord(rules: rules, read: now, expires: expires)
        case .failure(let failure) where failure.kind == .configuration && status == 0:
            // The source's own settings do not reach the host; another's may.
            owner.job.robotsProblems[key] = failure
        case .failure(let failure) where status == 0 || status == 429 || status >= 500:
            unreadableRobots(key, at: host, failure, status: status, now: now)
        default:
            // Not there, or nothing that can be read: nothing is forbidden.
            host.robots[key] = RobotsRecord(
                rules: RobotsRules(), read: now, expires: now.adding(RobotsRecord.lifetime))
        }
        if let record = host.robots[key], record.read == now { owner.job.remember(record, key) }
        wakeAll(host)
        release(transfer)
    }

    private func unreadableRobots(
        _ key: String, at host: Host, _ failure: FetchFailure, status: Int, now: Timestamp
    ) {
        if let old = host.robots[key], old.isReusable(now) {
            host.robots[key] = RobotsRecord(rules: old.rules, read: old.read, expires: now.adding(3600))
            return
        }
        var problem = failure
        if status > 0 {
            problem.kind = .transient
            problem.remedy = "nothing is fetched until robots.txt can be read; robots = false is for hosts of your own"
        }
        let wait = max(status > 0 ? 300 : 30, min(failure.retryAfter ?? 0, RobotsRecord.lifetime))
        host.robots[key] = RobotsRecord(rules: RobotsRules(), read: nil, expires: now.adding(wait), problem: problem)
    }
}
