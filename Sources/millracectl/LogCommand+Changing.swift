import ArgumentParser
import ControlAPI
import ControlClient
import Glibc
import JSON
import LogTools
import WriteAheadLog

extension LogCommand {
    /// `millracectl log repair`
    struct Repair: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a damaged log whole again; keeps what is whole, and what was there in a directory beside.",
            discussion: """
                The daemon must not run. Records that can't be read any more leave empty ones in their places. With a state
                directory the index is set aside, too, so that what is lost is not taken for known when it comes again.
                """)
        @OptionGroup var log: LogDirectoryOptions

        func run() throws {
            let repair: LogRepair = try LogCommand.reading {
                var bar = ProgressBar("repair")
                defer { bar.clear() }
                return try LogRepair(directory: log.path) { bar.show($0, of: $1) }
            }
            let index = try setIndexAside(repair)
            if log.json { return writeJSON(repair, index) }
            guard let setAside = repair.setAside else { return StandardOutput.write("nothing to repair\n") }
            var text = ""
            for segment in repair.segments {
                for fault in segment.faults { text += "fault  \(TerminalText.line(fault.description))\n" }
                text += "\(TerminalText.line(segment.path)): \(Amounts.grouped(segment.kept)) records kept, "
                text += "\(Amounts.grouped(segment.lost)) lost\n"
            }
            text += "what was there before is in \(TerminalText.line(setAside))\n"
            if let index { text += "the index is now \(TerminalText.line(index)); the next start makes it anew\n" }
            StandardOutput.write(text)
        }

        private func setIndexAside(_ repair: LogRepair) throws -> String? {
            guard let state = log.stateDirectory, let kept = repair.setAside else { return nil }
            let path = "\(state)/index/index.sqlite3"
            guard access(path, F_OK) == 0 else { return nil }
            let target = "\(kept)/index.sqlite3"
            guard rename(path, target) == 0 else {
                throw CommandFailure(
                    .refused,
                    "the log is repaired, but \(path) can't be set aside: \(String(cString: strerror(errno)))",
                    remedy: "remove it before the daemon is started")
            }
            for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
            return target
        }

        private func writeJSON(_ repair: LogRepair, _ index: String?) {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("set_aside", repair.setAside)
            writer.member("index", index)
            writer.key("segments")
            writer.beginArray()
            for segment in repair.segments {
                writer.beginObject()
                writer.member("file", segment.path)
                writer.member("set_aside", segment.setAside)
                writer.member("kept", segment.kept)
                writer.member("lost", segment.lost)
                writer.member("faults", JSONValue.array(segment.faults.map { .string($0.description) }))
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
            StandardOutput.writeJSON(writer.bytes)
        }
    }

    /// `millracectl log export`
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a range of a log as lines of JSON; also while a daemon writes to it.",
            discussion: """
                A document is as a sink gets it. Damage is passed over and named on standard error; the command then exits
                with 1. While a daemon has the log open, what it has not yet made durable is left out.
                """)
        @OptionGroup var range: LogRangeOptions
        @Option(help: "A kind of records: \(LogExport.kindNames.joined(separator: ", ")). May be given again.")
        var kind: [String] = ["document"]
        @Option(help: "The most lines.") var limit = Int.max
        @Option(name: .shortAndLong, help: "The file to write; it must not be there yet.") var output: String?
        @OptionGroup var log: LogDirectoryOptions

        func validate() throws {
            for name in kind where !LogExport.kindNames.contains(name) {
                throw ValidationError("There is no kind '\(name)': \(LogExport.kindNames.joined(separator: ", ")).")
            }
            guard limit > 0 else { throw ValidationError("--limit is 1 or more.") }
        }

        func run() throws {
            var range = range.range
            if let durable = try LogCommand.durable(of: log) { range.last = min(range.last, durable) }
            var descriptor: Int32 = 1
            if let output {
                descriptor = open(output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
                guard descriptor >= 0 else {
                    throw CommandFailure(.refused, "can't make \(output): \(String(cString: strerror(errno)))")
                }
            }
            let export = LogExport(range: range, kinds: Set(kind), limit: limit)
            let isFile = output != nil
            let outcome = try LogCommand.reading {
                var bar = ProgressBar("export")
                defer { bar.clear() }
                return try export.run(directory: log.path, progress: { bar.show($0, of: $1) }) { lines in
                    guard isFile else { return StandardOutput.write(lines) }
                    try Self.write(lines, to: descriptor)
                }
            }
            if isFile, fsync(descriptor) != 0 || close(descriptor) != 0 {
                throw CommandFailure(.refused, "can't write \(output ?? ""): \(String(cString: strerror(errno)))")
            }
            for fault in outcome.faults { StandardOutput.complain("passed over: \(fault)") }
            if !outcome.faults.isEmpty { throw ExitCode(ExitStatus.refused.rawValue) }
        }

        private static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    throw CommandFailure(.refused, "can't write: \(String(cString: strerror(errno)))")
                }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Up to where a daemon that has this log open calls it durable; nil where none has.
    static func durable(of log: LogDirectoryOptions) throws -> UInt64? {
        guard try reading({ try LogLock.isHeld(directory: log.path) }) else { return nil }
        if let path = try? ControlSocket.locate(log.socket ?? log.stateDirectory.map { "\($0)/run/control.sock" }),
            let connection = try? ControlConnection(socket: path),
            let body = try? connection.answer(to: ControlRequest("GET", "status")),
            let status: DaemonStatus = try? ControlConnection.read(body),
            let state = status.stateDirectory, isSame("\(state)/log", log.path)
        {
            return UInt64(clamping: status.log.durable)
        }
        // Each batch says up to where the log was durable when it was written.
        return try reading { try LogLock.provenDurable(directory: log.path) }
    }

    private static func isSame(_ one: String, _ other: String) -> Bool {
        var first = stat()
        var second = stat()
        return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_ino == second.st_ino
            && first.st_dev == second.st_dev
    }
}
