import ArgumentParser
import Document
import JSON
import LogRecords
import Normalisation
import WriteAheadLog

/// What zstd in the log gains and costs, with the documents that the normaliser makes of pages.
struct CompressionBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compression", abstract: "Space and processor time of the log, with and without zstd.",
        discussion: """
            Writes the documents of all pages again and again, one or 64 in a batch, and reads them; "cpu" is the processor \
            time of everything that the log does for a MB of records. Then synced appends a second, one document each.
            """)

    @Argument(help: "A directory of pages, feeds and texts, .gz or not.")
    var pages: String
    @Option(help: "Where the logs are made; its disk is part of what is measured.")
    var directory = "."
    @Option(help: "MB of records that are written.")
    var megabytes = 200
    @Option(help: "Seconds for each number of writers.")
    var seconds = 3.0
    @Option(help: "Rounds of appends; without and with zstd take turns, and the medians count.")
    var rounds = 3

    func validate() throws {
        guard megabytes > 0, megabytes <= 1_000_000 else { throw ValidationError("--megabytes is 1 to 1000000") }
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds is more than 0 and at most 3600") }
        guard rounds > 0, rounds <= 100 else { throw ValidationError("--rounds is 1 to 100") }
    }

    func run() async throws {
        let records = try records()
        guard !records.isEmpty else { throw BenchmarkError("\(pages) holds nothing that becomes a document") }
        let scratch = try ScratchDirectory(in: directory)
        var batches: [JSONValue] = []
        for perBatch in [1, 64] {
            for compression in [Compression.none, .zstd] {
                Progress.show("compression: \(compression), \(perBatch) documents in a batch")
                batches.append(try await measure(records, perBatch, compression, in: scratch.path))
            }
        }
        var appends: [JSONValue] = []
        for writers in [1, 16, 64] { appends.append(try await append(records, writers, in: scratch.path)) }
        Progress.clear()
        printResult([
            "benchmark": "compression", "documents": .integer(Int64(records.count)),
            "bytes_per_document": (Double(records.reduce(0) { $0 + $1.count }) / Double(records.count)).rounded2,
            "batches": .array(batches), "appends": .array(appends),
        ])
    }

    /// Document records as the daemon writes them.
    private func records() throws -> [[UInt8]] {
        guard let normaliser = Normaliser() else { throw BenchmarkError("libcrypto offers no SHA-256") }
        var records: [[UInt8]] = []
        for file in try Files.read(pages, limit: .max) {
            Progress.show("compression: \(records.count) documents")
            var input = NormaliserInput(bytes: file.bytes, source: "bench", uri: "file:///\(file.name)")
            input.mediaType = file.mediaType
            let result = normaliser.normalise(input)
            var offset = 0
            for entry in result.documents {
                let record = DocumentRecord(
                    id: entry.id, hash: entry.hash, fingerprint: entry.fingerprint,
                    envelope: DocumentEnvelope(revision: 1), source: "bench")
                var bytes: [UInt8] = []
                result.body.withUnsafeBufferPointer { body in
                    record.append(
                        document: UnsafeBufferPointer(rebasing: body[offset..<offset + entry.length]), to: &bytes)
                }
                offset += entry.length + 1
                records.append(bytes)
            }
        }
        return records
    }

    private func options(_ compression: Compression) -> LogOptions {
        var options = LogOptions()
        options.compression = compression
        return options
    }

    private func measure(
        _ records: [[UInt8]], _ perBatch: Int, _ compression: Compression, in directory: String
    ) async throws -> JSONValue {
        let path = "\(directory)/\(compression)-\(perBatch)"
        var bytes = 0
        let begin = ProcessFigures.own().processor
        do {
            let log = try WriteAheadLog(directory: path, options: options(compression))
            defer { log.close() }
            var last: UInt64 = 0
            var place = 0
            while bytes < megabytes * 1_000_000 {
                await log.room()
                var batch = LogBatch()
                for _ in 0..<perBatch {
                    batch.append(kind: RecordKind.document.rawValue, records[place % records.count])
                    bytes += records[place % records.count].count
                    place += 1
                }
                last = try log.enqueue(batch).upperBound
            }
            try await log.durable(last)
        }
        let written = ProcessFigures.own().processor - begin
        let verification = try LogVerification(directory: path)
        guard verification.faults.isEmpty else { throw BenchmarkError("the log is not sound: \(verification.faults)") }
        let read = ProcessFigures.own().processor - begin - written
        let recorded = Double(bytes) / 1e6
        return [
            "compression": .string("\(compression)"), "documents_per_batch": .integer(Int64(perBatch)),
            "ratio": (Double(bytes) / Double(verification.bytes)).rounded2,
            "write_cpu_milliseconds_per_megabyte": (written * 1000 / recorded).rounded2,
            "read_cpu_milliseconds_per_megabyte": (read * 1000 / recorded).rounded2,
        ]
    }

    private func append(_ records: [[UInt8]], _ writers: Int, in directory: String) async throws -> JSONValue {
        var rates: [Compression: [Double]] = [:]
        for round in 1...rounds {
            for compression in [Compression.none, .zstd] {
                Progress.show("compression: \(writers) writers, round \(round) of \(rounds)")
                let appends = try await MeasuredAppends(
                    of: records, writers: writers, seconds: seconds,
                    directory: "\(directory)/\(compression)-\(writers)-\(round)", options: options(compression))
                rates[compression, default: []].append(appends.rate)
            }
        }
        func median(_ compression: Compression) -> Double {
            let sorted = (rates[compression] ?? []).sorted()
            return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        }
        return [
            "writers": .integer(Int64(writers)), "none_per_second": median(.none).rounded2,
            "zstd_per_second": median(.zstd).rounded2, "zstd_to_none": (median(.zstd) / median(.none)).rounded2,
        ]
    }
}
