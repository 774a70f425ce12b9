import CSpawn
import Glibc
import JSON
import PluginKit
import PluginProtocol

/// Runs the command of a source and takes its standard output as one item, or as records.
struct ExecFetcher: Fetcher {
    func run(_ job: Job) throws -> JobResult {
        let words = (job.settings["command"]?.array ?? []).compactMap(\.string)
        guard let program = words.first else {
            throw FetchError(.configuration, "no command", remedy: "set command = [\"program\", \"argument\"]")
        }
        let output = try Command(words, program: Self.search(program), job: job).run()
        let fingerprint = String(Self.fingerprint(output), radix: 16)
        if job.state["output"]?.string == fingerprint { return JobResult(unchanged: true) }
        let records = job.settings["records"]?.string.flatMap(RecordFraming.init) ?? .whole
        let state: [String: JSONValue] = ["output": .string(fingerprint)]
        if output.isEmpty { return JobResult(state: state, unchanged: true) }
        var number: Int64 = 1
        for piece in Self.pieces(output, records) {
            var description = ItemDescription(
                uri: "exec:\(job.source)",
                mediaType: job.settings["media_type"]?.string ?? (records == .json ? "application/x-ndjson" : nil))
            description.records = records
            description.firstRecord = number
            let end: UInt8 = records == .nul ? 0 : 0x0A
            number += Int64(piece.count { $0 == end }) + (piece.last == end ? 0 : 1)
            try job.emit(description, body: Array(piece))
        }
        try job.drain()
        // Only now: an output that was not taken as a whole comes again.
        return JobResult(state: state)
    }

    /// Cuts records into items of about a mebibyte.
    private static func pieces(_ output: [UInt8], _ records: RecordFraming) -> [ArraySlice<UInt8>] {
        guard records != .whole else { return [output[...]] }
        let end: UInt8 = records == .nul ? 0 : 0x0A
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        while start < output.count {
            let goal = min(start + 1 << 20, output.count)
            let stop = output[(goal - 1)...].firstIndex(of: end).map { $0 + 1 } ?? output.count
            pieces.append(output[start..<stop])
            start = stop
        }
        return pieces
    }

    private static func fingerprint(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func search(_ program: String) -> String {
        if program.contains("/") { return program }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 } ?? program
    }
}
