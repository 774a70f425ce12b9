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
    /// Milliseconds that a whole record waits at most for others: a steady trickle never falls quiet.
    private static let greatestAge = 1000

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
        let idle = Int32(min(max((job.settings["idle"]?.number ?? 0.2) * 1000, 0), 1e6))
        let greatestAge = Duration.milliseconds(max(Self.greatestAge, Int(idle)))
        let pieceBytes = min(Self.pieceBytes, max(job.maximumItemSize, 1))
        var record = first
        var buffer: [UInt8] = []
        /// Where what is not sent yet begins, and where the last whole record of it ends.
        var begin = 0
        var lastEnd: Int?
        var isSkipping = false
        /// Since when a whole record has been waiting.
        var waitingSince: ContinuousClock.Instant?
        func send(upTo stop: Int) throws {
            waitingSince = nil
            let piece = Array(buffer[begin..<stop])
            begin = stop
            let from = record
            record += Int64(piece.count { $0 == end }) + (piece.last == end ? 0 : 1)
            try job.emit(
                description(job, records, mediaType, from), body: piece, state: ["records": .integer(record - 1)])
        }
        func reject() throws {
            try job.reject(
                uri: "stdin:\(job.source)",
                reason: "record \(record) has more than \(job.maximumItemSize) bytes (max_item_size)",
                state: ["records": .integer(record)])
            record += 1
        }
        /// Forgets what was sent.
        func compact() {
            buffer.removeFirst(begin)
            lastEnd = lastEnd.flatMap { $0 >= begin ? $0 - begin : nil }
            begin = 0
        }
        /// Sends pieces of whole records until less than a piece is held; a single record may be longer than a piece.
        func sendPieces() throws {
            while buffer.count - begin >= pieceBytes, let last = lastEnd, last >= begin {
                var stop = last + 1
                let window = begin..<min(begin + pieceBytes, buffer.count)
                if let place = buffer[window].lastIndex(of: end) {
                    stop = place + 1
                } else if let place = buffer[window.upperBound...].firstIndex(of: end) {
                    stop = place + 1
                }
                if stop - begin > job.maximumItemSize {
                    try reject()
                    begin = stop
                } else {
                    try send(upTo: stop)
                }
            }
            compact()
            guard lastEnd == nil, buffer.count > job.maximumItemSize else { return }
            try reject()
            buffer = []
            isSkipping = true
        }
        while true {
            // With whole records at hand it waits only a little for more.
            var timeout: Int32 = -1
            if lastEnd != nil {
                let since = waitingSince ?? .now
                waitingSince = since
                let left = greatestAge - (ContinuousClock.now - since)
                timeout = min(idle, Int32(max(left / .milliseconds(1), 0).rounded(.up)))
            }
            guard timeout != 0, let chunk = try next(job, timeout: timeout) else {
                if let lastEnd { try send(upTo: lastEnd + 1) }
                compact()
                continue
            }
            if chunk.isEmpty { break }
            let searched = buffer.count
            buffer += chunk
            if isSkipping {
                guard let over = buffer.firstIndex(of: end) else {
                    buffer = []
                    continue
                }
                begin = over + 1
                isSkipping = false
            }
            if let place = buffer[max(searched, begin)...].lastIndex(of: end) { lastEnd = place }
            try sendPieces()
        }
        if let lastEnd { try send(upTo: lastEnd + 1) }
        compact()
        if !buffer.isEmpty {
            job.log(
                .notice,
                "standard input ended in the middle of a record; its \(buffer.count) bytes are taken as record \(record)"
            )
            try send(upTo: buffer.count)
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
