import CCurl
import Document
import PluginProtocol

/// Which transfer starts when, and what its end means.
extension FetchService {
    /// Whose a transfer is, and the host whose slot it has; none while it waits there.
    struct Owner {
        var job: FetchJob
        var host: Host?
        /// Set where the transfer reads a robots.txt: the key of what it says.
        var robots: String?
    }

    /// Starts as many transfers as the limits allow, in turn for each job.
    func startTransfers() {
        wakeHosts()
        repeat {
            while let transfer = resumable.popFirst() { if transfer.owner != nil { hop(transfer) } }
            while engine.count < limits.transfers, outputHasRoom, let job = runnable.popFirst() {
                job.isQueued = false
                let woken = job.wokenBy
                job.wokenBy = nil
                // The job may have been cancelled, or its window filled, since it was queued.
                if jobs[job.request.job] === job, let target = job.nextTarget {
                    start(target, of: job)
                } else if let woken {
                    wake(woken)
                }
            }
        } while !resumable.isEmpty
    }

    private func start(_ target: FetchTarget, of job: FetchJob) {
        let host = host(of: target.start, job.shared)
        let now = MonotonicClock.milliseconds
        switch host.admission(at: now, concurrency: job.settings.maximumConcurrency) {
        case .begin: break
        case .rests(let milliseconds, let reason) where milliseconds > limits.patience:
            return give(up: job, postponed(target.start, milliseconds, reason))
        case .rests(let milliseconds, _): return wait(.job(job), at: host, until: now &+ milliseconds)
        case .waitUntil(let time): return standInLine(job, at: host, target.start, until: time)
        case .waitForOthers: return standInLine(job, at: host, target.start, until: nil)
        }
        switch target.hubRequest == nil ? permission(for: target.start, of: job, at: host) : .granted {
        case .granted: break
        case .asked: return wait(.job(job), at: host, until: nil)
        case .refused(let failure): return give(up: job, failure)
        }
        let started = job.begin { target in
            let request = Transfer.Request(
                address: target.start, named: target.address, configured: target.configured,
                shared: target.hubRequest.map { SharedSettings(job.settings.forHub($0)) }
                    ?? (target.isAsConfigured ? job.shared : job.shared.forFollowing),
                kind: target.kind(of: job.shared),
                limit: job.sizeLimit(of: target), jar: job.jar)
            let conditions = target.state.conditions(at: target.start, configured: target.address)
            let transfer = engine.start(request, conditions: conditions, in: host.lane)
            transfer?.owner = Owner(job: job, host: host)
            return transfer
        }
        guard started else {
            let message = "there is no memory for another transfer"
            return close(job, with: .failed(FailedJob(job: job.request.job, kind: .transient, message: message)))
        }
        host.begins(at: now, spacing: spacing(target.start, job, host))
        advance(job)
    }

    /// Lets a job wait for its turn at a host, or come again later where too many wait: the core opens only so many jobs at a
    /// time, and those for other hosts need a place.
    private func standInLine(_ job: FetchJob, at host: Host, _ address: WebAddress, until time: UInt64?) {
        let spacing = spacing(address, job, host)
        guard job.total == 1, host.line(spacing: spacing) > limits.patience else {
            return wait(.job(job), at: host, until: time)
        }
        let milliseconds = host.putOff(at: MonotonicClock.milliseconds, spacing: spacing)
        give(up: job, postponed(address, milliseconds, "\(host.waiting.count) others wait for their turn there"))
    }

    /// Ends the next address of a job without a transfer.
    private func give(up job: FetchJob, _ failure: FetchFailure) {
        if let target = job.nextTarget { job.note(host(of: target.start, job.shared)) }
        if job.giveUpNext(failure) { log(failure, of: job) }
        advance(job)
    }

    private func postponed(_ address: WebAddress, _ milliseconds: UInt64, _ reason: String) -> FetchFailure {
        FetchFailure(
            .postponed, "\(address.host) is left alone for \((milliseconds + 999) / 1000) s: \(reason)",
            retryAfter: Double(milliseconds) / 1000)
    }

