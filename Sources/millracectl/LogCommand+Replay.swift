import ArgumentParser
import ControlClient
import JSON
import LogTools
import WriteAheadLog

extension LogCommand {
    /// `millracectl log replay`
    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends documents of a range to a sink again.",
            discussion: """
                The daemon must not run, since two would write to the sink. Only what the sink has had is sent again; what
                it has not had yet the daemon brings by itself. A jsonl sink begins a new file, a sqlite sink keeps newer
                revisions. Exits with 1 when damage was passed over or the sink refused a document.
                """)
        @Option(help: "The daemon's main configuration file, which has the sink.") var config: String
        @Option(help: "The sink's name.") var sink: String
        @OptionGroup var range: LogRangeOptions
        @OptionGroup var log: LogDirectoryOptions

        func run() throws {
            try LogCommand.reading {
                try LogLock.whileHeld(directory: log.path) { try replay() }
            }
        }

        private func replay() throws {
            let sink = try ReplaySink(sink, configuration: config)
            var bar = ProgressBar("replay")
            defer { bar.clear() }
            let cursor = try LogReplay.cursor(of: self.sink, directory: log.path) { bar.show($0, of: $1) }
            var range = range.range
            range.last = min(range.last, max(cursor, sink.position ?? 0))
            let replay = LogReplay(range: range, batchSize: sink.configuration.batchSize)
            let outcome = try replay.run(
                directory: log.path, takes: { sink.configuration.takes(source: $0) },
                progress: { bar.show($0, of: $1) }
            ) { delivery in
                try sink.deliver(
                    delivery.lines, positions: delivery.first...delivery.last, count: delivery.count)
            }
            bar.clear()
            report(outcome, sink, through: range.last)
            if !outcome.faults.isEmpty || !sink.rejected.isEmpty { throw ExitCode(ExitStatus.refused.rawValue) }
        }

        private func report(_ outcome: LogReplay.Outcome, _ sink: ReplaySink, through last: UInt64) {
            for fault in outcome.faults { StandardOutput.complain("passed over: \(fault)") }
            for document in sink.rejected {
                StandardOutput.complain("refused: position \(document.position): \(TerminalText.line(document.reason))")
            }
            if log.json {
                return StandardOutput.writeJSON(
                    JSONValue.object([
                        "sink": .string(sink.configuration.name),
                        "documents": .integer(Int64(outcome.documents - sink.rejected.count)),
                        "rejected": .integer(Int64(sink.rejected.count)),
                        "faults": .integer(Int64(outcome.faults.count)), "last": .integer(Int64(clamping: last)),
                    ]).encoded)
            }
            StandardOutput.write(
                "\(Amounts.counted(outcome.documents - sink.rejected.count, "document")) sent to "
                    + "'\(sink.configuration.name)' again, up to position \(Amounts.grouped(Int(clamping: last)))\n")
        }
    }
}
