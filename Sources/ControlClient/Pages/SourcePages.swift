import ControlAPI
import Document
import JSON

/// Sources for people.
public enum SourcePages {
    /// All sources, one a line.
    public static func table(_ sources: [SourceStatus], _ style: Style, now: Timestamp = .now) -> String {
        guard !sources.isEmpty else { return "There are no sources: add a file to sources.d and reload.\n" }
        var table = Table([
            "source", "plugin", "state", "schedule", "last run", "next run", .number("records"), .number("dead"),
            "last error",
        ])
        for source in sources {
            table.add([
                .init(source.name), .init(source.plugin), .init(source.state, Style.role(ofState: source.state)),
                .init(source.schedule ?? "-"), .init(Amounts.relative(source.lastRun, to: now)),
                .init(Amounts.relative(source.nextRun, to: now)), .init(source.counts.records),
                .init(source.counts.deadLetters, source.counts.deadLetters > 0 ? .bad : nil),
                .init(source.lastError?.what ?? "-"),
            ])
        }
        return table.render(style)
    }

    /// One source, in full.
    public static func page(_ detail: SourceDetail, _ style: Style, now: Timestamp = .now) -> String {
        let source = detail.source
        var page = line(source, style)
        if let file = detail.file, !file.isEmpty {
            page += "configured    \(TerminalText.line(file))\(detail.line.map { ":\($0)" } ?? "")\n"
        }
        page += "schedule      \(TerminalText.line(source.schedule ?? "on demand"))\n"
        page += "last run      \(Amounts.relative(source.lastRun, to: now)), "
        page += "last success \(Amounts.relative(source.lastSuccess, to: now)), "
        page += "next run \(Amounts.relative(source.nextRun, to: now))"
        page += reason(source).map { ": \($0)\n" } ?? "\n"
        page += "items         \(CountsLine.items(source.counts))\n"
        page += "records       \(CountsLine.records(source.counts, style))\n"
        page += met(detail.report)
        page += subscriptions(detail.report, now)
        page += "state         \(detail.stateKeys) key\(detail.stateKeys == 1 ? "" : "s")\n"
        if let fault = source.lastError {
            page += style.apply(.bad, "last error    ") + TerminalText.line(fault.what)
            page += fault.time.map { " (\(Amounts.relative($0, to: now)))" } ?? ""
            page += source.failures > 1 ? ", \(source.failures) failures in a row\n" : "\n"
            if let remedy = fault.remedy { page += "remedy        \(TerminalText.line(remedy))\n" }
        }
        if let settings = detail.settings.object, !settings.isEmpty {
            page += "\nsettings\n"
            for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
                page += "  \(TerminalText.line(name)) = \(TerminalText.line(value.description))\n"
            }
        }
        if !detail.deadLetters.isEmpty { page += "\n" + DeadLetterPages.table(detail.deadLetters, style, now: now) }
        return page
    }

    /// Why a source runs when it does, in words.
    private static func reason(_ source: SourceStatus) -> String? {
        switch source.nextRunReason {
        case "overdue": "its time has come"
        case "interval", "cron": "its schedule"
        case "learned": "how often it was found to change"
        case "failure": "the wait after \(source.failures) failure\(source.failures == 1 ? "" : "s") in a row"
        case "postponed": "its host wants to be left alone"
        case "fresh": "the source says that nothing new comes earlier"
        case "quiet": "the source names hours or days without news"
        case "watch": "it is begun again whenever it ends"
        default: nil
        }
    }

    /// Answers by status, bytes, and how its hosts are.
    private static func met(_ report: JSONValue?) -> String {
        var page = ""
        let answers = (report?["answers"]?.object ?? [:]).sorted { $0.key < $1.key }
        if !answers.isEmpty {
            let counts = answers.map { "\(TerminalText.line($0.key)): \(Amounts.grouped($0.value.integer ?? 0))" }
            let bytes = UInt64(clamping: report?["bytes"]?.integer ?? 0)
            page += "answers       \(counts.joined(separator: ", ")), \(Amounts.size(bytes))\n"
        }
        // Such an answer has no records that could be counted as unchanged.
        if let count = report?["answers"]?["304"]?.integer, count > 0 {
            page +=
                "not modified  \(Amounts.grouped(count)) answer\(count == 1 ? "" : "s") without anything new (304)\n"
        }
        for (host, words) in (report?["hosts"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            page += "host          \(TerminalText.line(host)): \(TerminalText.line(words.string ?? ""))\n"
        }
        return page
    }

    /// What hubs bring, and until when.
    private static func subscriptions(_ report: JSONValue?, _ now: Timestamp) -> String {
        var page = ""
        for (address, about) in (report?["subscriptions"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            func time(_ name: String) -> String? {
                about[name]?.string.flatMap { Timestamp(rfc3339: $0) }.map { Amounts.relative($0, to: now) }
            }
            let hub = TerminalText.line(about["hub"]?.string ?? "its hub")
            page += "push          \(TerminalText.line(address))\n              "
            switch about["state"]?.string {
            case "live":
                page += "\(hub) brings what is new, lease ends \(time("lease_end") ?? "-")"
                page += ", last push \(time("last_push") ?? "never")"
                if let poll = time("next_poll") { page += ", looked at again \(poll)" }
            case "requested": page += "\(hub) was asked and has not confirmed it yet"
            default: page += "\(hub) brings nothing: it is polled"
            }
            let (received, ignored) = (about["received"]?.integer ?? 0, about["ignored"]?.integer ?? 0)
            if received > 0 { page += ", \(Amounts.grouped(received)) push\(received == 1 ? "" : "es")" }
            if ignored > 0 { page += ", \(Amounts.grouped(ignored)) without the right signature" }
            if let problem = about["problem"]?.string { page += "; \(TerminalText.line(problem))" }
            page += "\n"
        }
        return page
    }

    /// One source in one line.
    public static func line(_ source: SourceStatus, _ style: Style) -> String {
        style.apply(.heading, TerminalText.line(source.name)) + "  \(TerminalText.line(source.plugin))  "
            + style.apply(Style.role(ofState: source.state), TerminalText.line(source.state)) + "\n"
    }
}

/// Sinks for people.
public enum SinkPages {
    /// All sinks, one a line.
    public static func table(_ sinks: [SinkStatus], _ style: Style) -> String {
        guard !sinks.isEmpty else { return "There are no sinks: add a [[sink]] to millrace.toml and reload.\n" }
        var table = Table([
            "sink", "plugin", "state", .number("position"), .number("lag"), .number("delivered"), .number("rejected"),
            "last error",
        ])
        for sink in sinks {
            table.add([
                .init(sink.name), .init(sink.plugin), .init(sink.state, Style.role(ofState: sink.state)),
                .init(sink.position), .init(sink.lag), .init(sink.delivered),
                .init(sink.rejected, sink.rejected > 0 ? .bad : nil), .init(sink.lastError?.what ?? "-"),
            ])
        }
        return table.render(style)
    }
}