    /// Lets go of a transfer and lets those go on that waited for it.
    func release(_ transfer: Transfer) {
        engine.release(transfer)
        let host = transfer.owner?.host
        transfer.owner = nil
        guard let host else { return }
        leave(host)
    }

    /// Takes the end of a transfer.
    func finish(_ transfer: Transfer, _ code: CURLcode) {
        guard let owner = transfer.owner else { return engine.release(transfer) }
        if transfer.takesLookedUp() { return engine.resume(transfer) }
        let now = Timestamp.now
        let job = owner.job
        transfer.request.jar?.update(from: transfer.handle)
        let fault = owner.robots == nil ? archive(transfer, code, of: job, at: now) : nil
        let outcome = fault.map { Outcome.failure($0) } ?? outcome(of: transfer, code, job: job, now: now)
        if let host = owner.host { note(outcome, of: transfer, code, at: host, now: now) }
        if owner.robots == nil { job.note(answerOf: transfer, from: owner.host) }
        if let key = owner.robots { return finishRobots(transfer, outcome, key, owner, now: now) }
        switch outcome {
        case .goesOn: return hop(transfer)
        case .content: engine.held -= job.succeeded(transfer, at: now)
        case .unchanged: job.unchanged(transfer, at: now)
        case .failure(let failure): if job.failed(transfer, failure) { log(failure, of: job) }
        }
        job.saveCookies()
        release(transfer)
        advance(job)
    }

    /// Keeps an answer where its source wants that.
    /// - Returns: why that can't be.
    private func archive(
        _ transfer: Transfer, _ code: CURLcode, of job: FetchJob, at now: Timestamp
    ) -> FetchFailure? {
        guard let settings = job.settings.archive, isUsable(transfer, code), transfer.violation == nil else {
            return nil
        }
        let archive = archives[settings] ?? Archive(directory: settings.directory, rotation: settings.rotation)
        archives[settings] = archive
        do throws(Archive.Fault) {
            let before = job.state(of: transfer.request.named).archived
            try archive.write(transfer.archiveRecords(at: now, before: before, isWhole: code == CURLE_OK))
            return nil
        } catch {
            return FetchFailure(
                .transient, "the archive can't be written: \(error.what)",
                remedy: "make room, and look whether `archive_directory` is there and may be written to")
        }
    }

    enum Outcome {
        case goesOn
        case content
        case unchanged
        case failure(FetchFailure)
    }

    /// Whether there is an answer. What a redirect, an error page or a hub has as a body is not of interest, nor how it ended.
    private func isUsable(_ transfer: Transfer, _ code: CURLcode) -> Bool {
        if code == CURLE_OK || transfer.isTruncated { return true }
        let bodyWasCut =
            [CURLE_WRITE_ERROR, CURLE_FILESIZE_EXCEEDED, CURLE_PARTIAL_FILE, CURLE_ABORTED_BY_CALLBACK].contains(code)
        return bodyWasCut && transfer.ignoresBody
    }

    private func outcome(of transfer: Transfer, _ code: CURLcode, job: FetchJob, now: Timestamp) -> Outcome {
        let status = transfer.head.status
        guard isUsable(transfer, code), transfer.violation == nil else {
            return .failure(FetchFailure(code, of: transfer))
        }
        switch status {
        case 304:
            guard !transfer.conditions.isEmpty else {
                return .failure(FetchFailure(status: status, of: transfer, now: now))
            }
            return .unchanged
        // Nothing there, and nothing wrong.
        case 204, 205: return .unchanged
        case 301, 302, 303, 307, 308:
            guard let location = transfer.head.headers["location"] else {
                return .failure(FetchFailure(status: status, of: transfer, now: now))
            }
            return follow(transfer, to: location, status: status, job: job)
        case 200..<300: return .content
        default: return .failure(FetchFailure(status: status, of: transfer, now: now))
        }
    }

