import LogRecords
import JSON
import WriteAheadLog

/// Documents as they stand in the log, for lists and for those who follow along.
struct DocumentTail: Sendable {
    let parts: DaemonParts

    /// The whole document at a position, as one line of JSON.
    func line(at position: UInt64) throws -> [UInt8]? {
        try parts.log.record(at: position) { record -> [UInt8]? in
            guard record.kind == RecordKind.document.rawValue else { return nil }
            var line: [UInt8] = []
            DocumentRecord.appendLine(of: record.bytes, position: position, to: &line)
            return line
        } ?? nil
    }

    /// The document without its content, for lists.
    func summary(at position: UInt64) throws -> [UInt8]? {
        guard let line = try line(at: position) else { return nil }
        var writer = JSONWriter(capacity: 512)
        do {
            try line.withUnsafeBufferPointer { bytes throws(JSONError) in
                var reader = JSONReader(bytes)
                writer.beginObject()
                try reader.readObject { name, reader throws(JSONError) in
                    let value = try reader.skipValue()
                    if name == "text" || name == "html" || name == "markdown" || name == "links" { return }
                    writer.key(any: name.text)
                    writer.raw(value)
                }
                writer.endObject()
            }
        } catch {
            return nil
        }
        return writer.bytes
    }

    /// Streams the last documents and, when asked to, each new one.
    func stream(_ request: ControlRequest, _ writer: ResponseWriter) async throws {
        let source = request.query["source"]
        let last = min(max(request.query["last"].flatMap { Int($0) } ?? 10, 0), 10_000)
        let follow = request.query["follow"] == "1"
        let end = parts.log.statistics.durable
        let positions = try await parts.committer.read { try $0.positions(source: source, before: nil, limit: last) }
        try await writer.begin(status: 200, contentType: "application/x-ndjson")
        for position in positions.reversed() where position <= end {
            if let line = try line(at: position) { try await writer.write(line) }
        }
        if follow {
            try await parts.lifecycle.following(parts.log) { follower in
                // A client that went away while nothing was new is noticed, too.
                writer.closed.whenComplete { _ in follower.end() }
                try await self.follow(from: end + 1, source: source, follower, writer)
                try await writer.end()
            }
        } else {
            try await writer.end()
        }
    }

    private func follow(
        from position: UInt64, source: String?, _ follower: LogFollower, _ writer: ResponseWriter
    ) async throws {
        var reader = LogReader(parts.log, from: position)
        while !Task.isCancelled {
            var lines: [UInt8] = []
            while lines.count < 1 << 20,
                try reader.nextBatch({ record in
                    guard record.kind == RecordKind.document.rawValue else { return }
                    if let source, DocumentRecord(record.bytes)?.source != source { return }
                    DocumentRecord.appendLine(of: record.bytes, position: record.position, to: &lines)
                })
            {}
            if lines.isEmpty {
                guard await follower.news() else { return }
            } else {
                try await writer.write(lines)
            }
        }
    }
}
