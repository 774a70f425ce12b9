import ArgumentParser
import ControlAPI
import ControlClient
import Document
import Glibc
import JSON
import LogTools
import WriteAheadLog

extension LogCommand {
    /// `millracectl log stat`
    struct Stat: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows how much of what a log holds; also while a daemon writes to it.")
        @OptionGroup var log: LogDirectoryOptions

        func run() throws {
            let summary: LogSummary = try LogCommand.reading {
                var bar = ProgressBar("stat")
                defer { bar.clear() }
                return try LogSummary(directory: log.path) { bar.show($0, of: $1) }
            }
            if log.json { return StandardOutput.writeJSON(summary.encoded) }
            StandardOutput.write(page(summary, Style(descriptor: 1)))
        }

        private func page(_ summary: LogSummary, _ style: Style) -> String {
            func size(_ bytes: Int) -> String { Amounts.size(UInt64(max(bytes, 0))) }
            var text = "\(TerminalText.line(log.path)): \(Amounts.counted(summary.segments.count, "segment")), "
            text +=
                "\(size(summary.segments.reduce(0) { $0 + $1.size })), \(Amounts.counted(summary.batches, "batch", "batches"))"
            if let positions = summary.positions, let times = summary.times {
                text +=
                    ", positions \(Amounts.grouped(positions.lowerBound)) to \(Amounts.grouped(positions.upperBound))"
                text += ", \(times.lowerBound) to \(times.upperBound)"
            }
            text += "\n"
            if let snapshot = summary.snapshot {
                text +=
                    "a snapshot of \(size(snapshot.bytes)), good to position \(Amounts.grouped(snapshot.position))\n"
            }
            if summary.tornBytes > 0 {
                text += "\(Amounts.grouped(summary.tornBytes)) bytes at the end that are not acknowledged\n"
            }
            if !summary.faults.isEmpty {
                text += style.apply(.bad, Amounts.counted(summary.faults.count, "fault"))
                text += ", see 'millracectl log verify'\n"
            }
            var kinds = Table(["kind", .number("records"), .number("bytes")])
            for (name, amount) in summary.kinds.sorted(by: { $0.key < $1.key }) {
                kinds.add([.init(name), .init(amount.records), .init(size(amount.bytes))])
            }
            text += "\n" + kinds.render(style)
            let numbers = ["items", "documents", "revisions", "duplicates", "dead letters", "bytes"]
            var sources = Table(["source"] + numbers.map { .number($0) })
            for (name, source) in summary.sources.sorted(by: { $0.key < $1.key }) {
                let counts = [
                    source.items, source.documents, source.revisions, source.duplicates, source.deadLetters,
                ]
                sources.add([.init(name)] + counts.map { .init($0) } + [.init(size(source.bytes))])
            }
            return text + "\n" + sources.render(style)
        }
    }

    /// `millracectl log dump`
    struct Dump: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows segments, batches and records as they are laid out.")
        @OptionGroup var range: LogRangeOptions
        @Option(help: "The most records.") var limit = 100
        @OptionGroup var log: LogDirectoryOptions

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit is 1 or more.") }
        }

        func run() throws {
            let style = Style(descriptor: 1)
            let hasMore = try LogCommand.reading {
                try LogDump.run(directory: log.path, range: range.range, limit: limit) { line in
                    log.json ? StandardOutput.writeJSON(Self.json(line)) : StandardOutput.write(Self.text(line, style))
                }
            }
            if hasMore { StandardOutput.complain("there is more; see --limit and --from") }
        }

        private static func text(_ line: LogDump.Line, _ style: Style) -> String {
            switch line {
            case .segment(let segment):
                let begun = segment.begun.map { "begun \(Timestamp(milliseconds: $0))" } ?? "its header is damaged"
                return style.apply(.heading, TerminalText.line(segment.path))
                    + "  \(begun), \(Amounts.grouped(segment.size)) bytes\n"
            case .batch(let offset, let positions, let bytes, let time, let durable):
                return
                    "  batch at \(offset): positions \(positions.lowerBound) to \(positions.upperBound), \(bytes) bytes, "
                    + "\(time), durable to \(durable)\n"
            case .record(let position, let kind, let bytes, let summary):
                return "    \(position)  \(kind)  \(bytes) bytes  \(TerminalText.line(summary))\n"
            case .fault(let fault):
                return style.apply(.bad, "fault") + "  \(TerminalText.line(fault.description))\n"
            }
        }

        private static func json(_ line: LogDump.Line) -> [UInt8] {
            var writer = JSONWriter()
            writer.beginObject()
            switch line {
            case .segment(let segment):
                writer.member("segment", segment.path)
                writer.member("first", segment.firstPosition)
                writer.member("bytes", segment.size)
                writer.member("begun", segment.begun.map { Timestamp(milliseconds: $0).description })
            case .batch(let offset, let positions, let bytes, let time, let durable):
                writer.member("batch", offset)
                writer.member("first", positions.lowerBound)
                writer.member("last", positions.upperBound)
                writer.member("bytes", bytes)
                writer.member("time", time.description)
                writer.member("durable", durable)
            case .record(let position, let kind, let bytes, let summary):
                writer.member("record", position)
                writer.member("kind", kind)
                writer.member("bytes", bytes)
                writer.member("summary", summary)
            case .fault(let fault):
                writer.member("fault", fault.what)
                writer.member("file", fault.file)
                writer.member("offset", fault.offset)
            }
            writer.endObject()
            return writer.bytes
        }
    }
}
