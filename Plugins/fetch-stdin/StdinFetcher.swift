import Glibc
import JSON
import PluginKit
import PluginProtocol

/// Reads the daemon's standard input, which it has as descriptor 3, and cuts it into records.
///
/// A pipe can't be read twice: what was read and not yet acknowledged goes with this process if it is killed. So no more
/// is read ahead than the window allows, and with `kill -9` of this process at most that much is lost.
struct StdinFetcher: Fetcher {
    private static let descriptor: Int32 = 3
    private static let pieceBytes = 1 << 20

    func run(_ job: Job) throws -> JobResult {
        guard fcntl(Self.descriptor, F_GETFD) >= 0 else {
            throw FetchError(
                .configuration, "the daemon has no standard input", remedy: "start it as 'producer | millraced …'")
        }
        let records = job.settings["records"]?.string.flatMap(RecordFraming.init) ?? .lines
        let mediaType = job.settings["media_type"]?.string ?? (records == .json ? "application/x-ndjson" : nil)
        let first = (job.state["records"]?.integer ?? 0) + 1
        return records == .whole ? try whole(job, mediaType, first) : try stream(job, records, mediaType, first)
    }

    private func description(_ job: Job, _ records: RecordFraming, _ mediaType: String?, _ first: Int64)
        -> ItemDescription
    {
        var description = ItemDescription(uri: "stdin:\(job.source)", mediaType: mediaType)
        description.records = records
        description.firstRecord = first
        return description
    }

    private func whole(_ job: Job, _ mediaType: String?, _ first: Int64) throws -> JobResult {
        var body: [UInt8] = []
        var isTooLarge = false
        while let chunk = try next(job, timeout: -1), !chunk.isEmpty {
            isTooLarge = isTooLarge || body.count + chunk.count > job.maximumItemSize
            if isTooLarge { body = [] } else { body += chunk }
        }
        let state: [String: JSONValue] = ["records": .integer(first)]
        if isTooLarge {
            try job.reject(
                uri: "stdin:\(job.source)",
                reason: "standard input has more than \(job.maximumItemSize) bytes (max_item_size)",
                state: state)
        } else if !body.isEmpty {
            var description = description(job, .whole, mediaType, 1)
            description.key = "\(first)"
            try job.emit(description, body: body, state: state)
        }
        try job.drain()
        return JobResult(unchanged: body.isEmpty)
    }

    private func stream(_ job: Job, _ records: RecordFraming, _ mediaType: String?, _ first: Int64) throws -> JobResult
    {
        let end: UInt8 = records == .nul ? 0 : 0x0A
        let idle = Int32((job.settings["idle"]?.number ?? 0.2) * 1000)
        var record = first
        var buffer: [UInt8] = []
        var searched = 0
        var lastEnd: Int?
        var isSkipping = false
        func send(_ count: Int) throws {
            let piece = Array(buffer[..<count])
            buffer.removeFirst(count)
            searched = buffer.count
            lastEnd = nil
            let from = record
            record += Int64(piece.count { $0 == end }) + (piece.last == end ? 0 : 1)
            try job.emit(
                description(job, records, mediaType, from), body: piece, state: ["records": .integer(record - 1)])
        }
        while true {
            // With whole records at hand it waits only a little for more.
            guard let chunk = try next(job, timeout: lastEnd == nil ? -1 : idle) else {
                if let lastEnd { try send(lastEnd + 1) }
                continue
            }
            if chunk.isEmpty { break }
            buffer += chunk
            if isSkipping {
                guard let over = buffer.firstIndex(of: end) else {
                    buffer = []
                    continue
                }
                buffer.removeFirst(over + 1)
                isSkipping = false
                searched = 0
            }
            if let place = buffer[min(searched, buffer.count)...].lastIndex(of: end) { lastEnd = place }
            searched = buffer.count
            if buffer.count >= Self.pieceBytes, let lastEnd { try send(lastEnd + 1) }
            if buffer.count > job.maximumItemSize {
                try job.reject(
                    uri: "stdin:\(job.source)",
                    reason: "record \(record) has more than \(job.maximumItemSize) bytes (max_item_size)",
                    state: ["records": .integer(record)])
                record += 1
                buffer = []
                searched = 0
                isSkipping = true
            }
        }
        if let lastEnd { try send(lastEnd + 1) }
        if !buffer.isEmpty {
            job.log(
                .notice,
                "standard input ended in the middle of a record; its \(buffer.count) bytes are taken as record \(record)"
            )
            try send(buffer.count)
        }
        try job.drain()
        return JobResult(unchanged: record == first)
    }

    /// The next bytes; empty at the end, nil when none came within `timeout` milliseconds.
    private func next(_ job: Job, timeout: Int32) throws -> [UInt8]? {
        var descriptors = [
            pollfd(fd: job.cancelDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: Self.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            if timeout < 0 { job.watching() }
            let ready = poll(&descriptors, 2, timeout)
            if ready < 0, errno == EINTR { continue }
            if ready == 0 { return nil }
            if descriptors[0].revents != 0 { throw JobCancelled() }
            let chunk = [UInt8](unsafeUninitializedCapacity: 256 << 10) { target, count in
                count = read(Self.descriptor, target.baseAddress, 256 << 10)
                if count < 0 { count = 0 }
            }
            return chunk
        }
    }
}
