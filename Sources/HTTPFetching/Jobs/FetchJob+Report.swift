import Document
import PluginProtocol

/// What a job tells of its way.
extension FetchJob {
    /// Hosts of one job that are told of.
    private static let mostHosts = 10

    /// Notes the end of a transfer.
    func note(answerOf transfer: Transfer, from host: Host?) {
        let status = transfer.head.status
        if status > 0 { report.answers.add(status) }
        report.bytes += Int64(transfer.received)
        if let host { note(host) }
    }

    /// Notes a host that was asked, or was to be.
    func note(_ host: Host) {
        if hosts.count < Self.mostHosts, !hosts.contains(where: { $0 === host }) { hosts.append(host) }
    }

    /// The report, with how the hosts are now.
    func finishedReport(at now: UInt64) -> FetchReport {
        for host in hosts { report.hosts[host.shownName] = host.words(at: now) }
        return report
    }
}

extension Host {
    /// How it is, in words.
    fileprivate func words(at now: UInt64) -> String {
        if let rest, rest.until > now {
            // A moment stays true until somebody looks.
            let end = Timestamp.now.adding(Double(rest.until - now) / 1000)
            return "left alone until \(end): \(rest.reason)"
        }
        return (failures > 1 ? "failed \(failures) times in a row" : failures == 1 ? "failed once" : "answers")
            + whatRobotsSay
    }

    private var whatRobotsSay: String {
        if let robotsWords { return robotsWords }
        var words = ""
        if let delay = robots.values.lazy.compactMap(\.rules.crawlDelay).max() { words += ", Crawl-delay \(delay) s" }
        if robots.values.contains(where: { $0.read == nil }) { words += ", its robots.txt can't be read" }
        robotsWords = words
        return words
    }
}
