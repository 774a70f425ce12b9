import ArgumentParser
import ControlClient
import Glibc
import JSON
import WriteAheadLog

/// `millracectl log …`
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Looks into a log, checks, repairs, exports and replays it; needs no daemon.",
        subcommands: [Stat.self, Dump.self, Verify.self, Repair.self, Export.self, Replay.self])

    /// Runs something that reads a log, with what goes wrong in the words of commands.
    static func reading<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as LogError {
            throw CommandFailure(.refused, error.what, remedy: error.remedy)
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads a whole log, checks every byte of it, and changes nothing.",
            discussion: "Exits with 1 when the log is damaged.")
        @OptionGroup var log: LogDirectoryOptions

        func run() throws {
            let path = log.path
            let found: LogVerification = try LogCommand.reading {
                var bar = ProgressBar("verify")
                defer { bar.clear() }
                let isHeld = try LogLock.isHeld(directory: path)
                return try LogVerification(directory: path, besideWriter: isHeld) { bar.show($0, of: $1) }
            }
            if log.json { writeJSON(found, path) } else { StandardOutput.write(page(found, path)) }
            if !found.faults.isEmpty { throw ExitCode(ExitStatus.refused.rawValue) }
        }

        private func page(_ found: LogVerification, _ path: String) -> String {
            let style = Style(descriptor: 1)
            var text = TerminalText.line(path) + ": "
            text += found.faults.isEmpty ? style.apply(.good, "sound") : style.apply(.bad, "damaged")
            text += "\n\(Amounts.counted(found.segments, "segment")), "
            text += "\(Amounts.counted(found.batches, "batch", "batches")), "
            text += "\(Amounts.counted(found.records, "record")), \(Amounts.size(UInt64(max(found.bytes, 0))))"
            if let first = found.first, let last = found.last {
                text += ", positions \(Amounts.grouped(first)) to \(Amounts.grouped(last))"
            }
            text += "\n"
            if let snapshot = found.snapshot {
                text += "a snapshot of \(Amounts.counted(snapshot.records.values.reduce(0, +), "record")), "
                text +=
                    "\(Amounts.size(UInt64(snapshot.bytes))), good to position \(Amounts.grouped(snapshot.position))\n"
            }
            if found.tornBytes > 0 {
                text += "\(Amounts.counted(found.tornBytes, "byte")) at the end were never acknowledged\n"
            }
            for fault in found.faults {
                text += style.apply(.bad, "fault") + "  \(TerminalText.line(fault.file)) at byte \(fault.offset): "
                text += TerminalText.line(fault.what) + "\n"
            }
            return text
        }

        private func writeJSON(_ found: LogVerification, _ path: String) {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("directory", path)
            writer.member("sound", found.faults.isEmpty)
            writer.member("segments", found.segments)
            writer.member("batches", found.batches)
            writer.member("records", found.records)
            writer.member("bytes", found.bytes)
            writer.member("first", found.first)
            writer.member("last", found.last)
            writer.member("torn_bytes", found.tornBytes)
            writer.member("snapshot", found.snapshot?.position)
            writer.key("faults")
            writer.beginArray()
            for fault in found.faults {
                writer.beginObject()
                writer.member("file", fault.file)
                writer.member("offset", fault.offset)
                writer.member("what", fault.what)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
            StandardOutput.writeJSON(writer.bytes)
        }
    }
}
