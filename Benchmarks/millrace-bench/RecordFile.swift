import Glibc
import JSON

/// A JSON Lines file of records that are all different and the same at every run.
struct RecordFile {
    var records: Int
    /// Bytes of a line, about.
    var recordBytes: Int
    /// The number of the first record.
    var first = 0

    /// Which member of a record fills which field of its document.
    static let mapping =
        #"{ id = "number", title = "heading", authors = "observer", published = "seen_at", text = "story" }"#

    /// Writes it and returns its bytes.
    func write(_ path: String) throws -> Int {
        guard let file = fopen(path, "w") else {
            throw BenchmarkError("can't write \(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(truncatingIfNeeded: state >> 33) % bound
        }
        var bytes = 0
        var line: [UInt8] = []
        for number in first..<first + records {
            line.removeAll(keepingCapacity: true)
            let day = number % 28 + 1
            line += Array(
                """
                {"number":"r-\(number)","heading":"Observation \(number)","observer":"Keeper \(next(40) + 1)",\
                "seen_at":"2026-03-\(day < 10 ? "0" : "")\(day)T08:30:00Z","level":\(next(900)),\
                "tags":["river","lock \(next(12))"],"story":"
                """.utf8)
            let end = max(recordBytes - 3, line.count + 16)
            while line.count < end { line += Self.words[next(Self.words.count)] }
            line += Array("\"}\n".utf8)
            guard fwrite(line, 1, line.count, file) == line.count else { throw BenchmarkError("can't write \(path)") }
            bytes += line.count
        }
        guard fflush(file) == 0 else { throw BenchmarkError("can't write \(path)") }
        return bytes
    }

    private static let words: [[UInt8]] = [
        "water ", "wheel ", "turns ", "under ", "the ", "old ", "bridge ", "and ", "mill ", "grain ", "river ", "lock ",
        "gate ", "of ", "stone ", "in ", "spring ", "when ", "rain ", "fills ", "channel. ", "A ", "keeper ", "writes ",
        "down ", "each ", "level, ", "every ", "morning ", "before ", "boats ", "pass. ", "Überlauf ", "\\\"high\\\" ",
    ].map { Array($0.utf8) }

    /// What a sink's file has of the records.
    struct Found {
        var lines = 0
        /// Distinct ids of documents.
        var identifiers = 0
        /// Records whose heading stands in no document.
        var missing = 0
    }

    /// Looks for each record in the lines of a sink's file.
    func check(_ path: String) throws -> Found {
        guard let file = fopen(path, "r") else { throw BenchmarkError("the sink has made no \(path)") }
        defer { fclose(file) }
        var found = Found()
        var isThere = [Bool](repeating: false, count: records)
        var identifiers: Set<String> = []
        identifiers.reserveCapacity(records)
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while true {
            let length = getline(&line, &capacity, file)
            guard length > 0, let line else { break }
            let document = try JSONValue.parse(
                Array(UnsafeRawBufferPointer(start: line, count: length)))
            found.lines += 1
            if let identifier = document["id"]?.string { identifiers.insert(identifier) }
            if let number = document["title"]?.string?.split(separator: " ").last.flatMap({ Int($0) }),
                isThere.indices.contains(number)
            {
                isThere[number] = true
            }
        }
        found.identifiers = identifiers.count
        found.missing = isThere.count { !$0 }
        return found
    }
}
