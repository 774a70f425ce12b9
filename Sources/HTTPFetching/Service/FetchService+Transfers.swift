import CCurl
import Document
import PluginProtocol

/// Which transfer starts when, and what its end means.
extension FetchService {
    /// Starts as many transfers as the limits allow, in turn for each job.
    func startTransfers() {
        while engine.count < limits.transfers, outputHasRoom, let job = runnable.popFirst() {
            job.isQueued = false
            // The job may have been cancelled, or its window filled, since it was queued.
            guard jobs[job.request.job] === job, let target = job.nextTarget else { continue }
            let host = host(named: target.address.host)
            guard host.active < job.settings.maximumConcurrency else {
                job.isQueued = true
                host.waiting.append(job)
                continue
            }
            let started = job.begin { target in
                let request = Transfer.Request(
                    address: target.address, configured: target.configured, settings: job.settings,
                    kind: target.role == .entry ? .page : job.settings.kind,
                    conditions: target.state.conditions(at: target.address, configured: target.address),
                    limit: job.sizeLimit)
                let transfer = engine.start(request)
                if let transfer { owners[transfer.serial] = (job, host) }
                return transfer
            }
            guard started else {
                let message = "there is no memory for another transfer"
                close(job, with: .failed(FailedJob(job: job.request.job, kind: .transient, message: message)))
                continue
            }
            host.active += 1
            advance(job)
        }
    }

    private func host(named name: String) -> Host {
        if let host = hosts[name] { return host }
        let host = Host(name: name)
        hosts[name] = host
        return host
    }

    /// Lets go of a transfer and lets those go on that waited for it.
    func release(_ transfer: Transfer) {
        engine.release(transfer)
        guard let (_, host) = owners.removeValue(forKey: transfer.serial) else { return }
        host.active -= 1
        for job in host.waiting { runnable.append(job) }
        host.waiting = []
        if host.isIdle { hosts[host.name] = nil }
    }

    /// Takes the end of a transfer.
    func finish(_ transfer: Transfer, _ code: CURLcode) {
        guard let (job, _) = owners[transfer.serial] else { return engine.release(transfer) }
        let now = Timestamp.now
        switch outcome(of: transfer, code, job: job, now: now) {
        case .goesOn: return engine.resume(transfer)
        case .content: engine.held -= job.succeeded(transfer, at: now)
        case .unchanged: job.unchanged(transfer, at: now)
        case .failure(let failure): if job.failed(transfer, failure) { log(failure, of: job) }
        }
        release(transfer)
        advance(job)
    }

    private enum Outcome {
        case goesOn
        case content
        case unchanged
        case failure(FetchFailure)
    }

    private func outcome(of transfer: Transfer, _ code: CURLcode, job: FetchJob, now: Timestamp) -> Outcome {
        let status = transfer.head.status
        // What a redirect or an error page has as a body is not of interest, nor how it ended.
        let bodyWasCut = [CURLE_WRITE_ERROR, CURLE_FILESIZE_EXCEEDED, CURLE_PARTIAL_FILE].contains(code)
        guard code == CURLE_OK || (status >= 300 && bodyWasCut && transfer.violation == nil) else {
            return .failure(FetchFailure(code, of: transfer))
        }
        switch status {
        case 304:
            guard !transfer.request.conditions.isEmpty else {
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

    private func follow(_ transfer: Transfer, to location: String, status: Int, job: FetchJob) -> Outcome {
        let from = transfer.current
        guard transfer.redirects < job.settings.maximumRedirects else {
            return .failure(
                FetchFailure(
                    .permanent,
                    "\(transfer.request.address.text) redirects more than \(job.settings.maximumRedirects) times",
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
        if status == 303 || (status < 303 && method == "POST") { method = "GET" }
        guard method == "GET" || address.origin == from.origin else {
            return .failure(
                FetchFailure(
                    .configuration, "\(from.text) redirects its \(method) to another host, \(address.host)",
                    remedy: "if that is right, set `url` to \(address.text)"))
        }
        if status != 301 && status != 308 { transfer.movedForGood = false }
        transfer.request.conditions = job.state(of: transfer.request.address)
            .conditions(at: address, configured: transfer.request.address)
        transfer.follow(to: address, method: method)
        return .goesOn
    }
}
