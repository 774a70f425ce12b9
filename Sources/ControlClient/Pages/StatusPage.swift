import ControlAPI
import Document

/// The daemon's status as a page for people.
public enum StatusPage {
    /// Renders the whole page.
    public static func render(_ status: DaemonStatus, _ style: Style, now: Timestamp = .now) -> String {
        var page = ""
        let state = TerminalText.line(status.state)
        page += style.apply(.heading, "millraced \(TerminalText.line(status.version))") + "  "
        page += style.apply(Style.role(ofState: status.state), state)
        page += "  process \(status.pid), started \(Amounts.relative(status.started, to: now))\n"
        if let file = status.configuration.file {
            page += "configuration  \(TerminalText.line(file)), "
            page += "read \(Amounts.relative(status.configuration.loaded, to: now))\n"
        }
        if let directory = status.stateDirectory { page += "state          \(TerminalText.line(directory))\n" }
        page += "log            \(log(status.log, style))\n"
        page += "items          \(CountsLine.items(status.counts))\n"
        page += "records        \(CountsLine.records(status.counts, style))\n"
        page += "sources        \(totals(status.sources, style))\n"
        if !status.sources.insecure.isEmpty {
            page += style.apply(.warning, "insecure       ") + insecure(status.sources.insecure) + "\n"
        }
        for problem in status.configuration.problems {
            page += style.apply(.bad, "problem        ") + TerminalText.line(problem) + "\n"
        }
        if !status.sinks.isEmpty { page += "\n" + SinkPages.table(status.sinks, style) }
        if !status.processes.isEmpty { page += "\n" + processes(status.processes, style, now) }
        return page
    }

    private static func log(_ log: LogStatus, _ style: Style) -> String {
        var text = style.apply(Style.role(ofState: log.state), TerminalText.line(log.state))
        if let reason = log.reason { text += " (\(TerminalText.line(reason)))" }
        if log.last > 0 {
            text += ", positions \(Amounts.grouped(log.first)) to \(Amounts.grouped(log.last))"
            text += log.durable >= log.last ? ", all synced" : ", synced up to \(Amounts.grouped(log.durable))"
        } else {
            text += ", empty"
        }
        text += ", \(Amounts.size(log.bytes)) in \(log.segments) segment\(log.segments == 1 ? "" : "s")"
        return text + ", sync \(TerminalText.line(log.sync))"
    }

    private static func totals(_ sources: SourceTotals, _ style: Style) -> String {
        var text = Amounts.grouped(sources.total)
        let parts: [(Int64, String)] = [
            (sources.running, "running"), (sources.watching, "watching"), (sources.waiting, "waiting"),
            (sources.paused, "paused"), (sources.failing, "failing"),
        ]
        for (count, name) in parts where count > 0 {
            text += ", " + style.apply(Style.role(ofState: name), "\(Amounts.grouped(count)) \(name)")
        }
        return text
    }

    /// Which sources take any certificate.
    private static func insecure(_ names: [String]) -> String {
        let shown = names.prefix(10).map { TerminalText.line($0) }.joined(separator: ", ")
        return "certificates are not verified for \(shown)" + (names.count > 10 ? " and \(names.count - 10) more" : "")
    }

    private static func processes(_ processes: [ProcessStatus], _ style: Style, _ now: Timestamp) -> String {
        var table = Table([
            "process", .number("pid"), "state", "since", .number("memory"), .number("restarts"), "last exit",
        ])
        for process in processes {
            table.add([
                .init(process.name), .init(process.pid.map(String.init) ?? "-"),
                .init(process.state, Style.role(ofState: process.state)),
                .init(Amounts.relative(process.since, to: now)),
                .init(process.resident.map(Amounts.size) ?? "-"),
                .init(process.restarts, process.restarts > 0 ? .warning : nil), .init(process.lastExit ?? "-"),
            ])
        }
        return table.render(style)
    }
}

/// Counts in one line of words.
public enum CountsLine {
    /// What was handed over.
    static func items(_ counts: Counts) -> String {
        Amounts.grouped(counts.items) + (counts.inFlight > 0 ? ", \(Amounts.grouped(counts.inFlight)) in flight" : "")
    }

    /// What became of the records.
    public static func records(_ counts: Counts, _ style: Style) -> String {
        var text = "\(Amounts.grouped(counts.records)): \(Amounts.grouped(counts.new)) new"
        let parts: [(Int64, String, Style.Role?)] = [
            (counts.revised, "revised", nil), (counts.unchanged, "unchanged", nil),
            (counts.duplicates, counts.duplicates == 1 ? "duplicate" : "duplicates", nil),
            (counts.deadLetters, counts.deadLetters == 1 ? "dead letter" : "dead letters", .bad),
        ]
        for (count, name, role) in parts where count > 0 {
            text += ", " + style.apply(role, "\(Amounts.grouped(count)) \(name)")
        }
        return text
    }
}
