import ArgumentParser
import ControlClient
import Glibc
import JSON
import WriteAheadLog

/// `millracectl log …`
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Works on a log without a daemon.", subcommands: [Verify.self])

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads a whole log, checks every byte of it, and changes nothing.",
            discussion: "Exits with 1 when the log is damaged.")
        @Flag(help: "Print one JSON object.") var json = false
        @Option(help: .hidden) var socket: String?
        @Argument(help: "The log's directory, or the state directory that holds it.") var directory: String

        func run() throws {
            let inner = directory + "/log"
            let path = access(inner, F_OK) == 0 ? inner : directory
            let found: LogVerification
            do { found = try LogVerification(directory: path) } catch {
                throw CommandFailure(.refused, error.what, remedy: error.remedy)
            }
            if json { writeJSON(found, path) } else { StandardOutput.write(page(found, path)) }
            if !found.faults.isEmpty { throw ExitCode(ExitStatus.refused.rawValue) }
        }

        private func page(_ found: LogVerification, _ path: String) -> String {
            let style = Style(descriptor: 1)
            var text = TerminalText.line(path) + ": "
            text += found.faults.isEmpty ? style.apply(.good, "sound") : style.apply(.bad, "damaged")
            text += "\n\(Amounts.grouped(found.segments)) segments, \(Amounts.grouped(found.batches)) batches, "
            text += "\(Amounts.grouped(found.records)) records, \(Amounts.size(UInt64(max(found.bytes, 0))))"
            if let first = found.first, let last = found.last {
                text += ", positions \(Amounts.grouped(first)) to \(Amounts.grouped(last))"
            }
            text += "\n"
            if found.tornBytes > 0 {
                text += "\(Amounts.grouped(found.tornBytes)) bytes at the end were never acknowledged\n"
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
