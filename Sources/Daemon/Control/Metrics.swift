import Glibc

/// The counts in Prometheus' text format (version 0.0.4).
enum Metrics {
    static func answer(_ parts: DaemonParts) async throws -> ControlAnswer {
        let entries = await parts.keeper.entries.all.sorted { $0.source.name < $1.source.name }
        let statistics = parts.log.statistics
        var text = ""
        func gauge(_ name: String, _ help: String, _ type: String, _ samples: [(labels: String, value: Int)]) {
            text += "# HELP millrace_\(name) \(help)\n# TYPE millrace_\(name) \(type)\n"
            for sample in samples { text += "millrace_\(name)\(sample.labels) \(sample.value)\n" }
        }
        gauge(
            "items_total", "Items that came in.", "counter",
            entries.map {
                ("{source=\"\($0.source.name)\"}", $0.outcomes.items + $0.inFlight)
            })
        gauge(
            "items_in_flight", "Items that have not ended.", "gauge",
            entries.map { ("{source=\"\($0.source.name)\"}", $0.inFlight) })
        var records: [(labels: String, value: Int)] = []
        for entry in entries {
            let (name, outcomes) = (entry.source.name, entry.outcomes)
            for (outcome, value) in [
                ("new", outcomes.new), ("revised", outcomes.revised), ("unchanged", outcomes.unchanged),
                ("duplicate", outcomes.duplicates), ("dead_letter", outcomes.deadLetters),
            ] { records.append(("{source=\"\(name)\",outcome=\"\(outcome)\"}", value)) }
        }
        gauge("records_total", "Records by what became of them.", "counter", records)
        gauge("log_last_position", "The newest record's position.", "gauge", [("", Int(clamping: statistics.last))])
        gauge("log_bytes", "Bytes of the log in use.", "gauge", [("", statistics.bytes)])
        gauge("log_syncs_total", "Syncs since the start.", "counter", [("", statistics.syncs)])
        gauge(
            "sink_position", "The position up to which a sink has delivered.", "gauge",
            parts.sinks.all.map {
                ("{sink=\"\($0.configuration.name)\"}", Int(clamping: $0.status.cursor.position))
            })
        gauge(
            "sink_documents_total", "Documents that a sink has delivered.", "counter",
            parts.sinks.all.map {
                ("{sink=\"\($0.configuration.name)\"}", $0.status.cursor.delivered)
            })
        gauge(
            "process_restarts_total", "How often a process was started again.", "counter",
            parts.board.all.map {
                ("{process=\"\($0.name)\"}", $0.restarts)
            })
        gauge(
            "process_resident_bytes", "Resident memory.", "gauge",
            [("{process=\"millraced\"}", ResidentMemory.bytes(of: getpid()) ?? 0)]
                + parts.board.all.compactMap { process in
                    process.identifier.flatMap { ResidentMemory.bytes(of: $0) }.map {
                        ("{process=\"\(process.name)\"}", $0)
                    }
                })
        return ControlAnswer(contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(text.utf8))
    }
}