    /// What the end of a transfer says of its host.
    private func note(_ outcome: Outcome, of transfer: Transfer, _ code: CURLcode, at host: Host, now: Timestamp) {
        let time = MonotonicClock.milliseconds
        let status = transfer.head.status
        let place = transfer.request.address.host
        if case .failure(let failure) = outcome, status == 429 || status == 503 {
            host.overloaded(at: time, seconds: failure.retryAfter, because: "it answered \(status)")
        } else if case .failure(let failure) = outcome, failure.kind == .transient, status >= 500 || status == 0 {
            let reason = "\(place) failed \(host.failures + 1) times in a row, the last time: \(failure.message)"
            host.failed(at: time, because: reason)
        } else if status > 0 {
            return host.answered()
        }
        // Those who wait hear of a rest now.
        if host.rest != nil { wakeAll(host) }
    }

    private func follow(_ transfer: Transfer, to location: String, status: Int, job: FetchJob) -> Outcome {
        let from = transfer.current
        let most = transfer.request.settings.maximumRedirects
        guard transfer.redirects < most else {
            return .failure(
                FetchFailure(
                    .permanent, "\(transfer.request.address.text) redirects more than \(most) times",
                    remedy: "check `url` for a loop, or raise `max_redirects`"))
        }
        let address: WebAddress
        do { address = try WebAddress(location, relativeTo: from) } catch {
            let why =
                switch error {
                case .unsupportedScheme(let scheme): "the unsupported protocol '\(scheme.prefix(20))'"
                case .malformed(let reason): "an address that can't be read: \(reason)"
                }
            return .failure(
                FetchFailure(.permanent, "\(from.text) redirects to \(why)", remedy: "check `url` in a browser"))
        }
        var method = transfer.method
        if transfer.request.settings.isForHub {
            // Only these keep the request (RFC 9110, section 15.4); what it holds is not sent on in the clear.
            guard status == 307 || status == 308, from.scheme == "http" || address.scheme == "https" else {
                return .failure(
                    FetchFailure(.permanent, "\(from.text) redirects its POST by \(status) to \(address.text)"))
            }
            if status != 308 { transfer.movedForGood = false }
            transfer.follow(to: address, method: method)
            return .goesOn
        }
        if status == 303 || (status < 303 && method == "POST") { method = "GET" }
        guard method == "GET" || address.origin == from.origin else {
            return .failure(
                FetchFailure(
                    .configuration, "\(from.text) redirects its \(method) to another host, \(address.host)",
                    remedy: "if that is right, set `url` to \(address.text)"))
        }
        if status != 301 && status != 308 { transfer.movedForGood = false }
        let named = transfer.request.named
        transfer.conditions = job.state(of: named).conditions(at: address, configured: named)
        transfer.follow(to: address, method: method)
        return .goesOn
    }

    /// Sends a transfer to where a redirect leads it, or lets it wait there.
    func hop(_ transfer: Transfer) {
        guard var owner = transfer.owner else { return engine.release(transfer) }
        let job = owner.job
        let host = host(of: transfer.current, job.shared)
        let now = MonotonicClock.milliseconds
        func give(up failure: FetchFailure) {
            if job.failed(transfer, failure) { log(failure, of: job) }
            release(transfer)
            advance(job)
        }
        func park(until time: UInt64?) {
            transfer.owner?.host = nil
            if let old = owner.host { leave(old) }
            transfer.parked = now
            wait(.redirect(transfer), at: host, until: time)
        }
        if owner.host !== host {
            switch host.admission(at: now, concurrency: job.settings.maximumConcurrency) {
            case .begin: break
            case .rests(let milliseconds, let reason) where milliseconds > limits.patience:
                return give(up: postponed(transfer.current, milliseconds, reason))
            case .rests(let milliseconds, _): return park(until: now &+ milliseconds)
            case .waitUntil(let time): return park(until: time)
            case .waitForOthers: return park(until: nil)
            }
        }
        let needsPermission = transfer.request.settings.heedsRobots
        switch needsPermission ? permission(for: transfer.current, of: job, at: host) : .granted {
        case .granted: break
        case .asked: return park(until: nil)
        case .refused(let failure): return give(up: failure)
        }
        if owner.host !== host {
            let old = owner.host
            owner.host = host
            transfer.owner = owner
            transfer.lane = host.lane
            host.begins(at: now, spacing: spacing(transfer.current, job, host))
            if let old { leave(old) }
        }
        if let parked = transfer.parked {
            transfer.parked = nil
            transfer.renew(waited: now &- parked)
        }
        engine.resume(transfer)
    }
}
