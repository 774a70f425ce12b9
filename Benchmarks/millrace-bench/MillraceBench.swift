import ArgumentParser
import Glibc
import JSON

/// Measures Millrace; each subcommand prints one JSON object.
@main
struct MillraceBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "millrace-bench", abstract: "Measures Millrace; each subcommand prints one JSON object.",
        subcommands: [
            IngestBenchmark.self, NormaliseBenchmark.self, OddPagesBenchmark.self, HTMLBenchmark.self,
            SamenessBenchmark.self,
            SamenessIndexBenchmark.self, LogBenchmark.self, LogReaderBenchmark.self, CompressionBenchmark.self,
            HTTPBenchmark.self, TransfersBenchmark.self,
            IdleBenchmark.self, StartBenchmark.self,
            SourcesBenchmark.self, DispatchBenchmark.self, AnswerAtOnce.self, FeaturesCommand.self, FeedsBenchmark.self,
        ])
}

/// What went wrong while measuring.
struct BenchmarkError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// Prints the result.
func printResult(_ result: JSONValue) { print(String(decoding: result.encoded, as: UTF8.self)) }

extension Double {
    /// Two digits behind the point: figures of a measurement carry no more.
    var rounded2: JSONValue { .number((self * 100).rounded() / 100) }

    /// Three digits, for milliseconds.
    var rounded3: JSONValue { .number((self * 1000).rounded() / 1000) }
}

extension Duration {
    /// In seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

/// A directory that is removed in the end.
struct ScratchDirectory: ~Copyable {
    let path: String

    /// Makes one below `parent`, whose disk is what is measured.
    init(in parent: String) throws {
        var template = Array("\(parent)/millrace-bench-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template), let resolved = realpath(made, nil) else {
            throw BenchmarkError("can't make a directory in \(parent): \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        path = String(cString: resolved)
    }

    deinit { Self.remove(path) }

    static func remove(_ path: String) {
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard name != ".", name != ".." else { continue }
                if entry.pointee.d_type == UInt8(DT_DIR) {
                    remove("\(path)/\(name)")
                } else {
                    unlink("\(path)/\(name)")
                }
            }
            closedir(stream)
        }
        rmdir(path)
    }
}
